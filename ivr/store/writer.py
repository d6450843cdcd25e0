"""The one task that writes: it gathers what waits into one transaction, and waits out a database that is away.

Writing in one place keeps the order of a call (its row, its events, its end) and shares the cost of each commit
among all calls. Nothing here ends a call: what cannot be written is logged, counted and let go.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from ivr.model.errors import StoreError
from ivr.store.writes import Happened, Write

MOST_EVENTS_WAITING = 1_000
"""Journal entries that may wait to be written (architecture.md §5)."""

MOST_WAITING = 10_000
"""Everything that may wait: hours of calls while the database is away, and still bounded memory."""

LARGEST_BATCH = 500
LINGER_SECONDS = 0.2
"""How long events wait for company where nobody waits for them: the most of a journal that a crash can cost."""

FIRST_RETRY_SECONDS = 0.05
LONGEST_RETRY_SECONDS = 2.0

FAULTS = (
    SQLAlchemyError, OSError, TimeoutError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError,
    ValueError, StoreError,
)  # fmt: skip
"""What a write can fail with. A record with a defect (a time without zone, say) must not stop the writer for all."""

Sink = Callable[[Sequence[Write]], Awaitable[None]]
Trouble = Callable[[str], None]
"""Told of each failure by kind: journal_full, queue_full, closed, unavailable, refused, slow, lost_at_close."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    write: Write
    done: asyncio.Future[bool] | None
    """Told True when it is on disk, False when it never will be."""


class Writer:
    """Queue and task. `start` once, then `put` and `settle`, at the end `close`."""

    def __init__(self, sink: Sink, on_trouble: Trouble, retry_seconds: float = FIRST_RETRY_SECONDS) -> None:
        self._sink = sink
        self._on_trouble = on_trouble
        self._retry_seconds = retry_seconds
        self._waiting: deque[_Waiting] = deque()
        self._events_waiting = 0
        self._is_full = False
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="store writer")

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, write: Write) -> bool:
        """Queue it and do not wait. False: no room, it is lost (logged once per spell, counted each time)."""
        return self._queue(_Waiting(write, None))

    async def settle(self, write: Write, timeout_seconds: float) -> bool:
        """Queue it and wait until it is on disk. False: it is not yet, or never will be; the call goes on."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self._queue(_Waiting(write, done)):
            return False
        finished, _ = await asyncio.wait({done}, timeout=timeout_seconds)
        if finished:
            return done.result()
        self._trouble("slow", what=type(write).__name__)
        return False

    async def close(self, timeout_seconds: float) -> None:
        """Write what waits, within the time."""
        self._closing = True
        self._wake.set()
        self._hurry.set()
        if self._task is None:
            return
        _, unfinished = await asyncio.wait({self._task}, timeout=timeout_seconds)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        if self._waiting:
            self._trouble("lost_at_close", lost=len(self._waiting))
            self._finish(list(self._waiting), written=False)
            self._waiting.clear()

    def _queue(self, waiting: _Waiting) -> bool:
        is_event = isinstance(waiting.write, Happened)
        if self._closing or len(self._waiting) >= MOST_WAITING:
            self._on_trouble("closed" if self._closing else "queue_full")
            return False
        if is_event and self._events_waiting >= MOST_EVENTS_WAITING:
            self._on_trouble("journal_full")
            if not self._is_full:
                log.warning("journal_full", waiting=self._events_waiting)
            self._is_full = True
            return False
        self._events_waiting += is_event
        self._waiting.append(waiting)
        self._wake.set()
        if waiting.done is not None:
            self._hurry.set()
        return True

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            await self._gather()
            # Left in the queue until written, so that a close that gives up knows what it loses.
            batch = [self._waiting[index] for index in range(min(len(self._waiting), LARGEST_BATCH))]
            if len(batch) == len(self._waiting) and not self._closing:
                self._hurry.clear()
            await self._write(batch)
            for _ in batch:
                self._events_waiting -= isinstance(self._waiting.popleft().write, Happened)
            self._is_full = self._is_full and bool(self._waiting)

    async def _gather(self) -> None:
        """Wait for something to write, then a moment for more, unless somebody waits for it."""
        if not self._waiting:
            self._wake.clear()
            await self._wake.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await self._hurry.wait()

    async def _write(self, batch: list[_Waiting]) -> None:
        """Until it is on disk; a write that the database refuses for itself is let go, the others are kept."""
        delay = self._retry_seconds
        while batch:
            try:
                await self._sink([waiting.write for waiting in batch])
            except FAULTS as error:
                if not _may_pass(error):
                    await self._write_apart(batch, error)
                    return
                self._trouble("unavailable", error=type(error).__name__, waiting=len(self._waiting))
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_RETRY_SECONDS)
            else:
                self._finish(batch, written=True)
                return

    async def _write_apart(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) == 1:
            self._trouble("refused", error=type(error).__name__, what=type(batch[0].write).__name__)
            self._finish(batch, written=False)
            return
        half = len(batch) // 2
        await self._write(batch[:half])
        await self._write(batch[half:])

    def _finish(self, batch: Sequence[_Waiting], *, written: bool) -> None:
        for waiting in batch:
            if waiting.done is not None and not waiting.done.done():
                waiting.done.set_result(written)

    def _trouble(self, kind: str, **fields: object) -> None:
        self._on_trouble(kind)
        log.warning("store_trouble", kind=kind, **fields)


PASSING = ("08", "40", "53", "57", "58", "25006", "55P03")
"""SQLSTATEs (by their beginning) of a PostgreSQL that cannot just now: unreachable, deadlock, out of room or
connections, stopping or starting, trouble with its disk, only readable (a standby before it takes over), locked. The
driver gives most of them no class of their own."""


def _may_pass(error: Exception) -> bool:
    """Busy, full, restarting or unreachable: the same write may succeed later."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(PASSING):
            return True
    return isinstance(error, OperationalError | InterfaceError | OSError | TimeoutError)
