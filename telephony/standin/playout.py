"""Pure: what the caller hears, and when: received sound waits in a queue and plays at the pace of the ear.

Nothing ever holds the queue up, so the moment at which each sample will be heard is known as soon as it arrives; only
`clear` changes it. Times are seconds on the clock of the call, as arguments.
"""

from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import PHONE_RATE
from ivr.model.g711 import mulaw_decode

AUDIBLE_DBFS = -50.0
"""Level of 10 ms above which the caller hears something; speech from a voice lies about 30 dB higher."""

BLOCK = PHONE_RATE // 100
"""Samples judged at once: 10 ms."""

BRIDGE_SECONDS = 0.2
"""Pauses up to this length are inside a word or between two words, not the end of speech."""


@dataclass(frozen=True, slots=True)
class Run:
    """The server was audible, without a pause worth the name."""

    start: float
    end: float
    utterance: float
    """When the utterance began that this is part of: all sound up to a mark or a `clear`."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Sound of an utterance came after the queue had run dry: the caller heard a hole."""

    at: float
    seconds: float


class PlayOut:
    """The receiving side of one media stream."""

    def __init__(self) -> None:
        self.clears: list[float] = []
        """When `clear` came and there was something to forget."""

        self.gaps: list[Gap] = []
        self._segments: list[tuple[int, bytes]] = []
        """First sample and µ-law sound, in order, never overlapping."""

        self._free = 0
        """First sample that nothing plays at yet."""

        self._runs: list[list[int]] = []
        """Samples: start, end, start of the utterance."""

        self._inside_utterance = False
        self._utterance = 0
        self._marks: deque[tuple[float, str]] = deque()

    def media(self, at: float, sound: bytes) -> None:
        """µ-law sound arrived at `at`."""
        now = ceil(at * PHONE_RATE)
        if self._inside_utterance and now > self._free:
            self.gaps.append(Gap(at, at - self._free / PHONE_RATE))
        start = max(now, self._free)
        if not self._inside_utterance:
            self._utterance = start
        self._segments.append((start, sound))
        self._free = start + len(sound)
        self._inside_utterance = True
        self._note_audible(start, sound)

    def mark(self, at: float, name: str) -> None:
        """Everything before this mark is one utterance; it is due when that has played."""
        self._inside_utterance = False
        self._marks.append((max(at, self._free / PHONE_RATE), name))

    def clear(self, at: float) -> None:
        """Forget what has not been heard. Marks outstanding become due at once, as Twilio does it."""
        now = ceil(at * PHONE_RATE)
        if self.is_playing(at):
            self.clears.append(at)
        self._segments = [(start, sound[: max(0, now - start)]) for start, sound in self._segments if start < now]
        self._runs = [[start, min(end, now), utterance] for start, end, utterance in self._runs if start < now]
        self._free = min(self._free, now)
        self._inside_utterance = False
        self._marks = deque((min(due, at), name) for due, name in self._marks)

    def due_marks(self, at: float) -> list[str]:
        """Names of the marks reached by now, each once, in order."""
        due: list[str] = []
        while self._marks and self._marks[0][0] <= at:
            due.append(self._marks.popleft()[1])
        return due

    def is_playing(self, at: float) -> bool:
        """Something is in the queue, audible or not."""
        return self._free > at * PHONE_RATE

    @property
    def runs(self) -> tuple[Run, ...]:
        """Where the server is audible, up to the end of what is queued."""
        return tuple(_run(run) for run in self._runs)

    def is_audible(self, at: float) -> bool:
        return any(start <= at * PHONE_RATE < end for start, end, _ in self._runs[-3:])

    def quiet_seconds(self, at: float, since: float) -> float:
        """How long nothing has been audible at `at`, counted from `since` where nothing was before."""
        heard = next((min(run.end, at) for run in self.runs_after(since) if run.start <= at), since)
        return at - max(since, heard)

    def audible_seconds(self, at: float, since: float) -> float:
        """How much audible sound of the utterances that began at or after `since` has been heard by `at`."""
        return sum(max(0.0, min(run.end, at) - run.start) for run in self.runs_after(since) if run.utterance >= since)

    def runs_after(self, since: float) -> list[Run]:
        """Those that end after `since`, latest first. Asked every 20 ms, so it does not look at the others."""
        late = takewhile(lambda run: run[1] > since * PHONE_RATE, reversed(self._runs))
        return [_run(run) for run in late]

    def sound(self) -> list[tuple[int, bytes]]:
        """All that was heard: first sample and µ-law sound of each piece."""
        return list(self._segments)

    def _note_audible(self, first: int, sound: bytes) -> None:
        for index in np.flatnonzero(audible_blocks(sound)):
            start = first + int(index) * BLOCK
            end = min(start + BLOCK, first + len(sound))
            last = self._runs[-1] if self._runs else [0, -BLOCK, -1]
            if last[2] == self._utterance and start - last[1] <= BRIDGE_SECONDS * PHONE_RATE:
                last[1] = end
            else:
                self._runs.append([start, end, self._utterance])


def _run(samples: list[int]) -> Run:
    start, end, utterance = (sample / PHONE_RATE for sample in samples)
    return Run(start, end, utterance)


def audible_blocks(sound: bytes) -> NDArray[np.bool_]:
    """For each 10 ms of µ-law sound, the last may be shorter: does the caller hear something?"""
    samples = np.frombuffer(mulaw_decode(sound), dtype="<i2").astype(np.float32)
    blocks = -(-samples.size // BLOCK)
    padded = np.zeros(blocks * BLOCK, dtype=np.float32)
    padded[: samples.size] = samples
    power = np.square(padded).reshape(blocks, BLOCK).mean(axis=1)
    loud: NDArray[np.bool_] = power > (32768.0 * 10 ** (AUDIBLE_DBFS / 20)) ** 2
    return loud
