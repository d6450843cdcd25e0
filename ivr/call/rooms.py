"""Rooms at work: a tick every 20 ms on an absolute deadline, and the seats through which lines take part.

Each room ticks by itself, so that what breaks in one touches no other; twenty clocks cost no more than one that goes
round (benchmarks/room_delay.py). A tick that comes later than the next one was due is not followed by a burst: the
time it missed is left out, for everybody in the room.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from ivr.call.room import EVERYBODY, Music, Role, Room
from ivr.model.audio import FRAME_SECONDS, AudioFrame

log = structlog.get_logger(__name__)

RESYNC_SECONDS = FRAME_SECONDS
"""A tick this late is not made up for."""

MOST_UNHEARD = 2
"""Frames that wait for a line that does not fetch them; then the oldest goes."""


@dataclass(slots=True)
class Punctuality:
    """How well the ticks of this node come, for /metrics."""

    ticks: int = 0
    late: int = 0
    """Ticks that came so late that the time in between was left out."""

    worst: float = 0.0
    """Seconds, since the last `read_worst`."""

    dropped_frames: int = 0
    """Sound that a line was too slow to fetch."""

    observers: list[Callable[[float], None]] = field(default_factory=list)
    """Told the lateness of every tick, in seconds."""

    def came(self, lateness: float) -> None:
        self.ticks += 1
        self.late += lateness > RESYNC_SECONDS
        self.worst = max(self.worst, lateness)
        for observer in self.observers:
            observer(lateness)

    def read_worst(self) -> float:
        """The worst lateness since this was last asked."""
        worst, self.worst = self.worst, 0.0
        return worst


class RoomSeat:
    """One party's `Seat`."""

    def __init__(self, room: "LiveRoom", name: str, rate: int) -> None:
        self._room, self.name, self.rate = room, name, rate
        self._unheard: deque[AudioFrame] = deque()
        self._more = asyncio.Event()
        self._left = False

    @property
    def is_left(self) -> bool:
        return self._left

    def put(self, frame: AudioFrame) -> None:
        if not self._left:
            self._room.room.put(self.name, frame)

    def sound(self) -> AsyncIterator[AudioFrame]:
        """One reader at a time; a new one begins with what comes now."""
        self._unheard.clear()
        return _Sound(self)

    def leave(self) -> None:
        if not self._left:
            self._left = True
            self._more.set()
            self._room.left(self)

    def hear(self, frame: AudioFrame) -> bool:
        """The tick has something; False: something older had to go."""
        fits = len(self._unheard) < MOST_UNHEARD
        if not fits:
            self._unheard.popleft()
        self._unheard.append(frame)
        self._more.set()
        return fits

    async def next_frame(self) -> AudioFrame:
        while not self._left and not self._unheard:
            self._more.clear()
            await self._more.wait()
        if self._left:
            raise StopAsyncIteration
        return self._unheard.popleft()


class _Sound:
    """What a seat hears. Not a generator: one that a line drops half way would have to be closed."""

    def __init__(self, seat: RoomSeat) -> None:
        self._seat = seat

    def __aiter__(self) -> "_Sound":
        return self

    async def __anext__(self) -> AudioFrame:
        return await self._seat.next_frame()


class LiveRoom:
    """A room that ticks from its first party on until nobody is left. `room` may be set at any time."""

    def __init__(self, music: Music, punctuality: Punctuality) -> None:
        self.room = Room(music)
        self._punctuality = punctuality
        self._seats: dict[str, RoomSeat] = {}
        self._somebody, self._nobody = asyncio.Event(), asyncio.Event()
        self._nobody.set()

    def sit(self, name: str, role: Role, rate: int, audience: frozenset[str] | None = EVERYBODY) -> RoomSeat:
        """Take part, at the rate of the party's line.

        Raises:
            ValueError: somebody here has that name, or 20 ms are no whole number of samples.
        """
        self.room.join(name, role, rate, audience)
        seat = self._seats[name] = RoomSeat(self, name, rate)
        self._somebody.set()
        self._nobody.clear()
        return seat

    def left(self, seat: RoomSeat) -> None:
        self.room.leave(seat.name)
        self._seats.pop(seat.name, None)
        if not self._seats:
            self._somebody.clear()
            self._nobody.set()

    async def empty(self) -> None:
        """Returns when nobody is in the room."""
        await self._nobody.wait()

    def close(self) -> None:
        """Everybody out."""
        for seat in list(self._seats.values()):
            seat.leave()

    def stopped(self, ticking: "asyncio.Task[None]") -> None:
        """A room that broke must not leave people in silence: their sound ends, and so does what they do here."""
        if not ticking.cancelled() and (error := ticking.exception()):
            log.error("a room broke", error=type(error).__name__, exc_info=error)
        self.close()

    def tick(self) -> None:
        for name, frame in self.room.mix().items():
            if not self._seats[name].hear(frame):
                self._punctuality.dropped_frames += 1

    async def run(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        """Tick for ever; only while somebody is here."""
        while True:
            await self._somebody.wait()
            due = now() + FRAME_SECONDS
            while self._seats:
                await sleep(max(0.0, due - now()))
                late = now() - due
                self._punctuality.came(late)
                due += FRAME_SECONDS
                if late > RESYNC_SECONDS:
                    self.room.catch_up()
                    due = now() + FRAME_SECONDS
                self.tick()


class Rooms:
    """All rooms of this node."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._now, self._sleep = now, sleep
        self.punctuality = Punctuality()
        self.live = 0
        """How many rooms are open."""

    @asynccontextmanager
    async def open(self, music: Music) -> AsyncIterator[LiveRoom]:
        """A room for as long as the block lasts; whoever still sits in it then must leave."""
        room = LiveRoom(music, self.punctuality)
        ticking = asyncio.create_task(room.run(self._now, self._sleep), name="room")
        ticking.add_done_callback(room.stopped)
        self.live += 1
        try:
            yield room
        finally:
            self.live -= 1
            room.close()
            ticking.cancel()
            await asyncio.wait({ticking})
