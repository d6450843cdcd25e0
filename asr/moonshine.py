"""Moonshine, the embedded recognizer for English: free speech, and answers held to what the step expects."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import lru_cache
from math import exp
from pathlib import Path

from asr.answers import answer_grammar, expected_grammar, is_enough, likely_phrases
from asr.decoding import LARGEST_LOSS, Reading, Search, read_freely, read_inside, read_leaning
from asr.grammar import Grammar
from asr.leaning import Leaning
from asr.models import moonshine_folder
from asr.moonshine_net import RATE, Encoded, shared_net
from asr.pooled import PooledStream
from asr.quieting import quietened
from asr.requests import is_request, request_grammar
from asr.token_grammar import TokenGrammar
from asr.tokens import is_loop, plain
from asr.utterance import Utterance
from asr.workers import Jobs
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition

ACCEPT = -1.2
"""A reading inside the grammar is taken if its mean log-probability is at most this much below free speech.
-0.5 takes fewer wrong answers and asks again more often (speech.md §1; benchmarks/recognition.py)."""

SURE = -0.25
"""A short answer read freely above this mean log-probability is taken without a second reading; "oh" for "four" is
below it. In longer answers the words around hold each other up."""

COMMAND_ODDS = 5.5
"""Log-odds by which a command (or another request) must be likelier than the best answer that the step expects. "Five"
is read as a sure "bye" from one telephone in ten and "four" as "sorry"; where a digit is asked for, people say one some
twenty times as often as a command, and a goodbye heard wrongly costs the call. Spoken digits lay above -6.3, 40
commands without noise below -6.6 (a third of the recordings of benchmarks/expected.py)."""

COMMAND_SURE = -1.0
"""Least mean log-probability of a command at such a step. "That's all" was found in noisy digits at -1.9."""

_BEAMS, _BEAMS_SHORT = 4, 8
_SHORT_SECONDS = 2.0
"""A single digit is spelled in many ways ("Four.", "for", "4"), whose chances belong together: eight readings find
them. They make single digits 3 % better; on longer speech they only cost."""

SENTENCE = -1.7
"""As ACCEPT, for whole sentences of a flow's patterns. Right readings lay above -1.6 down to 6 dB of kitchen on the
telephone; 64 other sentences, 24 of them about the same things, all below -2.0 (coffee flow)."""

PER_LETTER = 0.4
"""Log-probability that a letter of a sentence adds. Sums of log-probabilities favour short sentences: in noise the
network would sooner stop than spell a word it hardly heard. 0.3 to 0.6 do equally well, and by letters better than
by words: "lots of" is as long as "a lot of"."""

_BEAMS_SENTENCE, _BEAMS_FIRST, _PATIENCE = 10, 24, 6.0

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

    def __init__(
        self,
        executor: Executor,
        folder: Path | None = None,
        accept: float = ACCEPT,
        sentence: float = SENTENCE,
        command_odds: float = COMMAND_ODDS,
    ) -> None:
        """Load the weights (about 0.2 s); `folder` None means the installed wheel.

        Raises:
            ModelMissing: the weights are not on this machine.
            RecognizerError: they are other weights.
        """
        self._net = shared_net(folder or moonshine_folder())
        self._jobs = Jobs(executor)
        self._accept = accept
        self._sentence = sentence
        self._command_odds = command_odds
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
        if utterance.is_silent:
            return Recognition()
        request = request_grammar(expect)
        sound = utterance.sound(RATE)
        heard = self._net.encode(quietened(sound) if request else sound)
        free = read_freely(self._net, heard, stop)
        words = plain(self._text(free))
        if stop() or words in NOISE_WORDS:
            return Recognition()
        if request and (asked := self._read_request(heard, free, words, request, expect, stop)):
            return asked
        if is_loop(words.split()):
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
        short = heard.seconds < _SHORT_SECONDS
        if said is not None and free.mean > (SURE if short else MADE_UP):
            return self._weighed(heard, free, [(said, free)], expect, stop)
        search = Search(_BEAMS_SHORT if short else _BEAMS)
        readings = read_inside(self._net, heard, self._through(grammar), free, stop, search)
        ranked = sorted(self._texts(grammar, readings).items(), key=lambda pair: -pair[1].total)
        near = [(text, reading) for text, reading in ranked if reading.mean - free.mean >= self._accept]
        return self._weighed(heard, free, near, expect, stop) if near else None

    def _weighed(
        self, heard: Encoded, free: Reading, found: list[tuple[str, Reading]], expect: Expect, stop: Stop
    ) -> Recognition | None:
        """Readings inside the grammar, best first; a command only if it is sure and no answer comes near it."""
        expected = expected_grammar(expect)
        command, reading = found[0]
        if expected and expected.read(plain(command)) is None and not stop():
            inside = read_inside(self._net, heard, self._through(expected), free, stop, Search(_BEAMS_SHORT))
            answers = self._texts(expected, inside)
            best = max(answers.items(), key=lambda pair: pair[1].total, default=None)
            if best and best[1].total >= reading.total - self._command_odds:
                found = [best, *found]
            elif reading.mean < COMMAND_SURE:
                return None
        return Recognition(_hypotheses([*found, (self._text(free), free)]), fits=is_enough(expect, found[0][0]))

    def _read_request(
        self, heard: Encoded, free: Reading, words: str, grammar: Grammar, expect: Expect, stop: Stop
    ) -> Recognition | None:
        """A whole sentence of the step's patterns, None if free speech is much likelier than all of them."""
        said = grammar.read(words)
        if said is not None and free.mean > SURE:
            return Recognition(_hypotheses([(said, free)]), fits=True)
        loss = -self._sentence * (len(free.tokens) + 1)
        search = Search(_BEAMS_SENTENCE, _BEAMS_FIRST, max(LARGEST_LOSS, loss), _PATIENCE)
        found = self._texts(grammar, read_inside(self._net, heard, self._through(grammar), free, stop, search))
        ranked = sorted(found.items(), key=lambda pair: -(pair[1].total + PER_LETTER * len(pair[0].replace(" ", ""))))
        near = [(text, reading) for text, reading in ranked if reading.mean - free.mean >= self._sentence]
        if not near or not is_request(expect, near[0][0]):
            return None
        return Recognition(_hypotheses([*near, (self._text(free), free)]), fits=True)

    def _texts(self, grammar: Grammar, readings: Iterable[Reading]) -> dict[str, Reading]:
        """What the readings say, as the grammar writes it; those that say the same are one."""
        found: dict[str, Reading] = {}
        for reading in readings:
            text = grammar.read(plain(self._text(reading)))
            if text:
                found[text] = found[text].or_else(reading) if text in found else reading
        return found

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
