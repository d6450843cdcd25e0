"""`GET /api/live`: who is on the line and what is said, as server-sent events, for the demo and the console.

Each watcher has a bounded queue: one that reads too slowly misses events and is told so; a call never waits for it.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from ivr.model.errors import StoreError
from ivr.web.security import Audit, Door, Reader, note_look

MOST_WAITING = 256
"""Events that may wait for one watcher."""

MOST_WATCHERS = 50
HEARTBEAT_SECONDS = 15.0
"""Proxies close a connection on which nothing moves; many do after 30 to 60 s."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One thing to show. Kinds: began, heard, said, key, step, ended, missed."""

    kind: str
    call_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def as_sse(self) -> str:
        content = json.dumps({"call_id": self.call_id, **self.fields})
        return f"event: {self.kind}\ndata: {content}\n\n"


class _Watcher:
    """The events waiting for one watcher; full: the oldest goes and is counted."""

    def __init__(self, start: list[LiveEvent]) -> None:
        self.waiting = deque(start)
        self.missed = 0
        self.wake = asyncio.Event()
        self.closed = False

    def push(self, event: LiveEvent) -> bool:
        """False: an older event had to go for it."""
        has_room = len(self.waiting) < MOST_WAITING
        if not has_room:
            self.waiting.popleft()
            self.missed += 1
        self.waiting.append(event)
        self.wake.set()
        return has_room

    def take(self) -> list[LiveEvent]:
        missed = [LiveEvent("missed", "", {"events": self.missed})] if self.missed else []
        found = missed + list(self.waiting)
        self.waiting.clear()
        self.missed = 0
        self.wake.clear()
        return found


class LiveCalls:
    """The calls on the line now, and everybody who watches them. For one event loop."""

    def __init__(self, on_missed: Callable[[], None] = lambda: None) -> None:
        self._calls: dict[str, LiveEvent] = {}
        self._watchers: set[_Watcher] = set()
        self._on_missed = on_missed
        self._closed = False
        self.on_change: Callable[[], None] = lambda: None
        """Called when a call begins or ends; must not wait and must not raise."""

    @property
    def on_the_line(self) -> int:
        return len(self._calls)

    def make_sure_of_room(self) -> None:
        """Raises `StoreError` where no further watcher fits; ask before the answer has begun."""
        if len(self._watchers) >= MOST_WATCHERS:
            raise StoreError(f"{MOST_WATCHERS} people watch live calls already; close one")

    def began(self, call_id: str, **fields: Any) -> None:
        """A call was answered: caller, called, flow, language … A watcher who comes later sees it too."""
        self._calls[call_id] = LiveEvent("began", call_id, fields)
        self._tell(self._calls[call_id])
        self.on_change()

    def happened(self, kind: str, call_id: str, **fields: Any) -> None:
        """heard, said, key or step: text, at (seconds since the answer), latency …"""
        self._tell(LiveEvent(kind, call_id, fields))

    def ended(self, call_id: str, **fields: Any) -> None:
        self._calls.pop(call_id, None)
        self._tell(LiveEvent("ended", call_id, fields))
        self.on_change()

    def close(self) -> None:
        """Let every watcher go; call it when the server begins to stop, or their connections keep it up."""
        self._closed = True
        for watcher in self._watchers:
            watcher.closed = True
            watcher.wake.set()

    async def watch(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> AsyncIterator[LiveEvent | None]:
        """The calls on the line, then every event; None where nothing happened for `heartbeat_seconds`.

        Raises:
            StoreError: too many watch already.
        """
        self.make_sure_of_room()
        watcher = _Watcher(list(self._calls.values()))
        watcher.closed = self._closed
        self._watchers.add(watcher)
        try:
            while True:
                for event in watcher.take():
                    yield event
                if watcher.closed and not watcher.waiting:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(watcher.wake.wait(), heartbeat_seconds)
                if not watcher.wake.is_set():
                    yield None
        finally:
            self._watchers.discard(watcher)

    def _tell(self, event: LiveEvent) -> None:
        for watcher in self._watchers:
            if not watcher.push(event):
                self._on_missed()


def live_router(live: LiveCalls, audit: Audit, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api/live", tags=["live"])

    @router.get("", response_class=StreamingResponse)
    async def watch_calls(reader: Annotated[Reader, Depends(door.may("live.watch"))]) -> StreamingResponse:
        live.make_sure_of_room()
        await note_look(audit, reader, "live.watch", "")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_stream(live), media_type="text/event-stream", headers=headers)

    return router


async def _stream(live: LiveCalls) -> AsyncIterator[str]:
    yield ": live calls\n\n"
    async for event in live.watch():
        yield event.as_sse() if event else ": still here\n\n"
