"""A queue and a room, small enough to read in one go: for calls that wait for people."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from ivr.call.live import Surroundings
from ivr.model.audio import AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.events import QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import Guest
from tests.call.fakes import FRAME, Memory, ToneVoice, around


@dataclass
class OneSeat:
    """A place at the table: `heard` is what the caller said there."""

    heard: list[AudioFrame] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    sounds: int = 0

    def put(self, frame: AudioFrame) -> None:
        self.heard.append(frame)

    async def sound(self) -> AsyncIterator[AudioFrame]:
        while not self.left.is_set():
            self.sounds += 1
            yield FRAME
            await asyncio.sleep(0)

    def leave(self) -> None:
        self.left.set()


@dataclass
class OneQueue:
    """A switchboard that a test steers: `joined` when somebody waits, then `end` it."""

    guest: Guest | None = None
    given: Handoff | None = None
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    left: list[tuple[str, str]] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    breaks: bool = False
    _ended: asyncio.Queue[QueueLeft] = field(default_factory=asyncio.Queue)

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        if self.breaks:
            raise ZeroDivisionError("a bug in the switchboard")
        self.guest, self.given = guest, guest.handoff(request)
        self.joined.set()
        try:
            return await self._ended.get()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        self.left.append((outcome, number))
        if self.breaks:
            raise ZeroDivisionError("a bug in the switchboard")
        self.end(QueueLeft(outcome))

    def end(self, left: QueueLeft) -> None:
        self._ended.put_nowait(left)


@dataclass
class Tune:
    """Hold audio that remembers from where on it was played."""

    began: list[float] = field(default_factory=list)
    playing: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self, rate: int, at_seconds: float = 0.0) -> AsyncIterator[AudioFrame]:
        self.began.append(at_seconds)
        while True:
            yield FRAME
            self.playing.set()


def with_queue(queue: OneQueue, voice: ToneVoice, store: Memory, tune: Tune | None = None) -> Surroundings:
    return replace(around(voice, store), switchboard=queue, hold=tune or Tune())
