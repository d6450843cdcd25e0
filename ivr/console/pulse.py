"""Tells open pages that something has changed, so that they show it at once instead of asking again and again."""

import asyncio
from contextlib import suppress


class Pulse:
    """For one event loop. `beat` costs nothing and never waits; whoever is slow sees the latest only."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def beat(self) -> None:
        """Something has changed."""
        for each in self._waiting:
            each.set()

    def listen(self) -> asyncio.Event:
        """Set with each beat until `forget`; whoever listens clears it."""
        heard = asyncio.Event()
        self._waiting.add(heard)
        return heard

    def forget(self, heard: asyncio.Event) -> None:
        self._waiting.discard(heard)


async def next_beat(heard: asyncio.Event, longest_seconds: float) -> None:
    """Return with the next beat, or after so many seconds without one."""
    with suppress(TimeoutError):
        await asyncio.wait_for(heard.wait(), longest_seconds)
    heard.clear()
