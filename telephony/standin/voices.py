"""Callers' voices: the embedded English voice, shifted so that callers differ, and recordings of people.

Everything is made before a call starts and kept on disk: nothing is synthesized while a call is measured.
"""

import hashlib
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import soxr

from ivr.model.audio import PHONE_RATE
from ivr.model.errors import VoiceError
from telephony.standin.clip import Clip, Samples, at_level, clip_of, telephone_band

_VOICE_RATE = 24_000
_SEED = 7
"""Of the model's noise: the same words always sound the same, so two runs are comparable."""

_MADE = "1"
"""Changes whenever the sound made of the same words changes, so that kept files are not used any more."""

MOST_SHIFT = 0.06


@dataclass(frozen=True, slots=True)
class Speaker:
    """How one caller sounds.

    Raises:
        ValueError: the shift is beyond 6 %, where the voice stops being a person's.
    """

    shift: float = 0.0
    """Pitch and pace together, -0.06 to 0.06: positive is higher and faster."""

    level_dbfs: float = -20.0
    """RMS of the spoken parts."""

    noise_snr_db: float | None = None
    """Room noise on the line this far below the voice; None: a quiet room."""

    def __post_init__(self) -> None:
        if not -MOST_SHIFT <= self.shift <= MOST_SHIFT:
            raise ValueError(f"shift {self.shift} is beyond ±{MOST_SHIFT}")

    @property
    def noise_dbfs(self) -> float | None:
        return None if self.noise_snr_db is None else self.level_dbfs - self.noise_snr_db


def speakers(count: int, noise_snr_db: float | None = None) -> tuple[Speaker, ...]:
    """`count` callers whose voices differ as evenly as the allowed shift permits."""
    shifts = np.linspace(-MOST_SHIFT, MOST_SHIFT, count) if count > 1 else np.zeros(count)
    return tuple(Speaker(round(float(shift), 4), noise_snr_db=noise_snr_db) for shift in shifts)


class CallerVoices:
    """Makes clips. The model is loaded at the first words that are not on disk yet."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: where made clips are kept, as 8 kHz WAV; created when needed.
        """
        self._folder = folder
        self._model: Any = None

    def say(self, words: str, speaker: Speaker) -> Clip:
        """
        Raises:
            VoiceError: the voice is not installed, or the words make no sound.
        """
        kept = self._folder / f"{_key(words, speaker)}.wav"
        if kept.exists():
            return _clip(words, read_wav(kept))
        samples = at_level(telephone_band(self._synthesize(words, speaker.shift)), speaker.level_dbfs)
        clip = _clip(words, samples)
        self._keep(kept, samples)
        return clip

    def _synthesize(self, words: str, shift: float) -> Any:
        if self._model is None:
            try:
                from hibari import Hibari
            except ImportError as error:
                raise VoiceError("the callers' voice is not installed: pip install hibari-tts==0.2.1") from error
            self._model = Hibari(voice="heart", threads=1)
        sound = self._model(words, seed=_SEED)
        if not sound.size:
            raise VoiceError("these words make no sound")
        # Reading the sound as if it had been made at a higher rate raises pitch and pace alike.
        return soxr.resample(sound.astype(np.float32), _VOICE_RATE * (1 + shift), PHONE_RATE)

    def _keep(self, path: Path, samples: Samples) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Several programs may make the same clip at once: each writes its own file, the last one moved stays.
        draft = path.with_name(f"{path.stem}.{uuid4().hex}.tmp")
        with wave.open(str(draft), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(PHONE_RATE)
            file.writeframes(samples.astype("<i2").tobytes())
        os.replace(draft, path)


def recording(path: Path, words: str, level_dbfs: float = -20.0) -> Clip:
    """A person's recording as a caller's voice: any rate, in the telephone band, at the given level.

    Raises:
        VoiceError: no such file, not 16-bit WAV, or silent.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise VoiceError(f"{path}: only 16-bit WAV is read")
            rate, channels = file.getframerate(), file.getnchannels()
            sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32)
    except (OSError, EOFError, wave.Error) as error:
        raise VoiceError(f"{path} cannot be read as WAV: {error}") from error
    mono = sound.reshape(-1, channels).mean(axis=1)
    narrow = soxr.resample(mono, rate, PHONE_RATE) if rate != PHONE_RATE else mono
    return _clip(words, at_level(telephone_band(narrow), level_dbfs))


def read_wav(path: Path) -> Samples:
    """Samples of a 16-bit mono WAV as it is, shape (n,)."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def _clip(words: str, samples: Samples) -> Clip:
    try:
        return clip_of(words, samples)
    except ValueError as error:
        raise VoiceError("these words make no sound") from error


def _key(words: str, speaker: Speaker) -> str:
    made_of = f"{_MADE}|hibari-heart|{speaker.shift}|{speaker.level_dbfs}|{words}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:24]
