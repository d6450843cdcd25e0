"""Pure: turn taking. When does the caller begin to speak, when are the words worth reading, when is it our turn?

Knows no sound and no recognizer: it is fed what one frame measured and what a reading was worth, and answers with
decisions. Time is audio time, so minutes of a call pass in a moment.
"""

from collections import deque
from dataclasses import dataclass, field

from asr.levels import Levels
from asr.onset import Onset, Sound
from asr.settings import HearingSettings
from ivr.model.audio import QUIETEST_DBFS
from ivr.model.meaning import Expect

RESUMING_FRAMES = 2
"""Frames of speech in a row that end a pause; a single one is a click."""

LAST_FRAMES = 10
"""Frames of speech that tell whether the voice has sunk: 0.2 s, about a syllable."""

ONSET_FRAMES = 6
"""Frames as loud as the caller in which a next word may begin before voice activity knows it for speech (0.12 s)."""

TINY = 1e-6
"""Sums of 0.02 must not miss a limit by rounding."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reading was worth to the step."""

    number: int
    """Of the `Read` it answers."""

    answers: bool = False
    """The words already answer what the step asks."""

    ends_open: bool = False
    """The words end as if more would come."""

    is_cut_off: bool = False
    """They end where hardly anybody stops: "near the"."""

    seconds: float = 0.0
    """How long the reading took."""

    is_unclear: bool = False
    """There are words, but they mean nothing to the step."""


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """The caller began to speak at `at` seconds of audio."""

    at: float


@dataclass(frozen=True, slots=True)
class Read:
    """Recognize what was said so far; answer with a `Verdict` of the same number. It replaces any reading under way."""

    number: int
    final: bool = False
    """The turn is taken as ended. An engine that reads whole utterances has it ready from the speculation; one that
    reads along gives its last words only now."""


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
    last_syllable: float
    run: int = 0
    """Frames of speech in a row."""

    loud: int = 0
    """Frames in a row as loud as the caller, of whatever kind."""

    asked: int = 0
    """Number of the reading under way or received; 0: none for the words so far."""

    verdict: Verdict | None = None
    due: float | None = None
    """When the last, final reading was asked for: the turn was taken as ended then."""

    wasted: int = 0
    """Readings that proved premature."""

    loudest: float = QUIETEST_DBFS
    last_levels: deque[float] = field(default_factory=lambda: deque(maxlen=LAST_FRAMES))
    """Of the last frames of speech, dBFS."""

    def hear(self, level: float, now: float) -> None:
        """A frame of the caller's speech."""
        self.last_speech = now
        self.loudest = max(self.loudest, level)
        self.last_levels.append(level)

    def is_held_up(self, settings: HearingSettings) -> bool:
        """The voice has not sunk as at the end of a sentence."""
        if self.last_speech - self.began < settings.sinks_after:
            return False
        return max(self.last_levels, default=QUIETEST_DBFS) > self.loudest - settings.sinks


class TurnTaker:
    """Turn taking of one call. `expect` may be changed at any time."""

    def __init__(self, settings: HearingSettings) -> None:
        self.expect = Expect()
        self._settings = settings
        self._levels = Levels(settings)
        self._now = 0.0
        self._turn: _Turn | None = None
        self._readings = 0
        self._is_busy = False
        """The last reading was slow."""

        self._onset = Onset(settings, self._levels)
        self._next: _Turn | None = None
        """Begun while the last reading of the turn before is still awaited."""

    @property
    def in_turn(self) -> bool:
        return self._turn is not None

    @property
    def takes_sound(self) -> bool:
        """What is heard now belongs to the turn under way."""
        return self._turn is not None and self._turn.due is None

    def hear(self, sound: Sound) -> tuple[Decision, ...]:
        """Take one frame."""
        began, self._now = self._now, self._now + sound.seconds
        self._levels.hear_own(sound.own_level)
        if self._turn and self._turn.due is None:
            return self._go_on(self._turn, sound)
        if self._next:
            self._listen(self._next, sound)
            return ()
        return self._wait(sound, began)

    def read(self, verdict: Verdict) -> tuple[Decision, ...]:
        """Take what a reading was worth; a void one is ignored."""
        self._is_busy = verdict.seconds > self._settings.slow_reading
        if self._turn is None or self._turn.asked != verdict.number:
            return ()
        if self._turn.due is not None:
            return self._end(self._turn, self._turn.due)
        self._turn.verdict = verdict
        return self._close_if_due(self._turn, came_late=True)

    def _wait(self, sound: Sound, began: float) -> tuple[Decision, ...]:
        """Nobody speaks, as far as is known. What begins now is told when the turn before has its words."""
        self._levels.hear_background(sound.level)
        start = self._onset.hear(sound, began)
        if start is None:
            return ()
        run = RESUMING_FRAMES if start.goes_on else 0
        turn = _Turn(start.at, start.last_speech, start.last_speech, run=run)
        if self._turn:
            self._next = turn
            return ()
        self._turn = turn
        return (TurnBegan(turn.began),)

    def _go_on(self, turn: _Turn, sound: Sound) -> tuple[Decision, ...]:
        decisions: list[Decision] = []
        if self._listen(turn, sound) and turn.asked:
            turn.asked, turn.verdict = 0, None
            turn.wasted += 1
            decisions.append(WentOn())
        if not turn.asked and self._is_worth_reading(turn):
            decisions.append(self._ask(turn))
        return (*decisions, *self._close_if_due(turn))

    def _listen(self, turn: _Turn, sound: Sound) -> bool:
        """A frame within a turn; True if the caller speaks."""
        turn.loud = turn.loud + 1 if sound.level > self._levels.loud_gate else 0
        turn.run = turn.run + 1 if self._is_speech(turn, sound) else 0
        if not turn.run and self._now - turn.last_speech > self._settings.syllable_seconds:
            self._levels.hear_background(sound.level)
        if turn.run < RESUMING_FRAMES:
            return False
        self._levels.hear_caller(sound.level, sound.seconds)
        turn.hear(sound.level, self._now)
        return True

    def _ask(self, turn: _Turn, *, final: bool = False) -> Read:
        self._readings += 1
        turn.asked = self._readings
        return Read(turn.asked, final)

    def _is_speech(self, turn: _Turn, sound: Sound) -> bool:
        """The caller still speaks. Without any loud syllable for a while it is somebody else."""
        if sound.chance < self._settings.still_chance or sound.level <= self._levels.speech_gate:
            return False
        if sound.level > self._levels.loud_gate:
            turn.last_syllable = self._now
        return self._now - turn.last_syllable <= self._settings.syllable_seconds + TINY

    def _is_worth_reading(self, turn: _Turn) -> bool:
        s = self._settings
        wait = s.read_latest if self._is_busy else min(s.read_after + turn.wasted * s.read_backoff, s.read_latest)
        return self._now - turn.last_speech >= wait - TINY

    def _close_if_due(self, turn: _Turn, *, came_late: bool = False) -> tuple[Decision, ...]:
        """Take the turn as ended, with one last reading; later speech belongs to the next turn."""
        longest = turn.began + (self.expect.longest_seconds or self._settings.longest)
        due = min(turn.last_speech + self._silence_needed(turn, turn.verdict), longest)
        if self._now < due - TINY or (0 < turn.loud <= ONSET_FRAMES and self._now < longest - TINY):
            return ()
        turn.due = due if came_late else self._now
        return (self._ask(turn, final=True),)

    def _end(self, turn: _Turn, due: float) -> tuple[Decision, ...]:
        ended = min(turn.last_speech, due)
        over = TurnEnded(turn.began, ended, due - ended, max(0.0, self._now - due))
        self._turn, self._next = self._next, None
        return (over, TurnBegan(self._turn.began)) if self._turn else (over,)

    def _silence_needed(self, turn: _Turn, verdict: Verdict | None) -> float:
        s, expect = self._settings, self.expect
        if expect.end_of_turn_seconds:
            return expect.end_of_turn_seconds
        held = turn.is_held_up(s)
        verdict = verdict or Verdict(0)
        if verdict.answers and not verdict.ends_open:
            return s.settle.get(expect.kind, s.default_settle) + (s.held_settle if held else 0.0)
        patience = max(
            s.patience[expect.kind],
            s.unclear_patience if verdict.is_unclear else 0.0,
            s.held_patience if held else 0.0,
        )
        if verdict.is_cut_off:
            return patience + s.cut_off_patience
        return patience + (s.open_end_patience if verdict.ends_open else 0.0)
