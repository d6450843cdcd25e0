"""Pure: sound of one line at the rate of another, 20 ms in and 20 ms out, whatever the two rates.

A windowed-sinc filter, evaluated only where a sample is wanted. Unlike a general streaming resampler it never gives a
little more or less than a frame, so nothing has to be queued for it; its whole delay is `DELAY_SECONDS`.
"""

from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import FRAME_SECONDS

Samples = NDArray[np.int16]

TAPS = 32
"""Filter length in samples of the lower rate. With the window below: flat to 3.4 kHz at 8 kHz, and mirrored
frequencies 50 dB down (measured in tests/call/test_rates.py)."""

BETA = 6.0
"""Kaiser window: 63 dB side lobes."""

DELAY_SECONDS = TAPS / 2 / 8000
"""2 ms, at the lowest rate of a line; a little more between rates that are no multiples of each other."""


def samples_per_frame(rate: int) -> int:
    """Samples of 20 ms.

    Raises:
        ValueError: 20 ms are not a whole number of samples at this rate.
    """
    samples = round(rate * FRAME_SECONDS)
    if samples <= 0 or samples * 50 != rate:
        raise ValueError(f"20 ms are no whole number of samples at {rate} samples per second")
    return samples


class RateChange:
    """One direction of one stream."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._into = samples_per_frame(from_rate)
        self._windows, self._weights = _plan(from_rate, to_rate)
        self._before = np.zeros(self._weights.shape[1], np.float32)

    def frame(self, samples: Samples) -> Samples:
        """The next 20 ms. `samples`: shape (20 ms at the first rate,); returned: shape (20 ms at the second,)."""
        heard = np.concatenate((self._before, samples.astype(np.float32)))
        self._before = heard[self._into :]
        made = np.einsum("kt,kt->k", heard[self._windows], self._weights)
        return np.asarray(np.clip(np.rint(made), -32768, 32767), dtype=np.int16)


@lru_cache(maxsize=32)
def _plan(from_rate: int, to_rate: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each sample wanted: which samples it is made of, and their weights. Shapes (wanted, taps)."""
    wanted = np.arange(samples_per_frame(to_rate))
    scale = gcd(from_rate, to_rate)
    up, down = to_rate // scale, from_rate // scale
    taps = TAPS * max(1, -(-from_rate // to_rate))
    cutoff = min(1.0, to_rate / from_rate)
    at, phase = wanted * down // up, wanted * down % up / up
    offsets = np.arange(taps) - taps // 2
    distance = offsets[None, :] - phase[:, None]
    window = np.i0(BETA * np.sqrt(np.clip(1 - (distance / (taps / 2)) ** 2, 0, 1))) / np.i0(BETA)
    weights = cutoff * np.sinc(cutoff * distance) * window
    weights /= weights.sum(axis=1, keepdims=True)
    return at[:, None] + taps // 2 + offsets[None, :], weights.astype(np.float32)
