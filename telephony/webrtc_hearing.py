"""Pure: a browser's sound as frames of 20 ms without holes, whatever its packets are like.

Positions in it stay true to the clock on the wall: lost sound is filled with a fading echo of the last one, then with
silence; where nothing comes at all (a browser that stops sending in pauses), silence is put in as time goes by, and
taken out of the next quiet if the sound only came late.
"""

import numpy as np

from ivr.model.audio import FRAME_SECONDS, AudioFrame

QUIET_SECONDS = 0.3
"""Nothing came for so long: from now on there is silence, so that the end of a turn is heard."""

LATE_SECONDS = 2.0
"""Sound that is later than this was not late: the browser had paused."""

LONGEST_FILL_SECONDS = 4.0
"""A longer jump of timestamps is a clock set anew, not a loss; all of it must fit in the mailbox of the line."""

FADE = (0.7, 0.45, 0.2)
"""Level of the last frame, repeated 20, 40 and 60 ms after it; a longer echo sounds like a machine."""

QUIET_DBFS = -50.0
"""Frames that may be left out without anybody missing them."""

WRAP = 2**32


class HeardSound:
    """One direction of one call. Times are monotonic seconds, brought by the caller."""

    def __init__(self, rate: int, clock_rate: int, now: float) -> None:
        """
        Args:
            rate: samples per second of what comes out.
            clock_rate: what the timestamps of the packets count per second (48000 for Opus).
            now: when the media began: frames count from there.
        """
        self._rate, self._clock_rate = rate, clock_rate
        self._frame_bytes = round(rate * FRAME_SECONDS) * 2
        self._pending = bytearray()
        self._last = bytes(self._frame_bytes)
        self._echoes = len(FADE)
        self._expected: int | None = None
        self._filled_until = now
        """Until when silence was put in, or sound has come."""

        self._filled = 0
        """Samples of silence since the last sound."""

        self._owed = 0
        """Samples of silence that were put in for sound that came after all."""

        self.concealed = 0
        """Frames made up for lost ones."""

    def add(self, pcm: bytes, timestamp: int, now: float) -> list[AudioFrame]:
        """Sound of one packet, in order. Its length may be anything."""
        missing = self._missing(pcm, timestamp, now)
        frames = self._conceal(missing) if missing > 0 else []
        self._filled_until = max(self._filled_until, now)
        self._pending += pcm
        while len(self._pending) >= self._frame_bytes:
            frame = AudioFrame(bytes(self._pending[: self._frame_bytes]), self._rate)
            del self._pending[: self._frame_bytes]
            self._last, self._echoes = frame.pcm, 0
            if self._owed >= self._frame_bytes // 2 and frame.dbfs < QUIET_DBFS:
                self._owed -= self._frame_bytes // 2
            else:
                frames.append(frame)
        return frames

    def tick(self, now: float) -> list[AudioFrame]:
        """Silence for a time in which nothing came."""
        if not self._filled and now - self._filled_until < QUIET_SECONDS:
            return []
        frames = self._silence(now - self._filled_until)
        self._filled_until += len(frames) * FRAME_SECONDS
        self._filled += len(frames) * self._frame_bytes // 2
        return frames

    def _missing(self, pcm: bytes, timestamp: int, now: float) -> int:
        """Samples to fill before a packet; settles what silence was put in meanwhile."""
        filled, self._filled = self._filled, 0
        length = len(pcm) // 2 * self._clock_rate // self._rate
        expected, self._expected = self._expected, (timestamp + length) % WRAP
        if expected is None:
            return round((now - self._filled_until) * self._rate) - len(pcm) // 2
        jump = (timestamp - expected + WRAP // 2) % WRAP - WRAP // 2
        gap = jump * self._rate // self._clock_rate
        if not 0 <= gap <= LONGEST_FILL_SECONDS * self._rate:
            return 0
        if filled <= LATE_SECONDS * self._rate:
            self._owed += max(0, filled - gap)
        return gap - filled

    def _conceal(self, samples: int) -> list[AudioFrame]:
        """Whole frames as an echo of the last one, then silence; what is left over goes before the next sound."""
        count, rest = divmod(samples * 2, self._frame_bytes)
        frames = []
        for _ in range(count):
            pcm = bytes(self._frame_bytes)
            if self._echoes < len(FADE):
                pcm = (np.frombuffer(self._last, "<i2") * FADE[self._echoes]).astype("<i2").tobytes()
                self._echoes += 1
            frames.append(AudioFrame(pcm, self._rate))
        self.concealed += count
        self._pending += bytes(rest)
        return frames

    def _silence(self, seconds: float) -> list[AudioFrame]:
        frame = AudioFrame(bytes(self._frame_bytes), self._rate)
        return [frame] * int(seconds / FRAME_SECONDS + 1e-6)
