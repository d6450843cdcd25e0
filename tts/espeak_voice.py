"""libespeak-ng by ctypes: formant speech in a millisecond, Mandarin included; the voice that always works.

Constants and structures are those of espeak-ng 1.52 `speak_lib.h`. The library has one state per process, so one lock
guards it. Mandarin by rule is understandable with effort: pre-render prompts with a better voice where there is one.
"""

import ctypes
from collections.abc import Mapping
from functools import cache
from threading import Event, Lock
from typing import Any

import numpy as np

from ivr.model.errors import VoiceError
from tts.engine import Sound

LANGUAGE_VOICES: Mapping[str, str] = {"en": "en-us", "zh": "cmn"}

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARACTERS = 1
_UTF8_AND_END_PAUSE = 1 | 0x1000
_RATE_PARAMETER = 1
_CHUNK_MS = 60
_ABORT, _GO_ON = 1, 0
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Library:
    """The loaded library: one per process, one sentence at a time."""

    def __init__(self, path: str, voices_folder: str) -> None:
        try:
            self._espeak: Any = ctypes.CDLL(path)
        except OSError as error:
            raise VoiceError(f"espeak-ng cannot be loaded from {path}: {error}") from error
        folder = voices_folder.encode() or None
        self._espeak.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate: int = self._espeak.espeak_Initialize(_SYNCHRONOUS, _CHUNK_MS, folder, _DONT_EXIT)
        if self.rate <= 0:
            raise VoiceError(f"espeak-ng found no voices in {voices_folder!r}: reinstall espeakng-loader")
        self._lock = Lock()
        self._chunks: list[bytes] = []
        self._stop = Event()
        self._callback = _Callback(self._take)  # kept: ctypes would free it under the library's feet
        self._espeak.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if self._stop.is_set():
            return _ABORT
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return _GO_ON

    def speak(self, sentence: str, voice: str, words_per_minute: int, stop: Event) -> bytes:
        words = sentence.replace("\0", " ").encode() + b"\0"
        with self._lock:
            self._chunks, self._stop = [], stop
            if self._espeak.espeak_SetVoiceByName(voice.encode()):
                raise VoiceError(f"espeak-ng has no voice {voice!r}: see `espeak-ng --voices`")
            self._espeak.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
            if self._espeak.espeak_Synth(words, len(words), 0, _CHARACTERS, 0, _UTF8_AND_END_PAUSE, None, None):
                raise VoiceError("espeak-ng refused to synthesize")
            return b"".join(self._chunks)


@cache
def _library(path: str, voices_folder: str) -> _Library:
    return _Library(path, voices_folder)


def _bundled() -> tuple[str, str]:
    try:
        import espeakng_loader
    except ImportError:
        return "libespeak-ng.so.1", ""
    return str(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path())


class EspeakEngine:
    """The library of the `espeakng-loader` wheel, or the system's where the wheel is absent."""

    def __init__(self, words_per_minute: int = 165, voices: Mapping[str, str] = LANGUAGE_VOICES) -> None:
        """
        Args:
            voices: espeak voice name by language.

        Raises:
            VoiceError: no library or no voices on this machine.
        """
        self.name = "espeak"
        self.version = f"1.52/{words_per_minute}/" + ",".join(f"{key}={voices[key]}" for key in sorted(voices))
        self._pace = words_per_minute
        self._voices = voices
        self._library = _library(*_bundled())

    def languages(self) -> frozenset[str]:
        return frozenset(self._voices)

    def synthesize(self, sentence: str, language: str, stop: Event) -> Sound:
        pcm = self._library.speak(sentence, self._voices[language], self._pace, stop)
        return Sound(np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0, self._library.rate)
