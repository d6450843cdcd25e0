"""The world round a call, small enough to read in one go."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.call.live import Surroundings
from ivr.call.liveness import Patience
from ivr.model.audio import QUIETEST_DBFS, AudioFrame, silence
from ivr.model.calls import CallRecord, JournalEntry, Message
from ivr.model.commands import Fetch, JoinQueue
from ivr.model.errors import LineError, StoreError, VoiceError
from ivr.model.events import (
    CallerHungUp,
    CallEvent,
    Fetched,
    Heard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    TurnTimes,
)
from ivr.model.meaning import Expect
from ivr.model.ports import Guest, Tap
from tests.call.dialogues import meaning

FRAME = AudioFrame(silence(0.02, 8000), 8000)


class NobodyThere:
    """Every queue is closed: the flow then takes its `closed` path, usually a transfer to an outside number."""

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        return QueueLeft("closed")

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        """Nobody waits here."""


class Clock:
    def now(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)


class ScriptLine:
    """Plays at once; `far` is what the far end does, in order. Each entry waits until so many utterances played."""

    rate = 8000

    def __init__(
        self,
        *,
        takes_transfers: bool = False,
        breaks: bool = False,
        deaf_to_hang_up: bool = False,
        plays_for_ever: bool = False,
    ) -> None:
        self._playing: list[int] = []
        self._for_ever = plays_for_ever
        self.arrivals: asyncio.Queue[AudioFrame | CallEvent | None] = asyncio.Queue()
        self.played: asyncio.Queue[int] = asyncio.Queue()
        self.hung_up = self.stopped = 0
        self.transfers: list[str] = []
        self._takes, self._breaks, self._deaf = takes_transfers, breaks, deaf_to_hang_up

    async def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        while (item := await self.arrivals.get()) is not None:
            yield item
            if isinstance(item, CallerHungUp):
                return
        if self._breaks:
            raise LineError("the socket died in an odd way")
        yield CallerHungUp("network")

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        self.arrivals.put_nowait(PlaybackStarted(utterance))
        if self._for_ever:
            self._playing.append(utterance)
            self.played.put_nowait(utterance)
            return
        try:
            async for _ in audio:
                pass
        finally:
            self.arrivals.put_nowait(PlaybackFinished(utterance))
            self.played.put_nowait(utterance)

    async def stop_playing(self) -> None:
        self.stopped += 1
        for utterance in self._playing:
            self.arrivals.put_nowait(PlaybackFinished(utterance, interrupted=True))
        self._playing.clear()

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        if tap:
            tap.caller_said(offset_seconds, FRAME)

    def level_heard(self) -> float:
        return QUIETEST_DBFS

    async def send_digits(self, digits: str) -> None:
        raise AssertionError(digits)

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        self.transfers.append(target)
        if self._takes:
            self.arrivals.put_nowait(CallerHungUp("system"))
        return self._takes

    async def hang_up(self) -> None:
        self.hung_up += 1
        if not self._deaf:
            self.arrivals.put_nowait(CallerHungUp("system"))


class ScriptEars:
    """Each frame is heard as the next line of the script; an exception in it is raised."""

    def __init__(self, *script: str | Exception) -> None:
        self.script = list(script)
        self.expected: list[Expect] = []
        self.closed = False

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        if not self.script:
            return []
        line = self.script.pop(0)
        if isinstance(line, Exception):
            raise line
        return [Heard(line, meaning=meaning(line), times=TurnTimes(0.2, 0.4))]

    def expect(self, expect: Expect) -> None:
        self.expected.append(expect)

    async def news(self) -> CallEvent:
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        self.closed = True


class ToneVoice:
    name = "tone"

    def __init__(self, *, dumb: bool = False) -> None:
        self.said: list[str] = []
        self._dumb = dumb

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        self.said.append(text)
        if self._dumb:
            raise VoiceError("no voice")
        yield FRAME

    async def close(self) -> None:
        pass


class Bank:
    async def fetch(self, request: Fetch) -> Fetched:
        return Fetched(request.name, ok=True, status=200, body={"found": True})


@dataclass
class Memory:
    """A store that remembers in lists; `broken` makes it refuse."""

    began: list[CallRecord] = field(default_factory=list)
    finished: list[CallRecord] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    broken: bool = False

    async def begin(self, record: CallRecord) -> None:
        self.began.append(record)

    def append(self, call_id: str, entry: JournalEntry) -> None:
        self.journal.append(entry)

    async def keep_survey_answer(self, call_id: str, name: str, value: str) -> None:
        if self.broken:
            raise StoreError("disk full")
        self.answers.append((name, value))

    async def keep_message(self, message: Message) -> None:
        if self.broken:
            raise StoreError("disk full")
        self.messages.append(message)

    async def finish(self, record: CallRecord) -> None:
        self.finished.append(record)


QUICK = Patience(nothing=0.2, first_sound=0.2, late=0.2, ending=0.3)


def around(voice: ToneVoice, store: Memory, **more: object) -> Surroundings:
    return Surroundings(
        voice, Bank(), NobodyThere(), store, Clock(), {"desk": "+15550111"}, {"en": "So sorry."}, patience=QUICK
    )
