"""Pure: turn taking. When does the caller begin to speak, when are the words worth reading, when is it our turn?

Knows no sound and no recognizer: it is fed what one frame measured and what a reading was worth, and answers with
decisions. Time is audio time, so minutes of a call pass in a moment.
"""

from collections import deque
from dataclasses import dataclass

from asr.levels import Levels
from asr.settings import HearingSettings
from ivr.model.meaning import Expect

RESUMING_FRAMES = 2
"""Frames of speech in a row that end a pause; a single one is a click."""

TINY = 1e-6
"""Sums of 0.02 must not miss a limit by rounding."""


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
class Verdict:
    """What a reading was worth to the step."""

    number: int
    """Of the `Read` it answers."""

    answers: bool = False
    """The words already answer what the step asks."""

    ends_open: bool = False
    """The words end as if more would come."""

    has_words: bool = True


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """The caller began to speak at `at` seconds of audio."""

    at: float


@dataclass(frozen=True, slots=True)
class Read:
    """Recognize what was said so far; answer with a `Verdict` of the same number."""

    number: int
    final: bool = False
    """Nothing more will be added to this turn."""


@dataclass(frozen=True, slots=True)
class WentOn:
    """The caller goes on: the last reading is void."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """It is our turn. The last reading holds the words. All times are seconds of audio."""

    began: float
    ended: float
    """End of the last word."""

    waited: float
    """Silence that was waited for."""

    recognizing: float
    """Silence beyond it, because the reading came late."""


Decision = TurnBegan | Read | WentOn | TurnEnded


@dataclass(slots=True)
class _Turn:
    began: float
    last_speech: float
    run: int = 0
    """Frames of speech in a row."""

    asked: int = 0
    """Number of the reading under way or received; 0: none for the words so far."""

    verdict: Verdict | None = None
    wasted: int = 0
    """Readings that proved premature."""


class TurnTaker:
    """Turn taking of one call. `expect` may be changed at any time."""

    def __init__(self, settings: HearingSettings) -> None:
        self.expect = Expect()
        self._settings = settings
        self._levels = Levels(settings)
        self._now = 0.0
        self._turn: _Turn | None = None
        self._readings = 0
        self._recent: deque[tuple[bool, bool, float]] = deque(maxlen=settings.careful_frames[2])
        """Of the last frames: speech, voiced, when it began."""

    @property
    def in_turn(self) -> bool:
        return self._turn is not None

    def hear(self, sound: Sound) -> tuple[Decision, ...]:
        """Take one frame."""
        began, self._now = self._now, self._now + sound.seconds
        self._levels.hear_own(sound.own_level)
        if self._turn:
            return self._go_on(self._turn, sound)
        self._levels.hear_background(sound.level)
        speech = sound.chance >= self._settings.speech_chance and sound.level > self._levels.begin_gate
        self._recent.append((speech, speech and sound.periodicity >= self._settings.voiced, began))
        return self._begin() if self._begins() else ()

    def read(self, verdict: Verdict) -> tuple[Decision, ...]:
        """Take what a reading was worth; a void one is ignored."""
        if self._turn is None or self._turn.asked != verdict.number:
            return ()
        self._turn.verdict = verdict
        return self._end_if_due(self._turn)

    def _begins(self) -> bool:
        careful = self._levels.caller_hears_us
        speech, voiced, among = self._settings.careful_frames if careful else self._settings.quick_frames
        last = list(self._recent)[-among:]
        if sum(frame[0] for frame in last) >= speech and sum(frame[1] for frame in last) >= voiced:
            return True
        if careful or any(frame[0] for frame in last[-2:]):
            return False
        speech, voiced = self._settings.rescue_frames
        return sum(frame[0] for frame in self._recent) >= speech and sum(frame[1] for frame in self._recent) >= voiced

    def _begin(self) -> tuple[Decision, ...]:
        at = next(began for speech, _, began in self._recent if speech)
        frames = [speech for speech, _, began in self._recent if began >= at]
        silent = frames[::-1].index(True)
        last_speech = self._now - silent * (self._now - at) / len(frames)
        self._turn = _Turn(at, last_speech, run=0 if silent else RESUMING_FRAMES)
        self._levels.turn_began(len(frames))
        self._recent.clear()
        return (TurnBegan(at),)

    def _go_on(self, turn: _Turn, sound: Sound) -> tuple[Decision, ...]:
        speech = sound.chance >= self._settings.still_chance and sound.level > self._levels.speech_gate
        turn.run = turn.run + 1 if speech else 0
        decisions: list[Decision] = []
        if turn.run >= RESUMING_FRAMES:
            self._levels.hear_caller(sound.level, sound.seconds)
            turn.last_speech = self._now
            if turn.asked and not self._is_longest(turn):
                turn.asked, turn.verdict = 0, None
                turn.wasted += 1
                decisions.append(WentOn())
        if not turn.asked and self._is_worth_reading(turn):
            self._readings += 1
            turn.asked = self._readings
            decisions.append(Read(turn.asked, final=self._is_longest(turn)))
        return (*decisions, *self._end_if_due(turn))

    def _is_longest(self, turn: _Turn) -> bool:
        return self._now - turn.began >= (self.expect.longest_seconds or self._settings.longest) - TINY

    def _is_worth_reading(self, turn: _Turn) -> bool:
        s = self._settings
        wait = min(s.read_after + turn.wasted * s.read_backoff, s.read_latest)
        return self._now - turn.last_speech >= wait - TINY or self._is_longest(turn)

    def _end_if_due(self, turn: _Turn) -> tuple[Decision, ...]:
        if turn.verdict is None:
            return ()
        silence = self._now - turn.last_speech
        needed = 0.0 if self._is_longest(turn) else self._silence_needed(turn.verdict)
        if silence < needed - TINY:
            return ()
        self._turn = None
        late = max(0.0, silence - max(needed, 0.0)) if needed else 0.0
        return (TurnEnded(turn.began, turn.last_speech, silence - late, late),)

    def _silence_needed(self, verdict: Verdict) -> float:
        s, expect = self._settings, self.expect
        if expect.end_of_turn_seconds:
            return expect.end_of_turn_seconds
        if verdict.answers and not verdict.ends_open:
            return s.settle.get(expect.kind, s.default_settle)
        patience = s.patience[expect.kind]
        if verdict.has_words:
            patience = max(patience, s.unclear_patience)
        return patience + (s.open_end_patience if verdict.ends_open else 0.0)
