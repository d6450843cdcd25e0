"""Pure: a scripted caller. Asked every 20 ms what leaves the telephone now; knows the time only from being asked."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE
from telephony.standin.clip import Samples
from telephony.standin.playout import PlayOut
from telephony.standin.script import (
    NOBODY_SPEAKS_SECONDS,
    CutSocket,
    HangUp,
    Press,
    Speak,
    StaySilent,
    Step,
    UntilLineCloses,
    WaitForSilence,
)
from telephony.standin.trace import Act

FRAME = round(FRAME_SECONDS * PHONE_RATE)
"""Samples that leave at once."""

TALKS_ON_SECONDS = 1.0
"""A server that is audible so long after the caller began to interrupt it has not noticed."""

Ending = Literal["", "hang_up", "cut"]


@dataclass(frozen=True, slots=True)
class Tick:
    """What leaves the telephone now."""

    samples: Samples | None = None
    """Up to `FRAME` samples of voice; None: the caller is quiet."""

    keys: str = ""
    ending: Ending = ""


@dataclass(slots=True)
class _Speaking:
    act: Act
    samples: Samples
    first: int
    last: int
    at: int = 0


@dataclass(slots=True)
class Talker:
    """Works through its steps; when they are done it stays quiet until the server hangs up."""

    steps: Sequence[Step]
    noise_dbfs: float | None = None
    """Noise on the caller's line all the time."""

    acts: list[Act] = field(default_factory=list)
    """All that was said and pressed so far."""

    missed: list[str] = field(default_factory=list)
    """What the script waited for in vain, in words."""

    _ahead: deque[Step] = field(default_factory=deque)
    _since: float = 0.0
    """End of the last act, or the opening of the line: from here on the server's answer is waited for."""

    _step_began: float | None = None
    _speaking: _Speaking | None = None
    _keys: deque[str] = field(default_factory=deque)
    _next_key: float = 0.0
    _gap: float = 0.0
    _winding_up: bool = False

    def __post_init__(self) -> None:
        self._ahead = deque(self.steps)

    @property
    def is_done(self) -> bool:
        return not self._ahead and self._speaking is None and not self._keys

    def go_on(self, *steps: Step) -> None:
        """More to do, after what there is already."""
        self.steps = (*self.steps, *steps)
        self._ahead.extend(steps)

    def wind_up(self) -> None:
        """Finish the step under way, then hang up."""
        self._winding_up = True

    def line_opened(self, at: float) -> None:
        self._since, self._step_began = at, None

    def line_closed(self) -> None:
        """The server closed the stream: words and keys not yet out are lost."""
        self._speaking = None
        self._keys.clear()
        if self._ahead and isinstance(self._ahead[0], UntilLineCloses):
            self._next_step()

    def tick(self, at: float, far: PlayOut) -> Tick:
        """What leaves at `at`, given what is heard from the far end."""
        while not self._speaking and not self._keys:
            if self._step_began is None:
                self._step_began = at
                if self._winding_up:
                    return Tick(ending="hang_up")
            if not self._ahead or not self._is_time(self._ahead[0], at, far):
                return Tick()
            if ending := self._begin(self._ahead[0], at):
                return Tick(ending=ending)
            self._next_step()
        return self._speak_on(self._speaking, at) if self._speaking else self._press_on(at)

    def _next_step(self) -> None:
        self._ahead.popleft()
        self._step_began = None

    def _is_time(self, step: Step, at: float, far: PlayOut) -> bool:
        waited = at - (self._step_began or 0.0)
        match step:
            case WaitForSilence(quiet=quiet, longest=longest):
                if (
                    self._was_answered(at, far)
                    and not far.is_playing(at)
                    and far.quiet_seconds(at, self._since) >= quiet
                ):
                    return True
                return self._gave_up(waited > longest and not far.is_playing(at), "an answer")
            case StaySilent(seconds=seconds):
                return waited >= seconds - FRAME_SECONDS / 2
            case UntilLineCloses(longest=longest):
                return self._gave_up(waited > longest, "the server to close the line")
            case Speak(after=after) | Press(after=after) | HangUp(after=after) | CutSocket(after=after):
                if after is None:
                    return True
                if far.audible_seconds(at, self._since) >= after and far.is_audible(at):
                    return True
                return self._gave_up(waited > NOBODY_SPEAKS_SECONDS, "the server to speak")
            case _:
                assert_never(step)

    def _was_answered(self, at: float, far: PlayOut) -> bool:
        """A new utterance began after the last act, or one did not let itself be interrupted by it."""
        return any(
            self._since <= run.utterance
            and run.start <= at
            or run.utterance < self._since <= min(run.end, at) - TALKS_ON_SECONDS
            for run in far.runs_after(self._since)
        )

    def _gave_up(self, enough: bool, what: str) -> bool:
        if enough:
            self.missed.append(f"step {len(self.steps) - len(self._ahead) + 1} waited in vain for {what}")
        return enough

    def _begin(self, step: Step, at: float) -> Ending:
        match step:
            case Speak(clip=clip, only=only):
                cut = clip.samples if only is None else clip.samples[: round(only * PHONE_RATE)]
                act = Act("speech", clip.words, planned_at=at)
                self.acts.append(act)
                self._speaking = _Speaking(act, cut, clip.first, min(clip.last, cut.size - 1))
            case Press(keys=keys, gap=gap):
                self._keys, self._gap, self._next_key = deque(keys), gap, at
                self.acts.append(Act("keys", keys, planned_at=at))
            case HangUp():
                return "hang_up"
            case CutSocket():
                return "cut"
            case WaitForSilence():
                self._since = at
            case StaySilent() | UntilLineCloses():
                pass
            case _:
                assert_never(step)
        return ""

    def _speak_on(self, now: _Speaking, at: float) -> Tick:
        frame = now.samples[now.at : now.at + FRAME]
        if now.act.began_at is None and now.at + FRAME > now.first:
            now.act.began_at = at
        if now.act.ended_at is None and now.at + FRAME > now.last:
            now.act.ended_at = self._since = at
        now.at += FRAME
        if now.at >= now.samples.size:
            self._speaking = None
        return Tick(samples=frame)

    def _press_on(self, at: float) -> Tick:
        if at < self._next_key - FRAME_SECONDS / 2:
            return Tick()
        act = self.acts[-1]
        act.began_at = at if act.began_at is None else act.began_at
        key = self._keys.popleft()
        self._next_key = at + self._gap
        if not self._keys:
            act.ended_at = self._since = at
        return Tick(keys=key)
