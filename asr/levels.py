"""Pure: how loud the background, the caller and the echo of our own prompt are on one line."""

from collections import deque
from itertools import islice

import numpy as np

from asr.settings import HearingSettings
from ivr.model.audio import FRAME_SECONDS, QUIETEST_DBFS

REMEMBERED_FRAMES = 150
"""Frames of background kept: 3 s."""

SUPPOSED_FRAMES = 50
"""Frames of an empty line supposed before any was heard, so that one early cough does not deafen us."""

MEASURE_EVERY = 10
"""Frames between two measurements of the background."""

EMPTY_LINE = -65.0
"""Background supposed before any was heard, dBFS: a typical quiet telephone line."""

LOUDEST_ECHO, QUIETEST_ECHO = -10.0, -60.0
"""Bounds of the echo learned, dB relative to our own sound: a loud-speaker telephone, a network canceller."""

ECHO_RISES, ECHO_FALLS = 0.03, 0.002
"""Share of the difference learned per frame. The ratio makes the estimate follow about the loudest sixteenth of the
frames; a caller who barges in raises it by only 7 dB before the turn begins."""


ECHO_FRAMES = 25
"""Frames compared with our own sound to know an echo by its shape: 0.5 s."""

ECHO_LIKENESS = 0.92
"""Correlation of two level curves, dB, from which one is the other's echo. Best of all delays, a caller reaches it by
chance only for a few frames."""


class Levels:
    """Fed with every frame. All levels in dBFS."""

    def __init__(self, settings: HearingSettings) -> None:
        self._settings = settings
        self._background: deque[float] = deque([EMPTY_LINE] * SUPPOSED_FRAMES, REMEMBERED_FRAMES)
        self._since_measured = 0
        self._middle = self._bursts = EMPTY_LINE
        self._delays = round(settings.echo_seconds / FRAME_SECONDS)
        self._own: deque[float] = deque([QUIETEST_DBFS] * (self._delays + ECHO_FRAMES), self._delays + ECHO_FRAMES)
        self._own_loudest = QUIETEST_DBFS
        self._heard: deque[float] = deque([EMPTY_LINE] * ECHO_FRAMES, ECHO_FRAMES)
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
    def loud_gate(self) -> float:
        """Above this it can only be the caller: every syllable of theirs gets there."""
        return self._caller - self._settings.syllable_below_caller

    @property
    def speech_gate(self) -> float:
        """Only sound above this keeps a turn going."""
        s = self._settings
        noise = max(self._middle + s.above_noise / 2, self._bursts + s.above_bursts / 2, self.echo)
        return max(self._caller - s.below_caller, min(noise, self._caller - s.least_below_caller))

    def hear_own(self, level: float) -> None:
        """What the caller hears from us during this frame."""
        self._own.append(level)
        self._own_loudest = max(islice(reversed(self._own), self._delays))

    def hear_background(self, level: float) -> None:
        """A frame in which the caller does not speak."""
        self._background.append(max(level, EMPTY_LINE))
        self._heard.append(level)
        self._since_measured += 1
        if self._since_measured >= MEASURE_EVERY:
            self._measure()
        if self.caller_hears_us:
            self._learn_echo(level)

    def sounds_like_echo(self) -> bool:
        """The last half second rises and falls as our own sound did some time before."""
        floor = max(EMPTY_LINE, self._middle)
        heard = np.maximum(np.array(self._heard), floor)
        own = np.array(self._own)
        heard -= heard.mean()
        for delay in range(1, self._delays + 1):
            before = own[-ECHO_FRAMES - delay : own.size - delay]
            before = np.maximum(before, before.max() - 40.0)
            before = before - before.mean()
            likeness = float(heard @ before) / (float(np.sqrt((heard @ heard) * (before @ before))) + 1.0)
            if likeness >= ECHO_LIKENESS:
                return True
        return False

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
            self._bursts = ordered[len(ordered) * 8 // 10]

    def _learn_echo(self, level: float) -> None:
        difference = level - self._own_loudest - self._echo_return
        learned = self._echo_return + difference * (ECHO_RISES if difference > 0 else ECHO_FALLS)
        self._echo_return = min(LOUDEST_ECHO, max(QUIETEST_ECHO, learned))
