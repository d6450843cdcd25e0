"""Pure: which voices speak a language, in which order, and which of them rest because they just failed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.model.ports import Voice
from tts.engine import primary

FAILURES_BEFORE_REST = 2
"""One failure may be the sentence's fault; two in a row are the voice's."""


@dataclass(frozen=True, slots=True)
class VoicePlace:
    """One voice in the order of preference."""

    voice: Voice
    version: str = ""
    """Part of the key of cached prompts: change it when the voice sounds different."""

    is_live: bool = True
    """False: too slow for a call; used for prompts made before (`warm`) and never waited for by a caller."""

    piece_seconds: float = 2.0
    """Longest wait for one sentence before the next voice is asked."""


class VoiceChain:
    """Remembers which voices failed. Time is an argument: monotonic seconds."""

    def __init__(self, places: Sequence[VoicePlace], rest_seconds: float = 30.0) -> None:
        """
        Args:
            places: in order of preference, all languages together.
            rest_seconds: how long a voice that failed is only the last resort.
        """
        self._places = tuple(places)
        self._rest = rest_seconds
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}
        self._spoken: Counter[str] = Counter()

    def languages(self) -> frozenset[str]:
        """Languages somebody speaks live."""
        return frozenset(language for place in self._places if place.is_live for language in place.voice.languages())

    def voices(self) -> tuple[Voice, ...]:
        return tuple(place.voice for place in self._places)

    def order(self, language: str, preferred: str = "") -> tuple[VoicePlace, ...]:
        """Who speaks `language`, in order of preference, the voice named `preferred` first."""
        able = [place for place in self._places if primary(language) in place.voice.languages()]
        return tuple(sorted(able, key=lambda place: place.voice.name != preferred))

    def is_resting(self, place: VoicePlace, now: float) -> bool:
        """A resting voice is asked only when nobody else could speak: it is still better than silence."""
        return now < self._rests_until.get(place.voice.name, now)

    def spoken(self, place: VoicePlace) -> int:
        """Sentences this voice has made."""
        return self._spoken[place.voice.name]

    def spoke(self, place: VoicePlace) -> None:
        self._failures.pop(place.voice.name, None)
        self._rests_until.pop(place.voice.name, None)
        self._spoken[place.voice.name] += 1

    def failed(self, place: VoicePlace, now: float) -> bool:
        """Count a failure; True if the voice rests from now on."""
        name = place.voice.name
        self._failures[name] = self._failures.get(name, 0) + 1
        rests = self._failures[name] >= FAILURES_BEFORE_REST
        if rests:
            self._rests_until[name] = now + self._rest
        return rests

    def was_late(self, place: VoicePlace, spoken_before: int, now: float) -> bool:
        """A sentence asked for when the voice had made `spoken_before` was given up; True if the voice rests now.

        A voice that finished another sentence meanwhile is busy with many calls and goes on. One that did not hangs,
        and rests at once: each further try would cost a caller the same wait.
        """
        if self.spoken(place) > spoken_before:
            return False
        self._rests_until[place.voice.name] = now + self._rest
        return True
