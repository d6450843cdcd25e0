"""Vosk: streaming recognition for any language a model is there for, in a process of its own.

Free speech comes with alternatives; a step's closed answers come with a confidence per word instead, because Vosk
gives one or the other, and a closed answer needs a number to reject by more than it needs a second guess.
"""

import asyncio
import itertools
import time
from dataclasses import replace
from pathlib import Path

import structlog

from asr.utterance import Utterance
from asr.vosk_child import VoskChild
from asr.vosk_messages import Ask, read_results, step_phrases
from ivr.model.audio import AudioFrame
from ivr.model.errors import ModelMissing
from ivr.model.meaning import Expect, Recognition

_log = structlog.get_logger(__name__)


class VoskRecognizer:
    """One child with one model for all calls. It is started with the first utterance, or before by `start`, and
    started again if it dies; an utterance under way is then fed again."""

    name = "vosk"

    def __init__(
        self,
        model: Path,
        language: str,
        threads: int = 1,
        alternatives: int = 3,
        answer_seconds: float = 10.0,
        start_seconds: float = 60.0,
    ) -> None:
        """`alternatives`: readings given for free speech; 0 gives one reading with word confidences.

        Raises:
            ModelMissing: `model` is not the folder of a Vosk model.
        """
        if not (model / "conf").is_dir() and not (model / "final.mdl").is_file():
            raise ModelMissing(
                f"{model} holds no Vosk model for {language!r}: `ivr models` lists what can be installed, "
                "`ivr models download NAME` installs it"
            )
        self._model, self._language, self._threads = model, language, threads
        self.alternatives, self.answer_seconds = alternatives, answer_seconds
        self._start_seconds = start_seconds
        self._numbers = itertools.count(1)
        self._starting = asyncio.Lock()
        self.child: VoskChild | None = None

    def languages(self) -> frozenset[str]:
        return frozenset({self._language})

    def open(self, rate: int, language: str) -> "VoskStream":
        return VoskStream(self, next(self._numbers), rate, language)

    async def start(self) -> VoskChild:
        """The running child, started if need be.

        Raises:
            RecognizerError: it does not start.
        """
        async with self._starting:
            if self.child is None or not self.child.is_alive:
                if self.child:
                    _log.warning("the vosk process ended; starting another")
                    await self.child.end()
                self.child = await VoskChild.start(self._model, self._threads, self._start_seconds)
            return self.child

    async def close(self) -> None:
        async with self._starting:
            if self.child:
                await self.child.end()
            self.child = None


class VoskStream:
    """One call's part of the child. Sound is kept until `reset` so that another child can be fed it again."""

    def __init__(self, recognizer: VoskRecognizer, number: int, rate: int, language: str) -> None:
        self._recognizer = recognizer
        self._number = number
        self._expect = Expect(language=language)
        self._utterance = Utterance(rate)
        self._sent = 0
        self._begun_with: VoskChild | None = None

    def expect(self, expect: Expect) -> None:
        """A step with other phrases makes the child begin the utterance again."""
        if step_phrases(expect) != step_phrases(self._expect):
            self._begun_with = None
        self._expect = expect

    def feed(self, frame: AudioFrame) -> None:
        self._utterance.feed(frame)
        if self._recognizer.child and self._recognizer.child.is_alive:
            self._catch_up(self._recognizer.child)

    async def partial(self) -> str:
        """Words so far; Vosk's are about half a second late."""
        if self._utterance.is_silent:
            return ""
        return (await self._ask(Ask.PARTIAL)).text

    async def recognize(self, *, final: bool) -> Recognition:
        """Final: all that was fed. Speculative: the words so far, which a short answer may not have yet.

        Raises:
            RecognizerError: the child died or hangs; the next try starts another.
        """
        if self._utterance.is_silent:
            return Recognition(engine=self._recognizer.name)
        began = time.perf_counter()
        recognition = await self._ask(Ask.FINAL if final else Ask.PARTIAL)
        return replace(recognition, engine=self._recognizer.name, seconds=time.perf_counter() - began)

    def reset(self) -> None:
        self._utterance = Utterance(self._utterance.rate)
        self._begun_with = None

    async def close(self) -> None:
        child = self._recognizer.child
        if child:
            child.send(Ask.END, self._number)

    async def _ask(self, ask: Ask) -> Recognition:
        child = await self._recognizer.start()
        self._catch_up(child)
        answer = await child.ask(ask, self._number, {}, self._recognizer.answer_seconds)
        return read_results(answer["results"], self._expect, closed=answer["closed"])

    def _catch_up(self, child: VoskChild) -> None:
        """Send what this child has not had of the utterance."""
        if self._begun_with is not child:
            self._begun_with, self._sent = child, 0
            wish = {
                "rate": self._utterance.rate,
                "phrases": step_phrases(self._expect),
                "alternatives": self._recognizer.alternatives,
            }
            child.send(Ask.BEGIN, self._number, wish)
        unsent = self._utterance.pieces(self._sent)
        if unsent:
            child.send(Ask.FEED, self._number, b"".join(unsent))
            self._sent += len(unsent)
