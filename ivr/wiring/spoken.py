"""Conversation tests by voice: a real voice, the telephone's band, a real recognizer."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ivr.config import Config
from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame, silence
from ivr.model.errors import RecognizerError
from ivr.model.g711 import mulaw_decode, mulaw_encode
from ivr.model.meaning import Expect, Hypothesis, Meaning
from ivr.model.ports import Understanding
from ivr.wiring.clock import SystemClock
from ivr.wiring.hearing import HearingShop, hearing
from ivr.wiring.rehearsing import Rehearsing
from ivr.wiring.speaking import voices
from tts.speaking import SpeakingVoices

PAUSE = [AudioFrame(silence(FRAME_SECONDS, PHONE_RATE), PHONE_RATE)] * 15
"""Before and after what the caller says: 0.3 s."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Understands what is left of the words once they were spoken and recognized. Called from threads."""

    understanding: Understanding
    voices: SpeakingVoices
    shop: HearingShop
    loop: asyncio.AbstractEventLoop

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        said = self._heard(hypotheses[0].text, expect)
        return self.understanding.understand(asyncio.run_coroutine_threadsafe(said, self.loop).result(), expect)

    async def _heard(self, text: str, expect: Expect) -> tuple[Hypothesis, ...]:
        recognizer = self.shop.by_language.get(expect.language)
        if recognizer is None:
            why = self.shop.reasons.get(expect.language, f"no recognizer is configured for {expect.language}")
            raise RecognizerError(why)
        stream = recognizer.open(PHONE_RATE, expect.language)
        try:
            stream.expect(expect)
            for frame in PAUSE:
                stream.feed(frame)
            async for frame in self.voices.speak(text, PHONE_RATE, expect.language):
                stream.feed(AudioFrame(mulaw_decode(mulaw_encode(frame.pcm)), PHONE_RATE))
            for frame in PAUSE:
                stream.feed(frame)
            return (await stream.recognize(final=True)).hypotheses
        finally:
            await stream.close()


@asynccontextmanager
async def spoken(config: Config) -> AsyncIterator[tuple[Rehearsing, Mapping[str, str]]]:
    """Rehearsals by voice, and why a language cannot be heard. Play them on a thread: the voices and recognizers live
    on this loop."""
    loop = asyncio.get_running_loop()
    async with voices(config.speaking, SystemClock()) as speaking, hearing(config.hearing) as shop:
        yield Rehearsing(config, lambda understanding: Spoken(understanding, speaking, shop, loop)), shop.reasons
