"""Pure: steady noise taken out of an utterance before it is read (spectral subtraction after Boll, 1979).

The network was trained on close microphones. Where the step's grammar tells what can be said, the little that
subtraction spoils is no loss: orders read wrongly on a telephone in a kitchen at 6 dB fell
from 19 to 13 of 100 (benchmarks/spoken_commands.py, the half of the recordings for tuning).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAME, HOP = 512, 128
"""32 ms at 16 kHz, a new frame every 8 ms."""

QUIETEST_SHARE = 0.2
"""A fifth of the frames of an utterance hold no speech in a given band."""

RISE = 3.2
"""Power taken out, against the power of the quietest fifth: somewhat less than the mean of hiss, whose power in one
frame varies."""

FLOOR = 0.2
"""What is left of a band that is all noise (amplitude). Less than that sounds like bells, and reads like words."""

_WINDOW = np.hanning(FRAME + 1)[:-1].astype(np.float32)
_OVERLAP = 1.5 * FRAME / HOP / 4
"""Sum of the squared windows over one sample."""


def quietened(sound: Floats) -> Floats:
    """Mono sound at 16 kHz, shape (samples,), values -1 to 1; the same length."""
    if sound.size < 4 * FRAME:
        return sound
    padded = np.zeros(-(-(sound.size + 2 * FRAME) // HOP) * HOP + FRAME, np.float32)
    padded[FRAME : FRAME + sound.size] = sound
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP] * _WINDOW
    spectrum = np.fft.rfft(frames)
    power = np.abs(spectrum) ** 2
    inside = power[FRAME // HOP : -FRAME // HOP]
    noise = np.quantile(inside, QUIETEST_SHARE, axis=0) * RISE
    gain = np.sqrt(np.maximum(1.0 - noise / np.maximum(power, 1e-12), FLOOR**2))
    parts = (np.fft.irfft(spectrum * gain, FRAME) * _WINDOW).astype(np.float32)
    result = np.zeros(len(parts) * HOP + FRAME, np.float32)
    for offset in range(FRAME // HOP):
        lane = parts[offset :: FRAME // HOP].reshape(-1)
        result[offset * HOP : offset * HOP + lane.size] += lane
    kept: Floats = result[FRAME : FRAME + sound.size] / np.float32(_OVERLAP)
    return kept
