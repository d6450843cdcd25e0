"""Pure: the beep of an answering machine in 8 kHz sound or any other rate: one steady tone, long enough, that ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_SECONDS = 0.04
HOP_SECONDS = 0.02
LOWEST_HZ, HIGHEST_HZ = 350.0, 2500.0
QUIETEST_DBFS = -45.0
SHARE = 0.8
"""Of the energy, within `NEAR_HZ` of the strongest frequency: a voice spreads it over its overtones."""

NEAR_HZ = 60.0
STEADY_HZ = 30.0
SHORTEST, LONGEST = 0.14, 1.7
"""Seconds. Ring-back and dial tones last longer (ITU-T E.180)."""


@dataclass(slots=True)
class BeepDetector:
    """One call's sound. Times are seconds of it."""

    rate: int
    _rest: NDArray[np.float32] | None = None
    _hertz: float = 0.0
    _lasted: float = 0.0

    def read(self, samples: NDArray[np.int16]) -> bool:
        """Take samples, shape (n,). True: a beep has just ended."""
        block, hop = round(BLOCK_SECONDS * self.rate), round(HOP_SECONDS * self.rate)
        before = self._rest if self._rest is not None else np.zeros(0, np.float32)
        sound = np.concatenate((before, samples.astype(np.float32)))
        ended = False
        while sound.size >= block:
            ended = self._take(_strongest(sound[:block], self.rate)) or ended
            sound = sound[hop:]
        self._rest = sound
        return ended

    def _take(self, hertz: float) -> bool:
        if hertz and self._lasted and abs(hertz - self._hertz) <= STEADY_HZ:
            self._lasted += HOP_SECONDS
            return False
        lasted, self._hertz, self._lasted = self._lasted, hertz, HOP_SECONDS if hertz else 0.0
        return SHORTEST <= lasted <= LONGEST and not hertz


def _strongest(block: NDArray[np.float32], rate: int) -> float:
    """The frequency of a block that is one tone; 0 for anything else."""
    level = 10 * np.log10(float(block @ block) / block.size / 32768.0**2 + 1e-12)
    if level < QUIETEST_DBFS:
        return 0.0
    power = np.abs(np.fft.rfft(block * np.hanning(block.size), 4 * block.size)) ** 2
    step = rate / (4 * block.size)
    top = int(power.argmax())
    hertz = top * step
    near = round(NEAR_HZ / step)
    share = power[max(0, top - near) : top + near + 1].sum() / power.sum()
    return hertz if LOWEST_HZ <= hertz <= HIGHEST_HZ and share >= SHARE else 0.0
