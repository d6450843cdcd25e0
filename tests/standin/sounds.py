"""Pure: sound for these tests: tones as speech, in PCM and in µ-law."""

import numpy as np

from ivr.model.audio import PHONE_RATE
from ivr.model.g711 import MULAW_SILENCE, mulaw_encode
from telephony.standin.clip import Clip, Samples, clip_of


def tone(seconds: float, level: float = 0.2) -> Samples:
    """A 440 Hz tone, shape (n,), 8 kHz."""
    at = np.arange(round(seconds * PHONE_RATE)) / PHONE_RATE
    samples: Samples = (np.cos(2 * np.pi * 440 * at) * level * 32767).astype(np.int16)
    return samples


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * PHONE_RATE), dtype=np.int16)


def spoken(seconds: float) -> bytes:
    """µ-law sound that is audible throughout."""
    return mulaw_encode(tone(seconds).astype("<i2").tobytes())


def pause(seconds: float) -> bytes:
    return MULAW_SILENCE * round(seconds * PHONE_RATE)


def clip(seconds: float = 0.5, before: float = 0.1, after: float = 0.1, words: str = "a request") -> Clip:
    """A tone with silence around it, as a voice makes it."""
    return clip_of(words, np.concatenate([quiet(before), tone(seconds), quiet(after)]))
