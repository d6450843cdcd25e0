"""Recordings for benchmarks, brought through a telephone: 8 kHz and a G.711 mu-law round trip."""

import gzip
import os
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from asr.tokens import plain
from asr.utterance import Utterance
from ivr.model.audio import PHONE_RATE, AudioFrame, silence

ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
ASTERISK_TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

_BIAS, _CLIP = 132, 32635


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    words: str
    """What is said, plain, numbers in words."""

    pcm: bytes
    """At 8 kHz, as it comes from a mu-law line."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / PHONE_RATE

    def utterance(self) -> Utterance:
        made = Utterance(PHONE_RATE)
        made.feed(AudioFrame(silence(0.2, PHONE_RATE) + self.pcm + silence(0.5, PHONE_RATE), PHONE_RATE))
        return made


def _mulaw_code(sample: int) -> int:
    """One 16-bit sample as G.711 mu-law (ITU-T G.711, table 2a; Sun's g711.c)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


def _mulaw_sample(code: int) -> int:
    code = ~code & 0xFF
    value = (((code & 0x0F) << 3) + _BIAS << ((code & 0x70) >> 4)) - _BIAS
    return -value if code & 0x80 else value


_CODES = np.array([_mulaw_code(value) for value in range(-32768, 32768)], np.uint8)
_SAMPLES = np.array([_mulaw_sample(code) for code in range(256)], np.int16)


def through_mulaw(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """What is left of 16-bit samples after a G.711 mu-law line."""
    return _SAMPLES[_CODES[samples.astype(np.int32) + 32768]]


def telephone(sound: NDArray[np.floating], rate: int) -> bytes:
    """Mono sound, -1 to 1, as PCM at 8 kHz from a mu-law line."""
    narrow = sound if rate == PHONE_RATE else soxr.resample(sound, rate, PHONE_RATE)
    pcm: bytes = (
        through_mulaw(np.clip(np.round(narrow * 32767), -32768, 32767).astype(np.int16)).astype("<i2").tobytes()
    )
    return pcm


def with_noise(pcm: bytes, snr_db: float, seed: int) -> bytes:
    """Pink noise `snr_db` below the speech."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    shape = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples.size))
    noise = np.fft.irfft(shape / np.sqrt(np.maximum(1, np.arange(shape.size))), samples.size)
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    noise *= np.sqrt(np.mean(loud**2)) / np.sqrt(np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return telephone((samples + noise) / 32768, PHONE_RATE)


def wav(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        return telephone(samples, file.getframerate())


def in_words(text: str) -> str:
    """Plain text with single figures as words: "Press 1." and "press one" are the same."""
    return " ".join(DIGITS[int(word)] if len(word) == 1 and word.isdigit() else word for word in plain(text).split())


def prompts() -> list[Recording]:
    """Debian's Asterisk prompts (one professional voice, CC BY-SA 3.0) with a transcript, under 12 s.

    Left out: texts with signs that are not words ("[beep]", "..."), and figures of more than one digit.
    """
    if not ASTERISK_TEXTS.is_file():
        return []
    found = []
    with gzip.open(ASTERISK_TEXTS, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, text = line.strip().partition(": ")
            path = ASTERISK / f"{name}.wav"
            usable = text and not line.startswith(";") and not re.search(r"[\[\]<>]|\.\.\.|\d\d", text)
            if usable and path.is_file() and path.stat().st_size < 12 * PHONE_RATE * 2:
                found.append(Recording(name, in_words(text), wav(path)))
    return found


def spoken_digits() -> Iterator[Recording]:
    """Single digits of four people (Free Spoken Digit Dataset, Jackson et al., CC BY-SA 4.0)."""
    folder = shared("spoken_digits")
    for path in sorted(folder.glob("*.wav")) if folder else ():
        yield Recording(path.stem, DIGITS[int(path.stem[0])], wav(path))


def shared(name: str) -> Path | None:
    """A folder of the shared data (IVR_SHARED_DATA, or shared/data beside a parent folder)."""
    roots = [Path(os.environ["IVR_SHARED_DATA"])] if "IVR_SHARED_DATA" in os.environ else []
    roots += [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    return next((root / name for root in roots if (root / name).is_dir()), None)
