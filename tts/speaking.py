"""Speaking: cache first, sentence by sentence, one sentence ahead, and the next voice when one fails.

A sentence is handed out whole or not at all, so that a voice dying in the middle of one never says a word twice.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import cast

import structlog

from ivr.model.audio import PHONE_RATE, AudioFrame, silence
from ivr.model.errors import VoiceError
from ivr.model.g711 import mulaw_decode, mulaw_encode
from ivr.model.ports import Clock, Voice
from tts.cache import PromptCache, prompt_key
from tts.chain import VoiceChain, VoicePlace
from tts.engine import primary
from tts.finish import frames_of
from tts.sentences import pieces_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SpeakingLimits:
    most_waiting: int = 32
    """Sentences being made at once for all calls; the next one is refused: it would come too late anyway."""

    warm_piece_seconds: float = 60.0
    """Longest wait for one sentence while prompts are made in advance."""


@dataclass(frozen=True, slots=True)
class Warmed:
    """What `warm` did, in pieces."""

    made: int = 0
    found: int = 0
    failed: int = 0


class SpeakingVoices:
    """All voices as one `Voice`: what a call speaks with."""

    name = "speaking"

    def __init__(
        self,
        chain: VoiceChain,
        cache: PromptCache,
        clock: Clock,
        limits: SpeakingLimits | None = None,
        preferred: str = "",
    ) -> None:
        """
        Args:
            preferred: name of the voice asked first where it speaks the language; "": the chain's order.
        """
        self._chain = chain
        self._cache = cache
        self._clock = clock
        self._limits = limits or SpeakingLimits()
        self._preferred = preferred
        self._waiting = _Waiting()

    def preferring(self, voice: str) -> "SpeakingVoices":
        """The same voices, cache and limits with one voice asked first: for `Say.voice`."""
        other = SpeakingVoices(self._chain, self._cache, self._clock, self._limits, voice)
        other._waiting = self._waiting
        return other

    def languages(self) -> frozenset[str]:
        return self._chain.languages()

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        """Frames of 20 ms at `rate`. While one sentence is handed out the next is made.

        Raises:
            VoiceError: no voice could say the sentence whose turn it is; those before it were handed out.
        """
        pieces = pieces_of(text)
        ahead: asyncio.Task[bytes] | None = None
        try:
            for number, piece in enumerate(pieces):
                pcm = await (ahead or self._sound(piece.text, rate, language))
                ahead = None
                if number + 1 < len(pieces):
                    ahead = asyncio.create_task(self._sound(pieces[number + 1].text, rate, language))
                for frame in frames_of(pcm + silence(piece.pause, rate), rate):
                    yield frame
        finally:
            await _called_off(ahead)

    async def warm(
        self,
        prompts: Iterable[tuple[str, str]],
        rate: int = PHONE_RATE,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Warmed:
        """Make prompts, (text, language) each, before anyone calls: one at a time, so that a call hardly waits behind.

        The first voice of each language makes them, also one too slow for live use. Never raises `VoiceError`: what
        could not be made is counted, and made when it is spoken. `progress` is told (pieces done, pieces in all).
        """
        wanted = list(dict.fromkeys((piece.text, lang) for text, lang in prompts for piece in pieces_of(text)))
        made = found = failed = 0
        for done, (sentence, language) in enumerate(wanted, start=1):
            best = self._chain.order(language, self._preferred)[:1]
            if best and await self._cached(_key(best[0], sentence, rate, language)) is not None:
                found += 1
            else:
                try:
                    await self._sound(sentence, rate, language, in_advance=True)
                    made += 1
                except VoiceError as error:
                    failed += 1
                    log.warning("prompt not made in advance", error=str(error))
            progress(done, len(wanted))
        return Warmed(made, found, failed)

    async def close(self) -> None:
        """Close every voice and write what is not yet on disk."""
        for voice in self._chain.voices():
            await voice.close()
        await self._cache.close()

    async def _sound(self, sentence: str, rate: int, language: str, *, in_advance: bool = False) -> bytes:
        """PCM of one sentence by the first voice that has it or can make it; resting voices are the last resort."""
        order = self._chain.order(language, self._preferred)
        now = self._clock.now()
        resting = [place for place in order if self._chain.is_resting(place, now)]
        for place in order:
            cached = await self._cached(_key(place, sentence, rate, language))
            if cached is not None:
                return cached
            if place not in resting and (made := await self._made(place, sentence, rate, language, in_advance)):
                return made
        for place in resting:
            if made := await self._made(place, sentence, rate, language, in_advance):
                return made
        raise VoiceError(f"no voice could speak {language!r}: check `voices` in config.yaml and the warnings above")

    async def _cached(self, key: str) -> bytes | None:
        sound = await self._cache.find(key)
        return None if sound is None else mulaw_decode(sound)

    async def _made(self, place: VoicePlace, sentence: str, rate: int, language: str, in_advance: bool) -> bytes:
        """PCM of one sentence by one voice; empty if it failed or is too slow to be waited for."""
        if not (place.is_live or in_advance):
            return b""
        seconds = self._limits.warm_piece_seconds if in_advance else place.piece_seconds
        spoken_before = self._chain.spoken(place)
        with self._waiting.one_more(self._limits.most_waiting):
            try:
                async with asyncio.timeout(seconds):
                    sound = mulaw_encode(await _whole(place.voice, sentence, rate, language))
            except VoiceError as error:
                self._log_failure(place, str(error), self._chain.failed(place, self._clock.now()))
                return b""
            except TimeoutError:
                rests = self._chain.was_late(place, spoken_before, self._clock.now())
                self._log_failure(place, f"no sound in {seconds:g} s", rests)
                return b""
        self._chain.spoke(place)
        self._cache.keep(_key(place, sentence, rate, language), sound)
        # What is spoken the first time is what the cache gives the next time, bit by bit.
        return mulaw_decode(sound)

    def _log_failure(self, place: VoicePlace, reason: str, rests: bool) -> None:
        log.warning("voice failed, the next one is asked", voice=place.voice.name, reason=reason, rests=rests)


class _Waiting:
    """Counts sentences being made, for all views of the same voices."""

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def one_more(self, most: int) -> Iterator[None]:
        if self._count >= most:
            raise VoiceError(f"{most} sentences are already being made: more calls than this machine can speak to")
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1


def _key(place: VoicePlace, sentence: str, rate: int, language: str) -> str:
    return prompt_key(place.voice.name, place.version, primary(language), sentence, rate)


async def _whole(voice: Voice, sentence: str, rate: int, language: str) -> bytes:
    """All of one sentence. Cancelling it tells the voice, which is why the generator is closed here and now.

    Raises:
        VoiceError: the voice failed, or gave no sound at all.
    """
    sound = cast(AsyncGenerator[AudioFrame], voice.speak(sentence, rate, language))
    async with aclosing(sound):
        pcm = b"".join([frame.pcm async for frame in sound])
    if not pcm:
        raise VoiceError(f"voice {voice.name} made no sound")
    return pcm


async def _called_off(task: asyncio.Task[bytes] | None) -> None:
    """Stop making a sentence nobody waits for (the caller interrupted), and leave no task behind."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
