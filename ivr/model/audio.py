"""Pure: sound as it travels inside the server: mono, 16-bit little-endian PCM."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME_SECONDS = 0.02
"""Length of one frame from a line; adapters re-chunk whatever their peer sends."""

PHONE_RATE = 8000
"""Samples per second of G.711 (ITU-T G.711 §2)."""

QUIETEST_DBFS = -96.0
"""Level reported for digital silence: the floor of 16-bit sound."""

LIVE = -1
"""Number of the utterance that is people talking, for `Line.play`: it has no end, comes at the pace of the clock, and
is worthless when late. A line hands it on frame by frame and would rather drop sound than let delay pile up."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A short run of samples. Bytes, so that a frame is immutable and comparable.

    A call runs at the rate of its line (8 kHz on a telephone line): see DECISIONS.md, "Rate of a call".
    """

    pcm: bytes
    rate: int
    """Samples per second."""

    @property
    def samples(self) -> NDArray[np.int16]:
        """The same bytes seen as numbers, shape (n,); no copy is made."""
        return np.frombuffer(self.pcm, dtype="<i2")

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate

    @property
    def dbfs(self) -> float:
        """Root-mean-square level in dB relative to full scale, never below `QUIETEST_DBFS`."""
        return level_dbfs(self.samples)


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """Root-mean-square level of int16 samples, shape (n,), in dB relative to full scale."""
    if not samples.size:
        return QUIETEST_DBFS
    wide = samples.astype(np.float32)
    power = float(np.dot(wide, wide)) / samples.size
    return max(QUIETEST_DBFS, 10.0 * float(np.log10(power / 32768.0**2 + 1e-12)))


def silence(seconds: float, rate: int) -> bytes:
    """Digital silence as PCM bytes, `seconds` long."""
    return bytes(round(seconds * rate) * 2)
