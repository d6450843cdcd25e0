"""Two engines as one: a quick one that always reads, and a slower one asked when the first is unsure of a sentence.

Moonshine is the better reader of single words, digits and answers; Whisper of long sentences (speech.md §1). So the
second is asked only for final results of free speech that are long or doubtful, and only while it has time.
"""

import asyncio
from dataclasses import dataclass, replace

import structlog

from asr.tokens import plain
from ivr.model.audio import AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition
from ivr.model.ports import Recognizer, RecognizerStream

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AskWhen:
    """When the second engine is asked."""

    more_words_than: int = 4
    surer_than: float = 0.93
    """A first confidence above this needs no second opinion, however long the sentence."""

    doubtful_below: float = 0.6
    """A first confidence below this is asked about even when the sentence is short."""

    at_once: int = 1
    """Second opinions under way for all calls; a call that finds no room keeps the first."""

    wait_seconds: float = 1.0
    """Longest a caller waits for it."""

    def wanted(self, first: Recognition) -> bool:
        """True if the first reading leaves room for doubt. An answer that fits the step leaves none."""
        if first.fits or not first.hypotheses:
            return False
        return first.confidence < (self.surer_than if self.is_long(first) else self.doubtful_below)

    def is_long(self, recognition: Recognition) -> bool:
        return len(plain(recognition.text).split()) > self.more_words_than


class SecondOpinion:
    """A `Recognizer` made of two that read the same languages."""

    def __init__(self, first: Recognizer, second: Recognizer, when: AskWhen | None = None) -> None:
        self.name = f"{first.name}+{second.name}"
        self._first, self._second = first, second
        self._when = when or AskWhen()
        self._room = asyncio.Semaphore(self._when.at_once)

    def languages(self) -> frozenset[str]:
        return self._first.languages()

    def open(self, rate: int, language: str) -> RecognizerStream:
        first = self._first.open(rate, language)
        if language.split("-")[0] not in self._second.languages():
            return first
        return _TwoStreams(first, self._second.open(rate, language), self._when, self._room)

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()


class _TwoStreams:
    def __init__(
        self, first: RecognizerStream, second: RecognizerStream, when: AskWhen, room: asyncio.Semaphore
    ) -> None:
        self._first, self._second = first, second
        self._when, self._room = when, room

    def expect(self, expect: Expect) -> None:
        self._first.expect(expect)
        self._second.expect(expect)

    def feed(self, frame: AudioFrame) -> None:
        self._first.feed(frame)
        self._second.feed(frame)

    async def partial(self) -> str:
        return await self._first.partial()

    async def recognize(self, *, final: bool) -> Recognition:
        """The first engine's reading; where it leaves doubt, a final result puts the surer of the two first."""
        first = await self._first.recognize(final=final)
        if not final or not self._when.wanted(first) or self._room.locked():
            return first
        async with self._room:
            second = await self._ask_second()
        return self._weigh(first, second) if second and second.hypotheses else first

    def _weigh(self, first: Recognition, second: Recognition) -> Recognition:
        """Same words: surer than either. Different: the second leads if it fits the step or the sentence is long and
        it does not doubt itself; the other engine's readings follow as alternatives."""
        seconds = first.seconds + second.seconds
        if plain(first.text) == plain(second.text):
            sure = Hypothesis(first.text, max(first.confidence, second.confidence))
            return replace(first, hypotheses=(sure, *first.hypotheses[1:]), seconds=seconds)
        leads = second.fits or (self._when.is_long(second) and second.confidence >= self._when.doubtful_below)
        ahead, behind = (second, first) if leads else (first, second)
        known = {plain(hypothesis.text) for hypothesis in ahead.hypotheses}
        others = tuple(other for other in behind.hypotheses if plain(other.text) not in known)
        return replace(ahead, hypotheses=ahead.hypotheses + others, seconds=seconds)

    async def _ask_second(self) -> Recognition | None:
        try:
            async with asyncio.timeout(self._when.wait_seconds):
                return await self._second.recognize(final=True)
        except TimeoutError:
            _log.info("the second recognizer took too long; the first one's words are used")
        except RecognizerError as broken:
            _log.warning("the second recognizer failed; the first one's words are used", code=broken.code)
        return None

    def reset(self) -> None:
        self._first.reset()
        self._second.reset()

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()
