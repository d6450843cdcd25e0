"""Pure: when the caller begins to speak, and how far back their first word reaches.

Voice activity is sure of speech only some syllables late, and now and then deaf to a whole short word: "Hours, please."
would be read as "Please." So the sound that led up to the speech is taken with it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from asr.levels import Levels
from asr.settings import HearingSettings
from ivr.model.audio import FRAME_SECONDS

TONE_FRAMES = 5
"""Frames whose levels are compared to know a steady tone: 0.1 s."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What one frame measured."""

    seconds: float
    level: float
    """dBFS."""

    chance: float
    """Chance of speech, 0 to 1."""

    periodicity: float
    own_level: float
    """dBFS of what the caller hears from us."""


@dataclass(frozen=True, slots=True)
class Start:
    """The caller has begun to speak. Seconds of audio."""

    at: float
    last_speech: float
    """End of the last frame of speech."""

    goes_on: bool
    """The last frame was speech."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """One frame outside any turn."""

    began: float
    ended: float
    level: float
    is_loud: bool
    is_speech: bool
    is_voiced: bool


class Onset:
    """Fed with every frame outside the turns of a call."""

    def __init__(self, settings: HearingSettings, levels: Levels) -> None:
        self._settings = settings
        self._levels = levels
        self._frames: deque[_Frame] = deque(maxlen=round(settings.lead / FRAME_SECONDS) + settings.careful_frames[2])

    def hear(self, sound: Sound, began: float) -> Start | None:
        """Take a frame that began at `began`. What was heard before a start is forgotten with it."""
        self._frames.append(self._judged(sound, began))
        if not self._begins():
            return None
        frames = list(self._frames)
        first = self._first(frames)
        self._frames.clear()
        self._levels.turn_began(len(frames) - first)
        last_speech = next(frame.ended for frame in reversed(frames) if frame.is_speech)
        return Start(frames[first].began, last_speech, frames[-1].is_speech)

    def _judged(self, sound: Sound, began: float) -> _Frame:
        """Is it speech, and voiced speech, as it takes to begin a turn?"""
        s = self._settings
        careful = self._levels.caller_hears_us
        chance, voiced = (s.speech_chance, s.voiced) if careful else (s.quick_chance, s.quick_voiced)
        loud = sound.level > self._levels.begin_gate
        speech = loud and sound.chance >= chance
        ended = began + sound.seconds
        return _Frame(began, ended, sound.level, loud, speech, speech and sound.periodicity >= voiced)

    def _begins(self) -> bool:
        careful = self._levels.caller_hears_us
        speech, voiced, among = self._settings.careful_frames if careful else self._settings.quick_frames
        recent = self._recent()
        last = recent[-among:]
        if enough(last, speech, voiced):
            return not careful or not (self._is_tone(last) or self._levels.sounds_like_echo())
        if careful or any(frame.is_speech for frame in last[-2:]):
            return False
        return enough(recent, *self._settings.rescue_frames)

    def _recent(self) -> list[_Frame]:
        return list(self._frames)[-self._settings.careful_frames[2] :]

    def _is_tone(self, frames: list[_Frame]) -> bool:
        """A key or a hum: its level stands still, a voice's never does."""
        levels = [frame.level for frame in frames if frame.is_speech][-TONE_FRAMES:]
        return max(levels) - min(levels) < self._settings.steady

    def _first(self, frames: list[_Frame]) -> int:
        """Where the caller's sound begins: with the first of the frames that were enough, or before it over sound as
        loud as a voice, with no longer gaps than between words."""
        first = len(frames) - len(self._recent())
        while not frames[first].is_speech:
            first += 1
        weakest = max(frame.level for frame in frames[first:]) - self._settings.below_caller
        for at in reversed(range(first)):
            if (first - at) * FRAME_SECONDS > self._settings.lead_gap:
                break
            if frames[at].is_loud and frames[at].level > weakest:
                first = at
        return first


def enough(frames: Iterable[_Frame], speech: int, voiced: int) -> bool:
    """At least so many frames are speech, and so many voiced."""
    heard = [frame.is_voiced for frame in frames if frame.is_speech]
    return len(heard) >= speech and sum(heard) >= voiced
