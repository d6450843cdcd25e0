"""Pure: sounds that are no speech: beep, ringing, busy, comfort noise, the tick of "still working", telephone keys.

All return mono int16 little-endian PCM at the given rate. Frequencies and cadences: ITU-T E.180 (North American plan)
and Q.23 for keys.
"""

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import silence

TONE_DBFS = -16.0
KEY_DBFS = -10.0
COMFORT_DBFS = -62.0
"""RFC 3389 speaks of -30 to -75 dBov; -62 is heard as "the line lives" without being noticed."""

_FADE_SECONDS = 0.004
_KEY_ROWS = (697, 770, 852, 941)
_KEY_COLUMNS = (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"


def beep(rate: int, seconds: float = 0.4, dbfs: float = TONE_DBFS) -> bytes:
    """1,000 Hz: "speak after the tone"."""
    return tone((1000.0,), seconds, rate, dbfs)


def ringback(rate: int, dbfs: float = TONE_DBFS) -> bytes:
    """One period, 6 s: 440 + 480 Hz for 2 s, then silence."""
    return tone((440.0, 480.0), 2.0, rate, dbfs) + silence(4.0, rate)


def busy(rate: int, dbfs: float = TONE_DBFS) -> bytes:
    """One period, 1 s: 480 + 620 Hz for 0.5 s, then silence."""
    return tone((480.0, 620.0), 0.5, rate, dbfs) + silence(0.5, rate)


def working(rate: int, dbfs: float = -26.0) -> bytes:
    """One period, 1.5 s: two soft ticks, so that a caller knows that we are still at it."""
    tick = tone((880.0,), 0.03, rate, dbfs)
    period = tick + silence(0.12, rate) + tick
    return period + bytes(round(1.5 * rate) * 2 - len(period))


def comfort_noise(seconds: float, rate: int, dbfs: float = COMFORT_DBFS, seed: int = 0) -> bytes:
    """White noise of the given level; the same seed gives the same noise."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    return _pcm(noise * 10 ** (dbfs / 20))


def key_tones(keys: str, rate: int, on: float = 0.1, off: float = 0.1, dbfs: float = KEY_DBFS) -> bytes:
    """Keys 0-9, *, #, A-D as two tones each; every key is followed by `off` seconds of silence.

    Raises:
        ValueError: there is no such key.
    """
    sound = b""
    for key in keys:
        where = _KEYS.find(key.upper())
        if where < 0:
            raise ValueError(f"{key!r} is no telephone key: use 0-9, *, #, A-D")
        pair = (float(_KEY_ROWS[where // 4]), float(_KEY_COLUMNS[where % 4]))
        sound += tone(pair, on, rate, dbfs) + silence(off, rate)
    return sound


def tone(frequencies: tuple[float, ...], seconds: float, rate: int, dbfs: float) -> bytes:
    """Equal sine tones together at `dbfs` (root mean square), with soft edges that do not click."""
    time = np.arange(round(seconds * rate)) / rate
    each = 10 ** (dbfs / 20) * np.sqrt(2.0 / len(frequencies))
    sound = sum((each * np.sin(2 * np.pi * frequency * time) for frequency in frequencies), np.zeros(len(time)))
    edge = min(round(_FADE_SECONDS * rate), len(time) // 2)
    sound[:edge] *= np.linspace(0.0, 1.0, edge)
    sound[len(time) - edge :] *= np.linspace(1.0, 0.0, edge)
    return _pcm(sound)


def _pcm(sound: NDArray[np.float64]) -> bytes:
    return np.clip(np.round(sound * 32768.0), -32768, 32767).astype("<i2").tobytes()
