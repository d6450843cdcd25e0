"""Pure: a piece of a caller's voice at telephone rate, and where its words really begin and end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import PHONE_RATE

Samples = NDArray[np.int16]

WORDS_BELOW_PEAK_DB = 45.0
"""A stretch this far below the loudest one no longer belongs to the words."""

STRETCH = PHONE_RATE // 200
"""Samples judged at once: 5 ms."""

LOW_HZ, HIGH_HZ = 300.0, 3400.0
"""The telephone band (ITU-T G.712)."""

_TAPS = 257


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What a caller says at one go."""

    words: str
    samples: Samples
    """Shape (n,), 8 kHz."""

    first: int
    """First sample of the first word."""

    last: int
    """Last sample of the last word."""

    @property
    def seconds(self) -> float:
        return self.samples.size / PHONE_RATE


def clip_of(words: str, samples: Samples) -> Clip:
    """Find the words in clean sound.

    Raises:
        ValueError: there is no sound in it at all.
    """
    power = _stretches(samples)
    if not power.size or not power.max() > 0:
        raise ValueError("the clip is silent")
    loud = np.flatnonzero(power > power.max() * 10 ** (-WORDS_BELOW_PEAK_DB / 10))
    last = min((int(loud[-1]) + 1) * STRETCH, samples.size) - 1
    return Clip(words, samples, int(loud[0]) * STRETCH, last)


def telephone_band(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keep 300 to 3400 Hz of 8 kHz sound, shape (n,), as a telephone line does (linear phase, no delay)."""
    offsets = np.arange(_TAPS) - _TAPS // 2
    high, low = 2 * HIGH_HZ / PHONE_RATE, 2 * LOW_HZ / PHONE_RATE
    taps = (high * np.sinc(high * offsets) - low * np.sinc(low * offsets)) * np.hamming(_TAPS)
    # "full" and cut by hand: "same" would return as many samples as there are taps for a very short sound.
    return np.convolve(sound, taps)[_TAPS // 2 :][: sound.size].astype(np.float32)


def at_level(sound: NDArray[np.float32], dbfs: float) -> Samples:
    """Scale so that the spoken parts (not the pauses) have this RMS level; clipped to 16 bits. Silence stays."""
    power = _stretches(sound)
    if not power.size or not power.max() > 0:
        return np.zeros(sound.size, dtype=np.int16)
    spoken = power[power > power.max() * 10 ** (-30 / 10)].mean()
    scaled = sound * (32768.0 * 10 ** (dbfs / 20) / np.sqrt(spoken))
    loud: Samples = np.clip(np.round(scaled), -32768, 32767).astype(np.int16)
    return loud


def tone(hertz: float, seconds: float, level_dbfs: float = -20.0) -> Clip:
    """The beep of an answering machine."""
    at = np.arange(round(seconds * PHONE_RATE)) / PHONE_RATE
    return clip_of("(beep)", at_level(np.sin(2 * np.pi * hertz * at).astype(np.float32), level_dbfs))


def _stretches(sound: NDArray[np.float32] | Samples) -> NDArray[np.float64]:
    """Mean power of each 5 ms; the last may be shorter."""
    count = -(-sound.size // STRETCH)
    padded = np.zeros(count * STRETCH)
    padded[: sound.size] = sound
    power: NDArray[np.float64] = np.square(padded).reshape(count, STRETCH).mean(axis=1)
    return power
