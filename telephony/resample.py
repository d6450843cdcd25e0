"""Sound files and sampling rates: any PCM WAV becomes what a call is made of."""

import wave
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.model.errors import LineError


def resample(pcm: bytes, from_rate: int, to_rate: int) -> bytes:
    """Mono int16 PCM at another rate, in one go (soxr, high quality). For whole sounds, not for a stream."""
    if from_rate == to_rate:
        return pcm
    samples = soxr.resample(np.frombuffer(pcm, "<i2"), from_rate, to_rate)
    return bytes(samples.astype("<i2").tobytes())


def read_wav(path: Path, rate: int) -> bytes:
    """A PCM WAV of 8, 16, 24 or 32 bits, any rate and channels, as mono int16 PCM at `rate`.

    Raises:
        LineError: it is not there, or is no such file.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, from_rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise LineError(f"{path}: not a PCM WAV file ({error}); make one with `sox in.xyz -b 16 out.wav`") from error
    whole = len(raw) - len(raw) % (width * channels)
    mono = _as_float(raw[:whole], width).reshape(-1, channels).mean(axis=1)
    if from_rate != rate:
        mono = soxr.resample(mono, from_rate, rate)
    return bytes(np.clip(np.rint(mono), -32768, 32767).astype("<i2").tobytes())


def _as_float(raw: bytes, width: int) -> NDArray[np.float64]:
    """Samples in the range of int16, shape (n,)."""
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) * 256
    top = np.frombuffer(raw, np.uint8).reshape(-1, width)[:, -2:]  # the two highest bytes: 16 bits are enough
    return np.ascontiguousarray(top).view("<i2").reshape(-1).astype(np.float64)
