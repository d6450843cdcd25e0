"""Sound for tests: speech made on the spot, human prompts of Debian's Asterisk package, all as a telephone sends it."""

import asyncio
import wave
from collections.abc import Callable, Coroutine
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import hibari
import numpy as np
import pytest
import soxr

from asr.utterance import Utterance
from ivr.model.audio import PHONE_RATE, AudioFrame, silence

ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
_FRAME_BYTES = 320


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test written as a coroutine, run in an event loop of its own."""

    @wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(test(*args, **named))

    return run


@lru_cache
def say(text: str) -> bytes:
    """PCM at 8 kHz of a synthetic caller, quiet before and after; the same text gives the same sound."""
    sound = np.asarray(_voice()(text, seed=1), np.float32)
    narrow = soxr.resample(sound, hibari.SAMPLE_RATE, PHONE_RATE)
    pcm: bytes = (narrow / np.abs(narrow).max() * 0.4 * 32767).astype("<i2").tobytes()
    return b"".join((silence(0.3, PHONE_RATE), pcm, silence(0.6, PHONE_RATE)))


def prompt(name: str) -> bytes:
    """PCM at 8 kHz of a human voice: an Asterisk prompt by its name without ending."""
    path = ASTERISK / f"{name}.wav"
    if not path.is_file():
        pytest.skip(f"{path} is absent: apt install asterisk-core-sounds-en-wav")
    with wave.open(str(path)) as file:
        assert file.getframerate() == PHONE_RATE
        return b"".join((silence(0.2, PHONE_RATE), file.readframes(file.getnframes()), silence(0.4, PHONE_RATE)))


def frames(pcm: bytes, rate: int = PHONE_RATE) -> list[AudioFrame]:
    size = _FRAME_BYTES * rate // PHONE_RATE
    return [AudioFrame(pcm[at : at + size], rate) for at in range(0, len(pcm), size)]


def utterance(pcm: bytes, rate: int = PHONE_RATE) -> Utterance:
    made = Utterance(rate)
    for frame in frames(pcm, rate):
        made.feed(frame)
    return made


def hiss(seconds: float, amplitude: int) -> bytes:
    noise = np.random.default_rng(1).standard_normal(int(seconds * PHONE_RATE)) * amplitude
    pcm: bytes = noise.astype("<i2").tobytes()
    return pcm


@lru_cache
def _voice() -> "hibari.Hibari":
    return hibari.Hibari()
