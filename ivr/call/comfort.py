"""Pure: the sounds a call makes by itself: a soft chime for those who wait, the beep before a message."""

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache

import numpy as np

from ivr.model.audio import FRAME_SECONDS, AudioFrame

PERIOD_SECONDS = 4.0
"""Two notes, then quiet, so that a caller who waits knows that the line is alive."""

_NOTES = ((0.0, 659.26), (0.35, 523.25))
"""Begin in seconds, and pitch in Hz: a falling third, E5 and C5, which a telephone carries well."""

_NOTE_SECONDS = 1.6
_LEVEL = 10 ** (-24 / 20)
"""Peak against full scale; domain.md 2.2.9 asks for -18 dBFS or less."""

BEEP_SECONDS = 0.25
_BEEP_HZ = 1000.0
_BEEP_LEVEL = 10 ** (-14 / 20)


class ComfortTone:
    """A `HoldAudio` that needs no file."""

    async def play(self, rate: int, at_seconds: float = 0.0) -> AsyncIterator[AudioFrame]:
        chime = _chime(rate)
        size = round(rate * FRAME_SECONDS) * 2
        at = round(at_seconds / FRAME_SECONDS) * size % len(chime)
        while True:
            yield AudioFrame(chime[at : at + size], rate)
            at = (at + size) % len(chime)


def beep(rate: int) -> Iterator[AudioFrame]:
    """The tone after which a caller speaks."""
    count = round(BEEP_SECONDS * rate)
    time = np.arange(count) / rate
    fade = np.clip(np.minimum(time, BEEP_SECONDS - time) / 0.01, 0.0, 1.0)
    pcm = (np.sin(2 * np.pi * _BEEP_HZ * time) * fade * _BEEP_LEVEL * 32767).astype("<i2").tobytes()
    size = round(rate * FRAME_SECONDS) * 2
    for offset in range(0, len(pcm), size):
        yield AudioFrame(pcm[offset : offset + size].ljust(size, b"\0"), rate)


@lru_cache(maxsize=4)
def _chime(rate: int) -> bytes:
    """One period, 16 bit little endian."""
    sound = np.zeros(round(PERIOD_SECONDS * rate))
    time = np.arange(round(_NOTE_SECONDS * rate)) / rate
    ring = np.minimum(time / 0.02, 1.0) * np.exp(-3.0 * time) * np.clip((_NOTE_SECONDS - time) / 0.05, 0.0, 1.0)
    for begin, pitch in _NOTES:
        start = round(begin * rate)
        sound[start : start + len(time)] += np.sin(2 * np.pi * pitch * time) * ring
    return bytes((sound / np.abs(sound).max() * _LEVEL * 32767).astype("<i2").tobytes())
