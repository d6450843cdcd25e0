"""Pure: how periodic a piece of sound is. Vowels repeat with the voice's pitch; coughs, clicks and breath do not."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LOWEST_PITCH: Final = 70.0
HIGHEST_PITCH: Final = 400.0
"""Hz. Speaking voices of adults and children (Baken & Orlikoff 2000, ch. 6)."""

SECONDS: Final = 0.040
"""Length of sound `periodicity` reads: nearly three periods of the lowest pitch."""

QUIETEST_RMS: Final = 8.0
"""Of int16 full scale (-72 dBFS): below it there is only the codec's own noise."""


def periodicity(samples: NDArray[np.int16], rate: int) -> float:
    """Highest normalised cross-correlation, 0 to 1, of the sound with itself one pitch period later.

    `samples` has shape (n,), n >= SECONDS * rate; the last SECONDS of it are read. 16 kHz sound is halved first:
    pitch needs no more. Formula: Talkin 1995, "A robust algorithm for pitch tracking", eq. 1.
    """
    recent = samples[-round(SECONDS * rate) :].astype(np.float32)
    if rate >= 16000:
        recent = recent[: recent.size // 2 * 2].reshape(-1, 2).mean(axis=1)
        rate //= 2
    recent -= recent.mean()
    squares = np.cumsum(np.concatenate(([0.0], recent * recent)))
    if squares[-1] < recent.size * QUIETEST_RMS**2:
        return 0.0
    longest, shortest = round(rate / LOWEST_PITCH), round(rate / HIGHEST_PITCH)
    kept = recent.size - longest
    products = np.correlate(recent, recent[:kept], "valid")[shortest:]
    energies = squares[kept + shortest : kept + longest + 1] - squares[shortest : longest + 1]
    return float(np.clip(np.max(products / np.sqrt(energies * squares[kept] + 1.0)), 0.0, 1.0))
