"""Pure: the beep of an answering machine in 8 kHz sound or any other rate: one steady tone, long enough, that ends."""

from dataclasses import dataclass, field

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
EVEN_DB, EVEN_HZ = 1.2, 8.0
"""A beep is as loud and as high at its end as at its beginning, a sung-out vowel ("can you") is not. Of 464 beeps of
generated greetings on a phone line, clean to 5 dB over noise, all but one spread by 1.0 dB and 6.2 Hz at most; of
vowels that look like a tone for 0.14 s, each spreads by 1.9 dB or by 12 Hz."""

SHORTEST, LONGEST = 0.14, 1.7
"""Seconds. Ring-back and dial tones last longer (ITU-T E.180)."""


@dataclass(slots=True)
class BeepDetector:
    """One call's sound. Times are seconds of it."""

    rate: int
    _rest: NDArray[np.float32] | None = None
    _blocks: list[tuple[float, float]] = field(default_factory=list)
    """Hertz and dBFS of the tone's blocks so far."""

    def read(self, samples: NDArray[np.int16]) -> bool:
        """Take samples, shape (n,). True: a beep has just ended."""
        block, hop = round(BLOCK_SECONDS * self.rate), round(HOP_SECONDS * self.rate)
        before = self._rest if self._rest is not None else np.zeros(0, np.float32)
        sound = np.concatenate((before, samples.astype(np.float32)))
        ended = False
        while sound.size >= block:
            ended = self._take(*_strongest(sound[:block], self.rate)) or ended
            sound = sound[hop:]
        self._rest = sound
        return ended

    def _take(self, hertz: float, level: float) -> bool:
        if hertz and self._blocks and abs(hertz - self._blocks[0][0]) <= STEADY_HZ:
            if len(self._blocks) * HOP_SECONDS <= LONGEST:
                self._blocks.append((hertz, level))
            return False
        blocks, self._blocks = self._blocks, [(hertz, level)] if hertz else []
        return not hertz and SHORTEST <= round(len(blocks) * HOP_SECONDS, 2) <= LONGEST and _is_even(blocks[1:-1])


def _is_even(blocks: list[tuple[float, float]]) -> bool:
    """Without the first and the last block, which the tone fills in part only."""
    hertz, levels = zip(*blocks, strict=True)
    return bool(max(levels) - min(levels) <= EVEN_DB and max(hertz) - min(hertz) <= EVEN_HZ)


def _strongest(block: NDArray[np.float32], rate: int) -> tuple[float, float]:
    """The frequency of a block that is one tone, 0 for anything else; and its level, dBFS."""
    level = 10 * np.log10(float(block @ block) / block.size / 32768.0**2 + 1e-12)
    if level < QUIETEST_DBFS:
        return 0.0, level
    power = np.abs(np.fft.rfft(block * np.hanning(block.size), 4 * block.size)) ** 2
    step = rate / (4 * block.size)
    top = int(power.argmax())
    hertz = top * step
    near = round(NEAR_HZ / step)
    share = power[max(0, top - near) : top + near + 1].sum() / max(float(power.sum()), 1e-9)
    return (hertz if LOWEST_HZ <= hertz <= HIGHEST_HZ and share >= SHARE else 0.0), level
