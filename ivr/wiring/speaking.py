"""Voices as config.yaml lists them, behind one `Voice` with a cache and a fallback."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog

from ivr.config import Speaking, VoiceName
from ivr.model.errors import ConfigError, VoiceError
from ivr.model.ports import Clock, Voice
from tts.cache import CacheLimits, PromptCache
from tts.chain import VoiceChain, VoicePlace
from tts.espeak_voice import EspeakEngine
from tts.hibari_voice import HibariEngine
from tts.pyttsx3_voice import Pyttsx3Voice
from tts.speaking import SpeakingVoices
from tts.workers import PooledVoice

log = structlog.get_logger(__name__)

SPEAKING_THREADS = 2


class OfOneLanguage:
    """A voice that config.yaml lists for some of its languages only."""

    def __init__(self, voice: Voice, languages: frozenset[str]) -> None:
        self.name = voice.name
        self._voice, self._languages = voice, languages
        self.speak = voice.speak
        self.close = voice.close

    def languages(self) -> frozenset[str]:
        return self._voice.languages() & self._languages


@asynccontextmanager
async def voices(settings: Speaking, clock: Clock) -> AsyncIterator[SpeakingVoices]:
    """All voices of the server; closed with the block.

    Raises:
        ConfigError: a language has no voice that works on this machine.
    """
    pool = ThreadPoolExecutor(SPEAKING_THREADS, thread_name_prefix="voice")
    try:
        chain = VoiceChain(_places(settings, pool))
        for language in settings.voices:
            if not chain.order(language):
                raise ConfigError(
                    f"speaking.voices.{language}: none of {', '.join(settings.voices[language])} works here; "
                    "see the warnings above for what each is missing"
                )
        limits = CacheLimits(disk_bytes=settings.cache_megabytes * 2**20)
        speaking = SpeakingVoices(chain, PromptCache(settings.cache, limits), clock)
        try:
            yield speaking
        finally:
            await speaking.close()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _places(settings: Speaking, pool: ThreadPoolExecutor) -> list[VoicePlace]:
    """Each voice once, in the order in which the languages ask for it."""
    wanted: dict[VoiceName, set[str]] = {}
    for language, names in settings.voices.items():
        for name in names:
            wanted.setdefault(name, set()).add(language)
    ranked = sorted(wanted, key=lambda name: min(settings.voices[lang].index(name) for lang in wanted[name]))
    places = []
    for name in ranked:
        try:
            voice, version, is_live = _voice(name, pool)
        except VoiceError as error:
            log.warning("voice is not available", voice=name, reason=str(error))
            continue
        places.append(VoicePlace(OfOneLanguage(voice, frozenset(wanted[name])), version, is_live))
    return places


def _voice(name: VoiceName, pool: ThreadPoolExecutor) -> tuple[Voice, str, bool]:
    match name:
        case "hibari":
            hibari = PooledVoice(HibariEngine(), pool)
            return hibari, hibari.version, True
        case "espeak":
            espeak = PooledVoice(EspeakEngine(), pool)
            return espeak, espeak.version, True
        case "pyttsx3":
            system = Pyttsx3Voice()
            return system, system.version, True
        case "kokoro":
            raise VoiceError("kokoro comes with a later release")
