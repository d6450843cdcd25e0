"""Pure: how loud the background, the caller and the echo of our own prompt are on one line."""

from collections import deque
from itertools import islice

from asr.settings import HearingSettings
from ivr.model.audio import FRAME_SECONDS, QUIETEST_DBFS

REMEMBERED_FRAMES = 150
"""Frames of background kept: 3 s."""

MEASURE_EVERY = 10
"""Frames between two measurements of the background."""

EMPTY_LINE = -60.0
"""Background supposed before any was heard, dBFS: a typical quiet telephone line."""

LOUDEST_ECHO, QUIETEST_ECHO = -10.0, -60.0
"""Bounds of the echo learned, dB relative to our own sound: a loud-speaker telephone, a network canceller."""

ECHO_RISES, ECHO_FALLS = 0.03, 0.002
"""Share of the difference learned per frame. The ratio makes the estimate follow about the loudest sixteenth of the
frames; a caller who barges in raises it by only 7 dB before the turn begins."""


class Levels:
    """Fed with every frame. All levels in dBFS."""

    def __init__(self, settings: HearingSettings) -> None:
        self._settings = settings
        self._background: deque[float] = deque([EMPTY_LINE] * MEASURE_EVERY, REMEMBERED_FRAMES)
        self._since_measured = 0
        self._middle = self._bursts = EMPTY_LINE
        self._own: deque[float] = deque([QUIETEST_DBFS], round(settings.echo_seconds / FRAME_SECONDS))
        self._own_loudest = QUIETEST_DBFS
        self._echo_return = settings.echo_return
        self._caller = QUIETEST_DBFS

    @property
    def caller_hears_us(self) -> bool:
        return self._own_loudest > self._settings.own_speech_level

    @property
    def echo(self) -> float:
        """What our own prompt may come back as."""
        return self._own_loudest + self._echo_return if self.caller_hears_us else QUIETEST_DBFS

    @property
    def begin_gate(self) -> float:
        """Only sound above this may begin a turn."""
        s = self._settings
        return max(
            s.quietest_caller, self._middle + s.above_noise, self._bursts + s.above_bursts, self.echo + s.above_echo
        )

    @property
    def speech_gate(self) -> float:
        """Only sound above this keeps a turn going."""
        s = self._settings
        noise = max(self._middle + s.above_noise / 2, self._bursts + s.above_bursts / 2, self.echo)
        return max(self._caller - s.below_caller, min(noise, self._caller - s.least_below_caller))

    def hear_own(self, level: float) -> None:
        """What the caller hears from us during this frame."""
        self._own.append(level)
        self._own_loudest = max(self._own)

    def hear_background(self, level: float) -> None:
        """A frame outside any turn."""
        self._background.append(max(level, EMPTY_LINE))
        self._since_measured += 1
        if self._since_measured >= MEASURE_EVERY:
            self._measure()
        if self.caller_hears_us:
            self._learn_echo(level)

    def turn_began(self, frames: int) -> None:
        """The last `frames` of background were the caller already."""
        recent = list(islice(reversed(self._background), frames))
        self._caller = max(recent, default=QUIETEST_DBFS)
        for _ in recent:
            self._background.pop()
        self._measure()

    def hear_caller(self, level: float, seconds: float) -> None:
        """A frame of speech within a turn."""
        self._caller = max(level, self._caller - self._settings.caller_fades * seconds)

    def _measure(self) -> None:
        self._since_measured = 0
        if ordered := sorted(self._background):
            self._middle = ordered[len(ordered) // 2]
            self._bursts = ordered[len(ordered) * 9 // 10]

    def _learn_echo(self, level: float) -> None:
        difference = level - self._own_loudest - self._echo_return
        learned = self._echo_return + difference * (ECHO_RISES if difference > 0 else ECHO_FALLS)
        self._echo_return = min(LOUDEST_ECHO, max(QUIETEST_ECHO, learned))
