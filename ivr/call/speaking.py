"""Say what waits to be said, one utterance after the other, on one line."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import structlog

from ivr.model.audio import AudioFrame
from ivr.model.commands import Say
from ivr.model.errors import IvrError
from ivr.model.events import CallEvent, PlaybackFinished, SpeakingFailed
from ivr.model.ports import Line, Voice

log = structlog.get_logger(__name__)


class Mouth:
    """The speech queue of one call. Every utterance given to `say` ends in exactly one event, whatever happens:
    the line reports what was played, we report what never was.
    """

    def __init__(self, line: Line, voice: Voice, post: Callable[[CallEvent], None]) -> None:
        self._line, self._voice, self._post = line, voice, post
        self._waiting: deque[Say] = deque()
        self._more = asyncio.Event()
        self._stopped = False

    def say(self, said: Say) -> None:
        self._waiting.append(said)
        self._more.set()

    async def stop(self) -> None:
        """Break off: what waits is reported as interrupted, what plays the line reports."""
        waiting = list(self._waiting)
        self._waiting.clear()
        self._stopped = True
        await self._line.stop_playing()
        for said in waiting:
            self._post(PlaybackFinished(said.utterance, interrupted=True))

    async def run(self) -> None:
        while True:
            await self._more.wait()
            while self._waiting:
                self._stopped = False
                await self._speak(self._waiting.popleft())
            self._more.clear()

    async def _speak(self, said: Say) -> None:
        handed_over, failed, code = False, True, "error"

        async def sound() -> AsyncIterator[AudioFrame]:
            nonlocal handed_over
            async for frame in self._voice.speak(said.text, self._line.rate, said.language):
                if self._stopped:
                    return
                handed_over = True
                yield frame

        try:
            await self._line.play(said.utterance, sound())
            failed = False
        except IvrError as error:
            code = error.code
            log.warning("could not speak", utterance=said.utterance, code=code)
        finally:
            # Of what was handed over the line reports the end.
            if failed and not handed_over:
                self._post(SpeakingFailed(said.utterance, code))
