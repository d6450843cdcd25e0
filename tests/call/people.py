"""Lines, guests and clocks for rooms: small, scripted, and in step with each other."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from ivr.call.room import Music
from ivr.model.audio import QUIETEST_DBFS, AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.errors import VoiceError
from ivr.model.events import CallerHungUp, CallEvent
from ivr.model.people import Handoff
from ivr.model.ports import Seat, Tap


def frame(value: int, rate: int = 8000) -> AudioFrame:
    return AudioFrame(np.full(rate // 50, value, "<i2").tobytes(), rate)


class Flat:
    """Music of one value."""

    def __init__(self, value: int = 77) -> None:
        self.value = value

    def frame(self, rate: int, index: int) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        return np.full(rate // 50, self.value, np.int16)


MUSIC: Music = Flat()


class FastClock:
    """Time that passes only when somebody sleeps; `stalls` makes single sleeps longer."""

    def __init__(self, *stalls: float) -> None:
        self.time = 0.0
        self.stalls = list(stalls)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds + (self.stalls.pop(0) if self.stalls else 0.0)
        for _ in range(4):  # whoever waits for this tick comes first
            await asyncio.sleep(0)


class PersonLine:
    """A line whose person says the same sample all the time; `heard` is what they hear, one value a frame."""

    def __init__(self, value: int, rate: int = 8000) -> None:
        self.rate, self.value = rate, value
        self.heard: list[int] = []
        self.hung_up = 0
        self.breaks = False
        self.items: asyncio.Queue[AudioFrame | CallEvent] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()

    async def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        while True:
            item = await self.items.get()
            yield item
            if isinstance(item, CallerHungUp):
                return

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        async for each in audio:
            if self._gone.is_set() or self.breaks:
                break
            assert each.rate == self.rate
            self.heard.append(int(each.samples[-1]))
            self._changed.set()
            self.items.put_nowait(frame(self.value, self.rate))
        if self.breaks:
            raise RuntimeError("a bug in a line")

    async def hears(self, value: int) -> None:
        """Wait for it."""
        async with asyncio.timeout(60):
            while not self.heard or self.heard[-1] != value:
                self._changed.clear()
                await self._changed.wait()

    def leaves(self, reason: str = "caller") -> None:
        if not self._gone.is_set():
            self._gone.set()
            self.items.put_nowait(CallerHungUp(reason))

    async def hang_up(self) -> None:
        self.hung_up += 1
        self.leaves("system")

    async def stop_playing(self) -> None:
        raise AssertionError

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        raise AssertionError

    def level_heard(self) -> float:
        return QUIETEST_DBFS

    async def send_digits(self, digits: str) -> None:
        raise AssertionError

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        raise AssertionError


class SeatedGuest:
    """A caller on a `PersonLine`."""

    call_id = "c1"

    def __init__(self, line: PersonLine) -> None:
        self.line = line
        self.told: list[CallEvent] = []

    @property
    def rate(self) -> int:
        return self.line.rate

    def handoff(self, request: JoinQueue) -> Handoff:
        raise AssertionError

    def tell(self, event: CallEvent) -> None:
        self.told.append(event)

    async def sit(self, seat: Seat) -> None:
        async def said() -> None:
            async for item in self.line.incoming():
                if isinstance(item, AudioFrame):
                    seat.put(item)
                else:
                    seat.leave()

        speaking = asyncio.create_task(said())
        try:
            await self.line.play(-1, seat.sound())
        finally:
            speaking.cancel()


class SteadyVoice:
    """Says one second of one value; `broken` cannot."""

    name = "steady"

    def __init__(self, value: int = 5000, seconds: float = 1.0, broken: bool = False) -> None:
        self.value, self.seconds, self.broken = value, seconds, broken
        self.said: list[str] = []

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        self.said.append(text)
        if self.broken:
            raise VoiceError("no voice")
        for _ in range(round(self.seconds * 50)):
            yield frame(self.value, rate)

    async def close(self) -> None:
        raise AssertionError
