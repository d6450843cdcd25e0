"""What a browser call is about to hear: utterances wait here, and leave one frame of 20 ms at a time.

A voice that is faster than speech waits while 0.4 s are queued; an interruption drops what is queued and lets every
voice that still speaks into it end. In pauses there is soft noise: digital silence sounds like a dead line.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from ivr.model.audio import FRAME_SECONDS, AudioFrame
from ivr.model.errors import LineError
from ivr.model.events import PlaybackFinished, PlaybackStarted
from telephony.playout import Playout

LEAD_FRAMES = 20
"""Frames (0.4 s) that may wait to be sent."""

SAME_MOMENT = 0.001
"""Seconds; frames leave by deadlines that are sums of floats, and must not leave holes of a µs."""

NOISE_DBFS = -62.0
"""As soft as the noise of a quiet telephone line."""

NOISE_SEED = 3389


@dataclass(slots=True)
class _Floor:
    """What may be said until the next interruption, one utterance after another."""

    is_dropped: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)


class PacedSpeech:
    """One direction of one call. Times are monotonic seconds, brought by the caller."""

    def __init__(self, rate: int, *, comfort_noise: bool) -> None:
        self._rate, self._frame_bytes = rate, round(rate * FRAME_SECONDS) * 2
        self._playout, self._floor = Playout(rate), _Floor()
        self._queue: deque[tuple[int | None, bytes]] = deque()
        """Frames of utterances; an empty one is the utterance's end."""

        self._noise = _noise(rate) if comfort_noise else bytes(self._frame_bytes)
        self._noise_at = 0

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        """As `Line.play`."""
        floor, pending = self._floor, bytearray()
        self._playout.begin(utterance)
        async with floor.speaking:
            if floor.is_dropped:
                return
            try:
                async for frame in audio:
                    if floor.is_dropped:
                        return
                    if frame.rate != self._rate:
                        raise LineError(f"this line speaks {self._rate} samples per second, not {frame.rate}")
                    pending += frame.pcm
                    await self._pour(utterance, pending, floor)
            finally:
                if not floor.is_dropped:
                    if pending:
                        self._queue.append((utterance, bytes(pending.ljust(self._frame_bytes, b"\0"))))
                    self._queue.append((utterance, b""))

    async def play_tones(self, pcm: bytes) -> None:
        """Sound that belongs to no utterance."""
        floor = self._floor
        async with floor.speaking:
            await self._pour(None, bytearray(pcm), floor)

    def next_frame(self, due: float) -> tuple[bytes, list[PlaybackStarted | PlaybackFinished]]:
        """20 ms to send at `due`, and what that begins or ends."""
        at, events = due - SAME_MOMENT, list[PlaybackStarted | PlaybackFinished]()
        self._floor.moved.set()
        while self._queue:
            utterance, pcm = self._queue.popleft()
            if pcm:
                if self._playout.send(utterance, pcm, at) and utterance is not None:
                    events.append(PlaybackStarted(utterance))
                return pcm, events
            if utterance is not None:
                events += self._playout.finish(utterance, at)
        start = self._noise_at
        self._noise_at = (start + self._frame_bytes) % len(self._noise)
        return self._noise[start : start + self._frame_bytes], events

    def drop(self, now: float) -> list[PlaybackFinished]:
        """Forget what was not sent; every utterance outstanding ends here."""
        self._floor.is_dropped = True
        self._floor.moved.set()
        self._floor = _Floor()
        self._queue.clear()
        return self._playout.clear(now)

    def heard(self, now: float) -> list[tuple[float, bytes]]:
        """Frames whose playing began since the last call, with the time it began."""
        return self._playout.heard(now)

    def level(self, now: float) -> float:
        """dBFS of what is heard about now; noise does not count."""
        return self._playout.level(now)

    async def _pour(self, utterance: int | None, pending: bytearray, floor: _Floor) -> None:
        """Queue whole frames as there is room for them."""
        while len(pending) >= self._frame_bytes and not floor.is_dropped:
            if len(self._queue) >= LEAD_FRAMES:
                floor.moved.clear()
                await floor.moved.wait()
                continue
            self._queue.append((utterance, bytes(pending[: self._frame_bytes])))
            del pending[: self._frame_bytes]


def _noise(rate: int) -> bytes:
    """One second of soft white noise."""
    wave = np.random.default_rng(NOISE_SEED).normal(0.0, 32768 * 10 ** (NOISE_DBFS / 20), rate)
    return wave.astype("<i2").tobytes()
