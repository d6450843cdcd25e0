"""A sound file as the caller: for the command line and for tests with real speech.

The file is said at the pace of a real call, or `speed` times faster; whoever recognizes on the side must keep up, and
timers of the call run in real time, so a speed above 1 fits only where nobody waits for a timer. After the file the
caller listens for a while, then hangs up.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame, silence
from ivr.model.errors import LineError
from ivr.model.events import CallAnswered, CallerHungUp, CallEvent, PlaybackStarted
from ivr.model.ports import Tap
from telephony.playout import Playout
from telephony.resample import read_wav

MOST_AHEAD_SECONDS = 30.0
"""Longer than any prompt; hold music is longer."""


class FileLine:
    """Seconds of the call count from the first frame, and are `speed` times shorter than real ones."""

    def __init__(
        self,
        path: Path,
        *,
        caller: str = "",
        called: str = "",
        rate: int = PHONE_RATE,
        speed: float = 1.0,
        listening_seconds: float = 8.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises LineError: the file is not there, or is no PCM WAV."""
        self._pcm = read_wav(path, rate) + silence(listening_seconds, rate)
        self._rate, self._speed, self._real_now = rate, speed, now
        self._answered = CallAnswered(caller, called)
        self._began = now()
        self._events: deque[CallEvent] = deque()
        self._is_over, self._playout = False, Playout(rate)
        self._tap: Tap | None = None
        self._offset = 0.0
        self._handed_over: dict[int, float] = {}

    @property
    def rate(self) -> int:
        return self._rate

    @property
    def answered(self) -> CallAnswered:
        """The first event of the call; it does not come out of `incoming`."""
        return self._answered

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        self._tap, self._offset = tap, offset_seconds

    async def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        """Paced by absolute deadlines, so that a late frame is followed by a quick one."""
        self._began = self._real_now()
        size = round(self._rate * FRAME_SECONDS) * 2
        for number, offset in enumerate(range(0, len(self._pcm), size)):
            due = (number + 1) * FRAME_SECONDS
            await asyncio.sleep(max(0.0, (due - self._now()) / self._speed))
            self._report(self._now())
            while self._events:
                yield self._events.popleft()
            if self._is_over:
                return
            frame = AudioFrame(self._pcm[offset : offset + size].ljust(size, b"\0"), self._rate)
            if self._tap:
                self._tap.caller_said(self._offset + number * FRAME_SECONDS, frame)
            yield frame
        self._end("caller")
        while self._events:
            yield self._events.popleft()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        """There is no far end to fill up: sound is taken as fast as it comes, but not without end."""
        if self._is_over:
            return
        self._playout.begin(utterance)
        try:
            async for frame in audio:
                if not self._playout.is_outstanding(utterance):
                    return
                if frame.rate != self._rate:
                    raise LineError(f"this line speaks {self._rate} samples per second, not {frame.rate}")
                if self._playout.send(utterance, frame.pcm, self._now()):
                    self._events.append(PlaybackStarted(utterance))
                await asyncio.sleep(max(0.0, self._playout.ahead(self._now()) - MOST_AHEAD_SECONDS) / self._speed)
        finally:
            self._handed_over[utterance] = self._now() + self._playout.ahead(self._now())

    async def stop_playing(self) -> None:
        self._drop(self._now())

    def level_heard(self) -> float:
        return self._playout.level(self._now())

    async def send_digits(self, digits: str) -> None:
        """Nobody there to hear them."""

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        """A file cannot be connected with anybody."""
        return False

    async def hang_up(self) -> None:
        self._end("system")

    def _now(self) -> float:
        return (self._real_now() - self._began) * self._speed

    def _report(self, now: float) -> None:
        self._tell_what_was_heard(now)
        for utterance in [each for each, ends in self._handed_over.items() if ends <= now]:
            del self._handed_over[utterance]
            self._events.extend(self._playout.finish(utterance, now))

    def _tell_what_was_heard(self, now: float) -> None:
        for at, pcm in self._playout.heard(now):
            if self._tap:
                self._tap.caller_heard(self._offset + max(0.0, at), AudioFrame(pcm, self._rate))

    def _end(self, reason: str) -> None:
        if not self._is_over:
            self._drop(self._now())
            self._events.append(CallerHungUp(reason))
            self._is_over = True

    def _drop(self, now: float) -> None:
        self._tell_what_was_heard(now)
        self._events.extend(self._playout.clear(now))
