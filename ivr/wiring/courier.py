"""Takes to other systems what was written down for them, signed, again and again until they take it.

At least once: a crash between sending and noting that it was taken sends it twice, under the same id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import httpx
import structlog

from ivr.model.errors import StoreError
from ivr.model.webhooks import MOST_ATTEMPTS, Delivery, pause_after, signature_header

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
"""So long one server keeps a delivery for itself; after a crash in the middle another one sends it again."""

LOOK_SECONDS = 2.0
MOST_AT_ONCE = 50


class Shelf(Protocol):
    """Where deliveries wait. Every method raises `StoreError` where the database is away. Times: seconds since 1970."""

    async def due(self, now: float, most: int) -> Sequence[Delivery]: ...

    async def take(self, one: Delivery, until: float) -> bool:
        """Nobody else sends it until then. False: somebody else has taken it already."""

    async def postpone(self, one: Delivery, trouble: str, due_at: float) -> None: ...

    async def delivered(self, one: Delivery, at: float) -> None: ...

    async def give_up(self, one: Delivery, trouble: str) -> None: ...


@dataclass(slots=True)
class Courier:
    shelf: Shelf
    secret: str
    client: httpx.AsyncClient
    now: Callable[[], float]
    """Seconds since 1970 UTC."""

    more: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by who has put something on the shelf."""

    async def run(self, first: Callable[[], Awaitable[None]] | None = None) -> None:
        """Until cancelled.

        Args:
            first: done each time before what is due is sent.
        """
        while True:
            try:
                if first:
                    await first()
                full = await self.send_due() >= MOST_AT_ONCE
            except StoreError as error:
                log.warning("what is to be sent waits for the database", code=error.code)
                full = False
            if not full:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self.more.wait()
            self.more.clear()

    async def send_due(self) -> int:
        """How many there were."""
        due = await self.shelf.due(self.now(), MOST_AT_ONCE)
        await asyncio.gather(*(self._send(one) for one in due))
        return len(due)

    async def _send(self, one: Delivery) -> None:
        if not await self.shelf.take(one, self.now() + LEASE_SECONDS):
            return
        if not (trouble := await self._post(one)):
            return await self.shelf.delivered(one, self.now())
        attempts = one.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            log.error("a delivery is given up", delivery=one.delivery_id, trouble=trouble)
            return await self.shelf.give_up(one, trouble)
        log.warning("a delivery was not taken", delivery=one.delivery_id, attempts=attempts, trouble=trouble)
        await self.shelf.postpone(one, trouble, self.now() + pause_after(attempts))

    async def _post(self, one: Delivery) -> str:
        """What went wrong; empty: it was taken (2xx)."""
        headers = {
            "Content-Type": "application/json", "X-Ivr-Delivery": one.delivery_id,
            "X-Ivr-Signature": signature_header(self.secret, int(self.now()), one.body),
        }  # fmt: skip
        try:
            answer = await self.client.post(one.url, content=one.body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return "" if answer.is_success else f"status {answer.status_code}"
