"""Which of several servers on one database dispatches: one at a time; another takes over when it is gone.

The lead is a lock of the database that dies with its owner. Who stands by looks every second whether it is free, then
takes up agents, callbacks and kept places as after a restart. Whoever stops frees it only when all of that is written
down: with the store. While the database is away nobody can take the lead, and
who has it goes on dispatching.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ivr.model.commands import JoinQueue
from ivr.model.errors import StoreError
from ivr.model.events import QueueLeft
from ivr.model.ports import Guest
from ivr.routing.centre import Centre
from ivr.routing.dispatcher import Dispatcher

LOOK_SECONDS = 1.0
WAIT_FOR_LEAD_SECONDS = 15.0
"""A caller who asks for a queue here while another server dispatches is kept so long: it may just have died."""

log = structlog.get_logger(__name__)


class Lock(Protocol):
    """`ivr.store.locks.DatabaseLock` is it."""

    async def try_acquire(self) -> bool: ...

    async def is_held(self) -> bool: ...


@dataclass(slots=True)
class Lead:
    """This server's part in it. Implements `ivr.model.ports.Switchboard` for the calls of this server."""

    dispatcher: Dispatcher
    centre: Callable[[], Centre]
    """A fresh one."""

    take_up: Callable[[], Awaitable[None]]
    """Agents, their day, callbacks and places, out of the database into the dispatcher; raises StoreError."""

    lock: Lock | None = None
    """None: there is only this server."""

    look_seconds: float = LOOK_SECONDS
    wait_seconds: float = WAIT_FOR_LEAD_SECONDS
    ours: asyncio.Event = field(default_factory=asyncio.Event)
    _coming: dict[str, "asyncio.Task[bool]"] = field(default_factory=dict)

    async def begin(self) -> None:
        """Take the lead if it is free, else stand by.

        Raises:
            StoreError: the database is away.
        """
        if await self._is_free():
            await self._take()
        else:
            self.dispatcher.stands_by = True
            log.warning("another server dispatches the queues; this one stands by")

    async def run(self) -> None:
        """Take the lead when it is free, and notice when it was lost. Until cancelled."""
        while self.lock:
            await asyncio.sleep(self.look_seconds)
            try:
                await self._look(self.lock)
            except Exception as error:
                # Whoever had the lead keeps it, whoever had not tries again.
                log.warning("the lead of the queues cannot be looked at", leads=self.ours.is_set(),
                            exc_info=error)  # fmt: skip

    async def _look(self, lock: Lock) -> None:
        if self.ours.is_set():
            if not await lock.is_held() and not await lock.try_acquire():
                self.ours.clear()
                log.error("another server has taken the lead of the queues; this one stands by")
                self.dispatcher.stand_by(self.centre())
        elif await lock.is_held() or await lock.try_acquire():
            await self._take()
            log.warning("this server dispatches the queues from now on")

    async def _take(self) -> None:
        self.dispatcher.stands_by = False
        try:
            await self.take_up()
        except StoreError:
            self.dispatcher.stands_by = True
            raise
        self.ours.set()

    async def _is_free(self) -> bool:
        try:
            return self.lock is None or await self.lock.try_acquire()
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the lead of the queues cannot be looked at ({type(error).__name__})") from error

    # -- for calls, and for who asks how it is

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        if not self.ours.is_set() and not await self._wait_for_it(call_id):
            return QueueLeft("closed")
        return await self.dispatcher.join(call_id, request, guest)

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        if waiting := self._coming.get(call_id):
            waiting.cancel()
        else:
            await self.dispatcher.leave(call_id, outcome, number)

    async def _wait_for_it(self, call_id: str) -> bool:
        waiting = self._coming[call_id] = asyncio.create_task(self.ours.wait())
        try:
            done, _ = await asyncio.wait({waiting}, timeout=self.wait_seconds)
            return bool(done) and not waiting.cancelled()
        finally:
            del self._coming[call_id]
            waiting.cancel()

    async def ready(self) -> str:
        """Empty, or why no call that may need a person should come here: for /readyz."""
        return "" if self.ours.is_set() else "another server dispatches the queues; this one takes over if it goes"
