"""Pure: makes a synthesized sentence ready for a telephone line: no dead air, one level, the line's rate, 20 ms frames.

Neural voices put about 0.3 s of silence before the first word; trimming it is the cheapest latency there is.
"""

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.model.audio import FRAME_SECONDS, AudioFrame

SPEECH_DBFS = -20.0
"""Level of speech after levelling, measured over its active parts; leaves room for peaks before clipping."""

PEAK_LIMIT = 10 ** (-1 / 20)
"""Loudest sample allowed, of full scale: 1 dB of room for what codecs and gateways add."""

_WINDOW_SECONDS = 0.005
_START_BELOW_LOUDEST_DB = 32.0
"""Where a word has certainly begun."""

_FAINT_BELOW_LOUDEST_DB = 38.0
"""The faint beginning of a soft "s" or "th", and the end of a fading syllable. Before a word it may go on as breath for
80 ms, so only the last `_FAINT_WINDOWS` of it are kept there: with none a recognizer takes "sorry" for "tory" and
"Thursday" for "thirty", with more the first sound comes later and nothing is heard better."""

_FAINT_WINDOWS = 1

_ACTIVE_BELOW_LOUDEST_DB = 30.0
_LOUDEST_IS_SILENCE_DBFS = -70.0
_LEAD_SECONDS = 0.003
_TAIL_SECONDS = 0.03


def finished(samples: NDArray[np.float32], from_rate: int, rate: int) -> bytes:
    """One sentence ready to play: PCM bytes at `rate`, empty if it is silent.

    `samples` has shape (n,), full scale is 1.0. Sound starts within 5 ms; 30 ms are kept after the last of it.
    """
    sound = samples if from_rate == rate else soxr.resample(samples, from_rate, rate, quality="HQ")
    sound = _levelled(_trimmed(np.asarray(sound, dtype=np.float32), rate), rate)
    return np.round(sound * 32767.0).astype("<i2").tobytes()


def frames_of(pcm: bytes, rate: int) -> Iterator[AudioFrame]:
    """PCM cut into frames of 20 ms; the last one is filled up with silence, for lines send whole frames."""
    size = round(rate * FRAME_SECONDS) * 2
    for start in range(0, len(pcm), size):
        yield AudioFrame(pcm[start : start + size].ljust(size, b"\0"), rate)


def _window_levels(sound: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """dBFS of each 5 ms window, shape (n // window,)."""
    size = round(rate * _WINDOW_SECONDS)
    whole = len(sound) // size
    power = (sound[: whole * size].reshape(whole, size).astype(np.float64) ** 2).mean(axis=1)
    levels: NDArray[np.float64] = 10.0 * np.log10(power + 1e-12)
    return levels


def _trimmed(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    levels = _window_levels(sound, rate)
    if not levels.size or levels.max() < _LOUDEST_IS_SILENCE_DBFS:
        return np.zeros(0, dtype=np.float32)
    first = int(np.flatnonzero(levels > levels.max() - _START_BELOW_LOUDEST_DB)[0])
    faint = np.flatnonzero(levels > levels.max() - _FAINT_BELOW_LOUDEST_DB)
    first, last = max(first - _FAINT_WINDOWS, int(faint[0])), int(faint[-1])
    window = round(rate * _WINDOW_SECONDS)
    lead, tail = round(rate * _LEAD_SECONDS), round(rate * _TAIL_SECONDS)
    start = max(0, first * window - lead)
    end = min(len(sound), (last + 1) * window + tail)
    cut = sound[start:end].copy()
    fade_in, fade_out = min(lead, len(cut)), min(tail, len(cut))
    cut[:fade_in] *= np.linspace(0.0, 1.0, fade_in, dtype=np.float32)
    cut[len(cut) - fade_out :] *= np.linspace(1.0, 0.0, fade_out, dtype=np.float32)
    return cut


def _levelled(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    if not sound.size:
        return sound
    levels = _window_levels(sound, rate)
    active = levels[levels > levels.max() - _ACTIVE_BELOW_LOUDEST_DB]
    level = 10.0 * np.log10(np.mean(10.0 ** (active / 10.0)))
    gain = 10.0 ** ((SPEECH_DBFS - level) / 20.0)
    peak = float(np.abs(sound).max())
    return (sound * np.float32(min(gain, PEAK_LIMIT / peak))).astype(np.float32)
