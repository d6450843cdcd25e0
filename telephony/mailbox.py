"""What a line has for its call, in order: sound is bounded, everything else is not.

A key, a mark or the end of the call must never be lost, and there are few of them; sound that nobody fetched for
five seconds is worthless.
"""

import asyncio
from collections.abc import AsyncIterator

from ivr.model.audio import AudioFrame
from ivr.model.events import CallerHungUp, CallEvent

MOST_FRAMES = 250
"""5 s of 20 ms frames; then the newest are dropped and counted."""


class Mailbox:
    """Many may put, one may get."""

    def __init__(self) -> None:
        self.dropped_frames = 0
        self._items: asyncio.Queue[AudioFrame | CallEvent] = asyncio.Queue()
        self._frames = 0
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """The last event, `CallerHungUp`, was put."""
        return self._closed

    def put(self, item: AudioFrame | CallEvent) -> None:
        """Never waits. After `CallerHungUp` nothing is taken any more."""
        if self._closed:
            return
        if isinstance(item, AudioFrame):
            if self._frames >= MOST_FRAMES:
                self.dropped_frames += 1
                return
            self._frames += 1
        self._closed = isinstance(item, CallerHungUp)
        self._items.put_nowait(item)

    async def items(self) -> AsyncIterator[AudioFrame | CallEvent]:
        """Everything to the end of the call: what `Line.incoming` gives."""
        while True:
            item = await self.get()
            yield item
            if isinstance(item, CallerHungUp):
                return

    async def get(self) -> AudioFrame | CallEvent:
        item = await self._items.get()
        if isinstance(item, AudioFrame):
            self._frames -= 1
        return item
