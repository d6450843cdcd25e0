"""Hearing by script, for tests and demonstrations: a recognizer that knows its lines, a detector that goes by
loudness, ears that report events at given times."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import AudioFrame, level_dbfs
from ivr.model.errors import RecognizerError
from ivr.model.events import CallEvent
from ivr.model.meaning import Expect, Hypothesis, Recognition


@dataclass(frozen=True, slots=True)
class Breaks:
    """A line of the script: the recognizer raises."""

    reason: str = "scripted"


@dataclass(frozen=True, slots=True)
class Hangs:
    """A line of the script: the recognizer never returns."""


Line = str | Recognition | Breaks | Hangs


def words(*texts: str, fits: bool = False) -> Recognition:
    """A recognition of these readings, best first."""
    hypotheses = tuple(Hypothesis(text, 1.0 - 0.1 * number) for number, text in enumerate(texts))
    return Recognition(hypotheses, engine="scripted", fits=fits)


@dataclass(slots=True)
class ScriptedStream:
    """Reads the lines of its script: one per utterance, the last one for all that follow."""

    lines: deque[Line]
    gate: asyncio.Event | None = None
    """Recognition waits until it is set."""

    frames: list[AudioFrame] = field(default_factory=list)
    """What was fed since `reset`."""

    readings: list[bool] = field(default_factory=list)
    """`final` of each recognition asked for."""

    expected: list[Expect] = field(default_factory=list)
    partials: deque[str] = field(default_factory=deque)
    is_closed: bool = False
    _was_read: bool = False

    def expect(self, expect: Expect) -> None:
        self.expected.append(expect)

    def feed(self, frame: AudioFrame) -> None:
        self.frames.append(frame)

    async def partial(self) -> str:
        return self.partials.popleft() if self.partials else ""

    async def recognize(self, *, final: bool) -> Recognition:
        """The line of this utterance.

        Raises:
            RecognizerError: the script says so.
        """
        self.readings.append(final)
        self._was_read = True
        line = self.lines[0] if self.lines else ""
        if self.gate:
            await self.gate.wait()
        match line:
            case str():
                return words(line) if line else Recognition(engine="scripted")
            case Recognition():
                return line
            case Breaks():
                raise RecognizerError(line.reason)
            case Hangs():
                return await asyncio.Future[Recognition]()

    def reset(self) -> None:
        self.frames.clear()
        if self._was_read and len(self.lines) > 1:
            self.lines.popleft()
        self._was_read = False

    async def close(self) -> None:
        self.is_closed = True


@dataclass(slots=True)
class ScriptedRecognizer:
    """Implements `Recognizer`; every call reads the same script from its beginning."""

    lines: Sequence[Line] = ()
    gate: asyncio.Event | None = None
    name: str = "scripted"
    streams: list[ScriptedStream] = field(default_factory=list)

    def languages(self) -> frozenset[str]:
        return frozenset({"en", "zh"})

    def open(self, rate: int, language: str) -> ScriptedStream:
        self.streams.append(ScriptedStream(deque(self.lines), self.gate))
        return self.streams[-1]

    async def close(self) -> None:
        for stream in self.streams:
            await stream.close()


@dataclass(frozen=True, slots=True)
class LoudnessDetector:
    """Implements `SpeechDetector`: whatever is loud is speech. Exact, so that tests can count frames."""

    window: int = 160
    gate_dbfs: float = -40.0

    def chance(self, samples: NDArray[np.int16]) -> float:
        return 1.0 if level_dbfs(samples) > self.gate_dbfs else 0.0


class ScriptedEars:
    """Implements `Ears`: each event comes with the first frame that ends at or after its time, in seconds."""

    def __init__(self, script: Sequence[tuple[float, CallEvent]]) -> None:
        self._script = deque(sorted(script, key=lambda entry: entry[0]))
        self._now = 0.0
        self.expected: list[Expect] = []
        self.is_closed = False

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        self._now += frame.seconds
        due: list[CallEvent] = []
        while self._script and self._script[0][0] <= self._now + 1e-6:
            due.append(self._script.popleft()[1])
        return due

    def expect(self, expect: Expect) -> None:
        self.expected.append(expect)

    async def news(self) -> CallEvent:
        """Never returns: every event of the script comes with a frame."""
        return await asyncio.Future[CallEvent]()

    async def close(self) -> None:
        self.is_closed = True
