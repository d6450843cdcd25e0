"""Runs a synthesis engine on pool threads and turns it into a `Voice`; converts whatever an engine raises."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from threading import Event

from ivr.model.audio import AudioFrame, silence
from ivr.model.errors import VoiceError
from tts.engine import Engine, primary
from tts.finish import finished, frames_of
from tts.sentences import pieces_of

STUCK_AFTER_SECONDS = 5.0
"""A sentence given up on that still occupies its thread after this long: the engine hangs, a second try would too."""


class PooledVoice:
    """A `Voice` around one engine. Cancelling `speak` takes the sentence off the pool, or tells the engine to stop."""

    def __init__(self, engine: Engine, pool: Executor, now: Callable[[], float] = time.monotonic) -> None:
        self.name = engine.name
        self.version = engine.version
        self._engine = engine
        self._pool = pool
        self._now = now
        self._given_up: dict[Future[bytes], float] = {}

    def languages(self) -> frozenset[str]:
        return self._engine.languages()

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        """Frames of 20 ms, sentence by sentence; the last frame of a sentence is filled up with silence.

        Raises:
            VoiceError: the engine failed, hangs, or does not speak `language`.
        """
        if primary(language) not in self.languages():
            raise VoiceError(f"voice {self.name} does not speak {language!r}; configure one that does")
        for piece in pieces_of(text, cut_long=False):
            pcm = await self._sentence(piece.text, rate, primary(language))
            for frame in frames_of(pcm + silence(piece.pause, rate), rate):
                yield frame

    async def close(self) -> None:
        """Nothing of its own to release: the pool belongs to who made it."""

    async def _sentence(self, sentence: str, rate: int, language: str) -> bytes:
        if any(self._now() - since > STUCK_AFTER_SECONDS for since in self._given_up.values()):
            raise VoiceError(f"voice {self.name} hangs on an earlier sentence; restart the server if it stays so")
        stop = Event()
        work = self._pool.submit(self._synthesize, sentence, rate, language, stop)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            stop.set()
            if not work.done():
                self._given_up[work] = self._now()
                work.add_done_callback(lambda done: self._given_up.pop(done, None))
            raise

    def _synthesize(self, sentence: str, rate: int, language: str, stop: Event) -> bytes:
        try:
            sound = self._engine.synthesize(sentence, language, stop)
            pcm = b"" if stop.is_set() else finished(sound.samples, sound.rate, rate)
        except VoiceError:
            raise
        except Exception as error:
            # The sentence may hold what the caller said: only the kind of error goes on, the cause is chained.
            raise VoiceError(f"voice {self.name} broke: {type(error).__name__}") from error
        if not pcm and not stop.is_set():
            raise VoiceError(f"voice {self.name} made no sound of a sentence of {len(sentence)} characters")
        return pcm
