"""One person's line in a room: an agent or a supervisor, on any kind of line.

What they say goes to their seat, what the seat hears is played to them, their keys go to who asked for them. It is
over when the line or the seat is; then both are.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ivr.call.leg_workers import Listener, safely
from ivr.call.rooms import RoomSeat
from ivr.model.audio import LIVE, AudioFrame
from ivr.model.events import AgentSaid, CallerHungUp, DigitPressed
from ivr.model.ports import Ears, Line

ENDING_SECONDS = 1.0
"""A line that has stopped playing has so long to say that it is gone."""


@dataclass(frozen=True, slots=True)
class LegEnded:
    by: Literal["line", "room"]
    """Who left first: the person (or their line), or the room let them go."""

    reason: str = ""
    """For `line`, as in `CallerHungUp`: caller (they hung up), network (the line died), provider, system."""


class AgentLeg:
    """The line belongs to the leg from here on: it is hung up when the leg ends."""

    def __init__(
        self,
        line: Line,
        seat: RoomSeat,
        *,
        ears: Ears | None = None,
        said: Callable[[AgentSaid], None] = lambda words: None,
        pressed: Callable[[str], None] = lambda digit: None,
    ) -> None:
        self.line, self.seat = line, seat
        self._pressed = pressed
        self._listener = Listener(ears, line, said) if ears else None
        self._reason = ""

    async def run(self) -> LegEnded:
        """Hold the line in the room until either is gone. Cancelling it hangs up."""
        receiving = asyncio.create_task(safely(self._receive(), "receiving"))
        playing = asyncio.create_task(safely(self.line.play(LIVE, self.seat.sound()), "playing"))
        work: set[asyncio.Task[bool]] = {receiving, playing}
        if self._listener:
            work.add(asyncio.create_task(safely(self._listener.run(), "listening")))
        try:
            await asyncio.wait({receiving, playing}, return_when=asyncio.FIRST_COMPLETED)
            by: Literal["line", "room"] = "room" if self.seat.is_left and not self._reason else "line"
            if by == "line":
                await asyncio.wait({receiving}, timeout=ENDING_SECONDS)
        finally:
            self.seat.leave()
            await safely(self.line.hang_up(), "hanging up")
            for task in work:
                task.cancel()
            await asyncio.wait(work)
        return LegEnded(by, (self._reason or "network") if by == "line" else "")

    async def _receive(self) -> None:
        async for item in self.line.incoming():
            match item:
                case AudioFrame():
                    self.seat.put(item)
                    if self._listener:
                        self._listener.put(item)
                case DigitPressed(digit=digit):
                    self._pressed(digit)
                case CallerHungUp(reason=reason):
                    self._reason = reason
