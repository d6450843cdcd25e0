"""What each frame of a call measures: level, chance of speech, periodicity."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from asr.onset import Sound
from asr.settings import HearingSettings
from asr.voicing import SECONDS as PITCH_SECONDS
from asr.voicing import periodicity
from ivr.model.audio import AudioFrame


class SpeechDetector(Protocol):
    """Tells speech from other sound, window by window, for one call."""

    @property
    def window(self) -> int:
        """Samples it reads at once."""

    def chance(self, samples: NDArray[np.int16]) -> float:
        """Chance, 0 to 1, that these samples, shape (window,), are speech."""


class SoundMeter:
    """Measures one call's frames: level, chance of speech, periodicity."""

    def __init__(self, detector: SpeechDetector, rate: int, settings: HearingSettings) -> None:
        self._detector = detector
        self._rate = rate
        self._settings = settings
        self._kept = self._detector.window + round(PITCH_SECONDS * rate)
        self._samples: NDArray[np.int16] = np.zeros(self._kept, np.int16)
        self._unread = 0
        self._chance = 0.0
        self._periodicity = 0.0

    def measure(self, frame: AudioFrame, own_level: float) -> Sound:
        """The chance and periodicity are those of the last whole window."""
        self._samples = np.concatenate((self._samples, frame.samples))
        self._unread += len(frame.pcm) // 2
        while self._unread >= self._detector.window:
            self._read_window()
        self._samples = self._samples[-self._kept - self._unread :]
        return Sound(frame.seconds, frame.dbfs, self._chance, self._periodicity, own_level)

    def _read_window(self) -> None:
        end = self._samples.size - self._unread + self._detector.window
        self._unread -= self._detector.window
        self._chance = self._detector.chance(self._samples[end - self._detector.window : end])
        speech = self._chance >= self._settings.still_chance
        self._periodicity = periodicity(self._samples[:end], self._rate) if speech else 0.0
