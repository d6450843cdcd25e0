"""Recognition and understanding of one call, off the event loop: one piece in flight, whatever goes wrong is a failed
reading, and a recognizer that hangs is left behind."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import structlog

from ivr.model.audio import AudioFrame
from ivr.model.errors import RecognizerError
from ivr.model.meaning import Expect, Meaning, Recognition
from ivr.model.ports import RecognizerStream, Understanding

log = structlog.get_logger(__name__)

OpenStream = Callable[[str], RecognizerStream]
"""Opens a recognizer for a language at the rate of the line; may raise RecognizerError."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one `Read`."""

    number: int
    recognition: Recognition = field(default_factory=Recognition)
    meaning: Meaning = field(default_factory=Meaning)
    failure: str = ""
    """Why there is no recognition: slow, broken, missing."""


class Reader:
    """Reads the utterance under way. Results go to `done`, on the event loop, one at a time."""

    def __init__(
        self,
        open_stream: OpenStream,
        language: str,
        understanding: Understanding,
        threads: Executor,
        limit_seconds: float,
        done: Callable[[Reading], None],
    ) -> None:
        self._open_stream = open_stream
        self._language = language
        self._understanding = understanding
        self._threads = threads
        self._limit_seconds = limit_seconds
        self._done = done
        self._expect = Expect(language=language)
        self._stream = self._opened()
        self._task: asyncio.Task[None] | None = None
        self._known: tuple[Recognition, Expect, Meaning] | None = None
        """What was understood last."""

        self._is_lost = False
        """The stream that held this utterance was given up."""
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    def expect(self, expect: Expect) -> None:
        """What the next words may be. Another language opens another recognizer."""
        self._expect = expect
        if expect.language != self._language:
            self._language = expect.language
            self._replace()
        elif self._stream:
            self._stream.expect(expect)

    def begin(self, preroll: list[AudioFrame]) -> None:
        """A new utterance; the one before is forgotten."""
        self.give_up()
        self._is_lost = False
        if self._stream is None:
            self._replace()
        else:
            self._stream.reset()
        for frame in preroll:
            self.feed(frame)

    def feed(self, frame: AudioFrame) -> None:
        if self._stream:
            self._stream.feed(frame)

    def read(self, number: int, *, final: bool) -> None:
        """Recognize what was fed, in place of any piece in flight."""
        self.give_up()
        self._task = asyncio.create_task(self._read(number, final))

    def give_up(self) -> None:
        """The piece in flight is not wanted any more; the engine may still finish it on its thread."""
        if self._task:
            self._task.cancel()
            self._task = None

    async def partial(self) -> str:
        """Words so far; empty if there are none or the engine failed (the reading will tell)."""
        if self._stream is None:
            return ""
        try:
            return await asyncio.wait_for(self._stream.partial(), self._limit_seconds)
        except Exception:
            log.exception("partial_failed")
            return ""

    async def close(self) -> None:
        """Stop at once; a thread that hangs is not waited for."""
        if task := self._task:
            self.give_up()
            await asyncio.gather(task, return_exceptions=True)
        if self._stream:
            await self._close(self._stream)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _opened(self) -> RecognizerStream | None:
        try:
            stream = self._open_stream(self._language)
            stream.expect(self._expect)
        except Exception:
            log.exception("recognizer_not_opened", language=self._language)
            return None
        return stream

    def _replace(self) -> None:
        if self._stream:
            task = asyncio.create_task(self._close(self._stream))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._stream = self._opened()

    async def _close(self, stream: RecognizerStream) -> None:
        try:
            await asyncio.wait_for(stream.close(), self._limit_seconds)
        except Exception:
            log.exception("recognizer_not_closed")

    async def _read(self, number: int, final: bool) -> None:
        reading = await self._attempt(number, final)
        self._task = None
        self._done(reading)

    async def _attempt(self, number: int, final: bool) -> Reading:
        if self._expect.secret:
            return Reading(number)
        if self._stream is None or self._is_lost:
            return Reading(number, failure="slow" if self._is_lost else "missing")
        try:
            async with asyncio.timeout(self._limit_seconds):
                recognition = await self._stream.recognize(final=final)
                meaning = await self._understand(recognition) if recognition.hypotheses else Meaning()
        except TimeoutError:
            log.error("recognition_hangs", limit_seconds=self._limit_seconds)
            self._replace()
            self._is_lost = True
            return Reading(number, failure="slow")
        except RecognizerError as error:
            log.error("recognition_failed", code=error.code, detail=str(error))
            return Reading(number, failure="broken")
        except Exception:
            log.exception("recognition_broke")
            return Reading(number, failure="broken")
        return Reading(number, recognition, meaning)

    async def _understand(self, recognition: Recognition) -> Meaning:
        """The final reading is mostly that of the speculation: it is not understood twice."""
        expect = self._expect
        if self._known and self._known[:2] == (recognition, expect):
            return self._known[2]
        loop = asyncio.get_running_loop()
        understand = self._understanding.understand
        meaning = await loop.run_in_executor(self._threads, understand, recognition.hypotheses, expect)
        self._known = (recognition, expect, meaning)
        return meaning
