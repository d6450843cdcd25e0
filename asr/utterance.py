"""Pure: the sound of one utterance as a recognizer wants it: gathered, judged, trimmed and brought to its rate."""

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.model.audio import FRAME_SECONDS, QUIETEST_DBFS, AudioFrame, level_dbfs

LONGEST_SECONDS = 30.0
"""More is not kept: a turn is cut long before, and the networks grow slow and wild with length."""

SILENT_DBFS = -55.0
"""Nothing below this is a caller: a quiet telephone voice is near -40 dBFS."""

LEAST_LOUD_FRAMES = 3
"""60 ms: no word is shorter; a click is."""

WEAK_DB = 20.0
"""Sound this far below the loudest frame of the utterance adds no word to it: every word has a vowel, and line
noise 15 dB below a voice lies more than 20 dB below its loudest 20 ms."""

_TRIM_DB = 35.0
_LEAD_SECONDS, _TAIL_SECONDS = 0.2, 0.5
"""Quiet kept around the speech. Half a second behind it reads short digits 3 % better than 0.2 s; more costs
8 ms of CPU per second."""


class Utterance:
    """Frames of one utterance, first to last, all at `rate`."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.version = 0
        """Changes when sound came that may hold another word; trailing quiet leaves it as it is."""

        self._pcm: list[bytes] = []
        self._levels: list[float] = []
        self._loudest = QUIETEST_DBFS
        self._loud_since = 0

    def feed(self, frame: AudioFrame) -> None:
        """Add a frame of any length (frames of 20 ms are what it is made for)."""
        if self.seconds >= LONGEST_SECONDS:
            return
        size = round(self.rate * FRAME_SECONDS) * 2
        for start in range(0, len(frame.pcm), size):
            piece = frame.pcm[start : start + size]
            self._pcm.append(piece)
            self._weigh(level_dbfs(np.frombuffer(piece, "<i2")))

    def settle(self) -> int:
        """Name what was fed so far: equal numbers mean no further word can be in the sound."""
        self._loud_since = 0
        return self.version

    def copy(self) -> "Utterance":
        """The same sound, safe to read in another thread while this one is fed."""
        other = Utterance(self.rate)
        other.version, other._loudest = self.version, self._loudest
        other._pcm, other._levels = list(self._pcm), list(self._levels)
        return other

    @property
    def seconds(self) -> float:
        return len(self._pcm) * FRAME_SECONDS

    def pieces(self, start: int) -> list[bytes]:
        """The frames from number `start` on."""
        return self._pcm[start:]

    @property
    def is_silent(self) -> bool:
        """No 60 ms of it are as loud as the quietest caller."""
        return sum(1 for level in self._levels if level > SILENT_DBFS) < LEAST_LOUD_FRAMES

    def sound(self, rate: int) -> NDArray[np.float32]:
        """The speech with a little quiet around it, values -1 to 1, resampled in one go (speech.md §5)."""
        floor = max(SILENT_DBFS, self._loudest - _TRIM_DB)
        loud = [at for at, level in enumerate(self._levels) if level > floor]
        if not loud:
            return np.zeros(0, np.float32)
        first = max(0, loud[0] - round(_LEAD_SECONDS / FRAME_SECONDS))
        last = loud[-1] + 1 + round(_TAIL_SECONDS / FRAME_SECONDS)
        samples = np.frombuffer(b"".join(self._pcm[first:last]), "<i2").astype(np.float32) / 32768.0
        missing = round(max(0, last - len(self._pcm)) * FRAME_SECONDS * self.rate)
        samples = np.concatenate([samples, np.zeros(missing, np.float32)])
        if self.rate == rate:
            return samples
        resampled: NDArray[np.float32] = soxr.resample(samples, self.rate, rate, quality="HQ")
        return resampled

    def _weigh(self, level: float) -> None:
        self._levels.append(level)
        self._loudest = max(self._loudest, level)
        if level > max(SILENT_DBFS, self._loudest - WEAK_DB):
            self._loud_since += 1
            if self._loud_since >= LEAST_LOUD_FRAMES:
                self.version += 1
