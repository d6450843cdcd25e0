"""Pure: keys heard as tones in the sound itself, for peers that send them no other way (ITU-T Q.24).

Blocks of 205 samples, half overlapping; both tones together must be most of the sound, neither may be much louder
than the other, and speech is told apart by its overtones. Two blocks in a row make a key.
"""

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import PHONE_RATE
from telephony.dtmf_tones import HIGH_HZ, KEYPAD, LOW_HZ

BLOCK = 205
"""25.6 ms: the bins of a 205-point transform at 8 kHz fall on the eight tones."""

QUIETEST_RMS = 50.0
SHARE = 0.8
"""Of the energy, in the two tones."""

TWIST_DB = (-8.0, 4.0)
"""High tone over low tone (Q.24 allows receivers this much)."""

STANDING_OUT = 6.0
OVERTONE = 0.1


def _probe(hertz: tuple[int, ...]) -> NDArray[np.complex64]:
    time = np.arange(BLOCK) / PHONE_RATE
    return np.exp(-2j * np.pi * np.outer(np.array(hertz), time)).astype(np.complex64)


_TONES = _probe(LOW_HZ + HIGH_HZ)
_OVERTONES = _probe(tuple(2 * hertz for hertz in LOW_HZ + HIGH_HZ))


class ToneReader:
    """One caller's sound, 8 kHz."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._last, self._run = "", 0

    def read(self, samples: NDArray[np.int16]) -> str:
        """Keys that became certain with these samples, shape (n,)."""
        self._rest = np.concatenate((self._rest, samples.astype(np.float32)))
        keys = ""
        while self._rest.size >= BLOCK:
            key = _key(self._rest[:BLOCK])
            self._rest = self._rest[BLOCK // 2 :]
            self._run = self._run + 1 if key == self._last else 1
            self._last = key
            if key and self._run == 2:
                keys += key
        return keys


def _key(block: NDArray[np.float32]) -> str:
    """The key in one block, shape (BLOCK,); empty: none."""
    energy = float(block @ block)
    if energy < QUIETEST_RMS**2 * BLOCK:
        return ""
    power = np.abs(_TONES @ block) ** 2
    row, column = int(power[:4].argmax()), int(power[4:].argmax())
    low, high = float(power[row]), float(power[4 + column])
    twist = 10 * np.log10((high + 1e-9) / (low + 1e-9))
    if (low + high) / (energy * BLOCK / 2) < SHARE or not TWIST_DB[0] < twist < TWIST_DB[1]:
        return ""
    if low < STANDING_OUT * np.delete(power[:4], row).max() or high < STANDING_OUT * np.delete(power[4:], column).max():
        return ""
    overtones = np.abs(_OVERTONES[[row, 4 + column]] @ block) ** 2
    if overtones[0] > OVERTONE * low or overtones[1] > OVERTONE * high:
        return ""
    return KEYPAD[row][column]
