"""Forgetting a caller everywhere at once: what would still call them is withdrawn on whichever server it waits, what is
written is erased, and of who is on the line just now the rest goes when that is over.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from ivr.campaigns import deciding
from ivr.model.errors import StoreError
from ivr.model.ports import Clock
from ivr.routing.dispatcher import Dispatcher
from ivr.store.calls import SqlCallStore
from ivr.store.erasure import Erasures, Wanted

LOOK_SECONDS = 2.0
OVERLAP = timedelta(minutes=2)
"""Clocks of servers differ, and a transaction is seen only when it is done."""

REASON = "erased"
"""Why a case of a campaign was cancelled."""

log = structlog.get_logger(__name__)

Cancel = Callable[[str, str], Awaitable[object]]
"""A case of a campaign, and why: nobody is called for it any more."""


@dataclass(slots=True)
class Forgetting:
    """Implements `ivr.web.erasures.Eraser`."""

    erasures: Erasures
    dispatcher: Dispatcher
    cancel: Cancel
    clock: Clock
    _seen: frozenset[str] = frozenset()
    _looked: datetime | None = field(default=None)

    async def erase(self, wanted: Wanted) -> Mapping[str, Any]:
        """First what would call them, so that nothing is written of it any more while the rest goes.

        Raises:
            StoreError: the database is away, or a file cannot be deleted; nothing is erased, and it can be asked again.
        """
        if not await self.erasures.is_held(wanted):
            withdrawn = await self.dispatcher.forget_callers(lambda number: number == wanted.number)
            for case_id in await self.erasures.open_cases(wanted):
                await self.cancel(case_id, REASON)
                withdrawn += 1
            wanted = replace(wanted, withdrawn=withdrawn)
        return await self.erasures.erase(wanted)

    async def certificate(self, erasure_id: str) -> Mapping[str, Any]:
        return await self.erasures.certificate(erasure_id)

    async def look(self) -> None:
        """What other servers erased is withdrawn here, and what was not over and now is, is erased.

        Raises:
            StoreError: the database is away; the next look finds it.
        """
        now = self.clock.utc()
        found = await self.erasures.since((self._looked or now) - OVERLAP)
        theirs = {found[one] for one in found.keys() - self._seen}
        if theirs:
            await self.dispatcher.forget_callers(
                lambda number: bool(number) and self.erasures.subject_hash(number) in theirs
            )
        self._looked, self._seen = now, frozenset(found)
        await self.erasures.finish_due()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("erasures cannot be looked at just now", code=error.code)
            await asyncio.sleep(LOOK_SECONDS)


def cancel_in(store: SqlCallStore, clock: Clock) -> Cancel:
    """For a server that runs no campaigns; the one that does finds the case settled when its turn comes."""

    book = store.campaign_book

    async def cancel(case_id: str, reason: str) -> object:
        return await book.change(case_id, partial(deciding.cancelled, reason, clock.utc()))

    return cancel


@asynccontextmanager
async def forgetting(work: Forgetting) -> AsyncIterator[Forgetting]:
    """At work while the block runs."""
    looking = asyncio.create_task(work.run(), name="forgetting")
    try:
        yield work
    finally:
        looking.cancel()
        await asyncio.wait({looking})
