"""Whisper through faster-whisper: a second opinion on long English sentences, and Chinese where no Vosk model is.

An optional extra (`pip install ivr[whisper]`). The 30 s window it was trained on is cut to 15 s, which halves the
work and costs a point of accuracy (speech.md §1); with windows near the length of the speech it breaks.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from importlib import import_module
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from asr.answers import answer_grammar, is_enough
from asr.models import Shelf
from asr.pooled import PooledStream
from asr.tokens import is_loop, plain
from asr.utterance import Utterance
from asr.workers import Jobs
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition

RATE = 16000
FRAMES_PER_SECOND = 100
"""Whisper's features come every 10 ms."""

SHORT_WINDOW, FULL_WINDOW = 15, 30
_ROOM_SECONDS = 0.5
_TOKENS_PER_SECOND = {"zh": 8.0}
_MOST_PER_SECOND = 6.0
_REPETITION_PENALTY = 1.15
_PROMPTS = {"zh": "以下是普通话的句子。"}
"""Makes it write simplified characters (speech.md §4)."""

NO_SPEECH, UNLIKELY = 0.6, -1.0
"""Sound with a no-speech chance above the first and a mean log-probability below the second has no words in it
(the thresholds of OpenAI's own decoding)."""

MADE_UP = frozenset({"", "you", "thank you for watching", "thanks for watching"})
"""Subtitles it learned by heart and reads into noise."""


class WhisperRecognizer:
    """One for the server; CTranslate2 runs `workers` utterances at once, one thread each."""

    name = "whisper"

    def __init__(self, executor: Executor, folder: Path | None = None, language: str = "en", workers: int = 1) -> None:
        """Load a CTranslate2 model; `folder` None takes an installed one that reads `language`.

        Raises:
            ModelMissing: faster-whisper or a model is absent; says what to install.
        """
        found = folder or Shelf().find("whisper", language)
        if found is None:
            name = "whisper-tiny-en" if language == "en" else "whisper-base"
            raise ModelMissing(f"no whisper model for {language!r}: {Shelf().status(name).how}")
        if not (found / "model.bin").is_file():
            raise ModelMissing(f"{found} holds no whisper model (model.bin): `ivr models` lists what can be installed")
        self._whisper, self._tokenizers = _faster_whisper()
        self._model = self._whisper.WhisperModel(
            str(found), device="cpu", compute_type="int8", cpu_threads=1, num_workers=workers, local_files_only=True
        )
        self._jobs = Jobs(executor)
        self._multilingual = bool(self._model.model.is_multilingual)

    def languages(self) -> frozenset[str]:
        return frozenset(self._model.supported_languages)

    def open(self, rate: int, language: str) -> PooledStream:
        """A stream for one call.

        Raises:
            RecognizerError: the model does not read the language.
        """
        if language.split("-")[0] not in self.languages():
            raise RecognizerError(f"this whisper model does not read {language!r}; whisper-base reads many languages")
        return PooledStream(self.name, rate, self._jobs, self.read, language)

    async def close(self) -> None:
        """Nothing to stop: the executor belongs to whoever passed it."""

    def read(self, utterance: Utterance, expect: Expect, stop: Callable[[], bool]) -> Recognition:
        """Recognize one utterance in the calling thread. Once begun it cannot be stopped."""
        sound = utterance.sound(RATE)
        if stop() or not sound.size:
            return Recognition()
        language = expect.language.split("-")[0]
        text, score, no_speech = self._decode(sound, language)
        words = plain(text).split() if text.isascii() else [sign for sign in text if sign.isalnum()]
        if " ".join(words) in MADE_UP or is_loop(words):
            return Recognition()
        if no_speech > NO_SPEECH and score < UNLIKELY:
            return Recognition()
        return Recognition((Hypothesis(text, round(exp(min(0.0, score)), 3)),), fits=_fits(text, expect))

    def _decode(self, sound: "np.ndarray[Any, np.dtype[np.float32]]", language: str) -> tuple[str, float, float]:
        """Text, mean log-probability, chance that nobody speaks."""
        seconds = sound.size / RATE
        window = SHORT_WINDOW if seconds < SHORT_WINDOW - _ROOM_SECONDS else FULL_WINDOW
        padded = np.zeros(window * RATE, np.float32)
        padded[: sound.size] = sound[: padded.size]
        features = self._model.feature_extractor(padded)[:, : window * FRAMES_PER_SECOND]
        tokens = self._tokenizers.Tokenizer(
            self._model.hf_tokenizer, self._multilingual, task="transcribe", language=language
        )
        earlier = tokens.encode(_PROMPTS[language]) if language in _PROMPTS else []
        prompt = [*([tokens.sot_prev, *earlier] if earlier else []), *tokens.sot_sequence, tokens.no_timestamps]
        longest = len(prompt) + 8 + int(seconds * _TOKENS_PER_SECOND.get(language, _MOST_PER_SECOND))
        result = self._model.model.generate(
            self._whisper.transcribe.get_ctranslate2_storage(features[None]), [prompt],
            beam_size=1, repetition_penalty=_REPETITION_PENALTY, max_length=longest,
            return_scores=True, return_no_speech_prob=True,
        )[0]  # fmt: skip
        written = tokens.decode([token for token in result.sequences_ids[0] if token < tokens.eot])
        return written.strip(), float(result.scores[0]), float(result.no_speech_prob)


def _fits(text: str, expect: Expect) -> bool:
    grammar = answer_grammar(expect)
    if grammar:
        said = grammar.read(plain(text))
        return said is not None and is_enough(expect, said)
    bare = text.strip("。，？！ .,?!")
    return any(bare == phrase or (plain(bare) and plain(bare) == plain(phrase)) for phrase in expect.phrases)


def _faster_whisper() -> tuple[Any, Any]:
    """The package, imported only where it is used: it weighs 330 MB on disk."""
    try:
        return import_module("faster_whisper"), import_module("faster_whisper.tokenizer")
    except ImportError as absent:
        raise ModelMissing("faster-whisper is not installed: pip install 'ivr[whisper]'") from absent
