"""Voices as config.yaml lists them, behind one `Voice` with a cache and a fallback."""

import os
import sys
import threading
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
from tts.kokoro_voice import KokoroEngine
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


def _yield_to_calls() -> None:
    """On Linux a thread has a priority of its own (setpriority(2), NOTES); elsewhere it works like any other."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)


class Pools:
    """A pool for each engine: a hung neural voice must not block the voice that stands in for it."""

    def __init__(self) -> None:
        self._pools: list[ThreadPoolExecutor] = []

    def one_more(self, threads: int = 1, *, yielding: bool = False) -> ThreadPoolExecutor:
        """`yielding`: its threads work only with what calls leave over."""
        begin = _yield_to_calls if yielding else None
        self._pools.append(ThreadPoolExecutor(threads, thread_name_prefix="voice", initializer=begin))
        return self._pools[-1]

    def close(self) -> None:
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def voices(settings: Speaking, clock: Clock) -> AsyncIterator[SpeakingVoices]:
    """All voices of the server; closed with the block.

    Raises:
        ConfigError: a language has no voice that works on this machine.
    """
    pools = Pools()
    try:
        chain = VoiceChain(_places(settings, pools))
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
        pools.close()


def _places(settings: Speaking, pools: Pools) -> list[VoicePlace]:
    """Each voice once, in the order in which the languages ask for it."""
    wanted: dict[VoiceName, set[str]] = {}
    for language, names in settings.voices.items():
        for name in names:
            wanted.setdefault(name, set()).add(language)
    ranked = sorted(wanted, key=lambda name: min(settings.voices[lang].index(name) for lang in wanted[name]))
    places = []
    for name in ranked:
        try:
            voice, version, is_live = _voice(name, pools)
        except VoiceError as error:
            log.warning("voice is not available", voice=name, reason=str(error))
            continue
        places.append(VoicePlace(OfOneLanguage(voice, frozenset(wanted[name])), version, is_live))
    return places


def _voice(name: VoiceName, pools: Pools) -> tuple[Voice, str, bool]:
    match name:
        case "hibari":
            hibari = PooledVoice(HibariEngine(), pools.one_more(SPEAKING_THREADS))
            return hibari, hibari.version, True
        case "espeak":
            espeak = PooledVoice(EspeakEngine(), pools.one_more())
            return espeak, espeak.version, True
        case "pyttsx3":
            system = Pyttsx3Voice()
            return system, system.version, True
        case "kokoro":
            kokoro = PooledVoice(KokoroEngine(), pools.one_more(yielding=True))
            return kokoro, kokoro.version, False
