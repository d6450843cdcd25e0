"""Pure: what one party said and nobody has heard yet: little of it, so that people hear each other at once.

A frame is taken every 20 ms whatever came. Where nothing is there, the last sound is faded out; where more waits than
was needed for a second, a frame is left out, in a pause if there is one; where far more waits (a stall), all but the
newest is dropped. So a disturbance is over when it is over, and never becomes delay for the rest of the call.
"""

import numpy as np
from numpy.typing import NDArray

from ivr.call.rates import samples_per_frame
from ivr.model.audio import level_dbfs

Samples = NDArray[np.int16]

MOST_FRAMES = 6
"""More waiting than this is cut to `KEPT_FRAMES` at once (telephony.md §6)."""

KEPT_FRAMES = 2
FADE_FRAMES = 2
"""What is missing is covered for so long, ever softer; then there is silence."""

WINDOW_TICKS = 50
"""Sound that waited for a whole second without being needed is too much."""

QUIET_DBFS = -45.0
"""A frame this soft may be left out without being missed."""

LOUD_WINDOWS = 3
"""Where nobody pauses for so many seconds, a frame is left out all the same."""


class JitterBuffer:
    """One party's sound, in at any length, out in frames of 20 ms. Counters are in frames."""

    def __init__(self, rate: int) -> None:
        self._frame = samples_per_frame(rate)
        self._joint = self._frame // 4
        self._waiting = np.zeros(0, np.int16)
        self._last = np.zeros(self._frame, np.int16)
        self._missing = FADE_FRAMES
        """Frames in a row that had to be covered; at the beginning nothing is missed."""

        self._owed = 0
        """Frames covered since real sound came. A line that fills what was lost with silence sends them later."""

        self._least, self._ticks, self._windows = 0, 0, 0
        self._excess = 0
        self.covered = self.left_out = self.cut = 0

    @property
    def frames_waiting(self) -> float:
        return self._waiting.size / self._frame

    def put(self, samples: Samples) -> None:
        """Shape (n,), any n."""
        if self._owed and samples.size and not samples.any():
            self._owed = max(0, self._owed - max(1, round(samples.size / self._frame)))
            return
        self._waiting = np.concatenate((self._waiting, samples))
        if self._waiting.size > MOST_FRAMES * self._frame:
            self.catch_up()

    def catch_up(self) -> None:
        """Forget all but the newest: the time for the rest has passed."""
        keep = KEPT_FRAMES * self._frame
        if self._waiting.size > keep:
            self.cut += round((self._waiting.size - keep) / self._frame)
            self._waiting = self._waiting[-keep:]
            self._excess = self._ticks = 0

    def take(self) -> Samples:
        """The next 20 ms, shape (20 ms,)."""
        if self._waiting.size < self._frame:
            return self._cover()
        taken, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
        if self._excess and self._waiting.size >= self._frame:
            taken = self._leave_one_out(taken)
        if self._missing:
            taken = self._joined(self._covering(self._missing), taken)
        if taken.any():
            self._owed = 0
        self._missing = 0
        self._last = taken
        self._watch()
        return taken

    def _cover(self) -> Samples:
        made = self._covering(self._missing)
        if self._missing < FADE_FRAMES:
            self.covered += 1
        self._missing = min(self._missing + 1, FADE_FRAMES)
        self._owed = min(self._owed + 1, MOST_FRAMES)
        self._excess = self._ticks = self._least = self._windows = 0
        return made

    def _covering(self, already: int) -> Samples:
        """The last sound run backwards and forwards in turn, so that no joint jumps, and ever softer."""
        if already >= FADE_FRAMES:
            return np.zeros(self._frame, np.int16)
        fade = np.linspace(1 - already / FADE_FRAMES, 1 - (already + 1) / FADE_FRAMES, self._frame)
        sound = self._last if already % 2 else self._last[::-1]
        return np.asarray(sound * fade, dtype=np.int16)

    def _leave_one_out(self, taken: Samples) -> Samples:
        if self._excess == 1 and self._windows < LOUD_WINDOWS and level_dbfs(taken) > QUIET_DBFS:
            return taken
        following, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
        self._excess -= 1
        self._windows = 0
        self.left_out += 1
        return self._joined(taken, following)

    def _joined(self, before: Samples, after: Samples) -> Samples:
        """`after`, entered from `before` over 5 ms."""
        rising = np.linspace(0, 1, self._joint)
        joint = before[: self._joint] * (1 - rising) + after[: self._joint] * rising
        return np.concatenate((joint.astype(np.int16), after[self._joint :]))

    def _watch(self) -> None:
        spare = self._waiting.size
        self._least = spare if not self._ticks else min(self._least, spare)
        self._ticks += 1
        if self._ticks >= WINDOW_TICKS:
            self._excess = self._least // self._frame
            self._windows = self._windows + 1 if self._excess else 0
            self._ticks = 0


class Script:
    """What a machine says into a room: handed over faster than it is heard, and heard to its end."""

    def __init__(self, rate: int, most_seconds: float) -> None:
        self._frame = samples_per_frame(rate)
        self._most = round(most_seconds * rate)
        self._waiting = np.zeros(0, np.int16)

    @property
    def frames_waiting(self) -> float:
        return self._waiting.size / self._frame

    def put(self, samples: Samples) -> None:
        """What is longer than allowed is cut at its end."""
        self._waiting = np.concatenate((self._waiting, samples))[: self._most]

    def catch_up(self) -> None:
        """A machine's words are not late, they wait."""

    def take(self) -> Samples:
        taken, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
        return np.concatenate((taken, np.zeros(self._frame - taken.size, np.int16)))
