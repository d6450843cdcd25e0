"""Pure: who picked up a call of ours speaks first. Wait for what they are, then begin; keep quiet before a machine's
beep; and whenever a person turns up after all, talk to them.

Who decides what they are is somewhere else (`MachineDetected`): our own detection, or a carrier's.
"""

from dataclasses import dataclass
from typing import Literal

from ivr.model.commands import CancelTimer, Command, Note, StartTimer
from ivr.model.events import (
    CallAnswered,
    CallEvent,
    DigitPressed,
    Heard,
    HearingFailed,
    MachineDetected,
    SpeechStarted,
    TimerFired,
)

HELLO, BEEP, PAUSE = "hello", "beep", "pause_of_machine"
HELLO_SECONDS = 12.0
"""By then we speak, whatever the detection does. It tells within 2 s of silence, or at the end of what they say."""

BEEP_SECONDS = 25.0
"""Longest greeting of a machine that is waited for."""

PAUSE_SECONDS = 2.5
"""A machine that is silent for so long records, with or without a beep that we heard."""

Phase = Literal["waiting", "talking", "quiet", "leaving"]
"""Before our first word; in the flow; a machine speaks; our message for it."""


@dataclass(frozen=True, slots=True)
class Onward:
    """What the call does now."""

    commands: tuple[Command, ...] = ()
    to: Literal["", "flow", "machine"] = ""
    """Begin the flow from its start, or the words for machines."""

    hush: bool = False
    """Break off whatever we say, and forget what was to follow."""


_LET_GO = (CancelTimer(HELLO), CancelTimer(BEEP), CancelTimer(PAUSE))


@dataclass(slots=True)
class Greeting:
    """One call of ours; `take` is asked about each event before anybody else."""

    phase: Phase = "waiting"
    _has_restarted: bool = False
    _is_speaking: bool = False

    def take(self, event: CallEvent, *, is_known: bool) -> Onward | None:
        """None: it is the flow's business.

        Args:
            is_known: the flow has understood them, so they are a person, whatever a detector thinks.
        """
        if isinstance(event, SpeechStarted | Heard | HearingFailed):
            self._is_speaking = isinstance(event, SpeechStarted)
        match event:
            case CallAnswered() if self.phase == "waiting":
                return Onward((StartTimer(HELLO, HELLO_SECONDS),))
            case MachineDetected(kind=kind):
                return None if is_known else self._told(kind)
            case TimerFired(name=name) if name in (HELLO, BEEP, PAUSE):
                return self._too_long(name)
            case DigitPressed() if self.phase in ("waiting", "quiet"):
                return self._begin()
            case SpeechStarted() if self.phase == "quiet":
                return Onward((CancelTimer(PAUSE),))
            case Heard() | HearingFailed() if self.phase == "quiet":
                return Onward((StartTimer(PAUSE, PAUSE_SECONDS),))
            case Heard() | HearingFailed() | SpeechStarted() if self.phase == "waiting":
                return Onward()
            case _:
                return None

    def _told(self, kind: str) -> Onward | None:
        match kind, self.phase:
            case "machine", "waiting" | "talking":
                self.phase = "quiet"
                pause = () if self._is_speaking else (StartTimer(PAUSE, PAUSE_SECONDS),)
                return Onward((CancelTimer(HELLO), StartTimer(BEEP, BEEP_SECONDS), *pause), hush=True)
            case "beep", "waiting" | "talking" | "quiet":
                return self._leave()
            case "beep", "leaving" if not self._has_restarted:
                self._has_restarted = True  # we began over the end of its greeting: once more, after the beep
                return self._leave()
            case "human", "quiet" | "leaving":
                return self._begin(Note("answered_by", "human"))
            case "human" | "unknown", "waiting":
                return self._begin()
            case _:
                return Onward()

    def _too_long(self, name: str) -> Onward:
        if self.phase == "waiting" and name == HELLO:
            return self._begin()
        return self._leave() if self.phase == "quiet" and name != HELLO else Onward()

    def _begin(self, *first: Command) -> Onward:
        hush, self.phase = self.phase != "waiting", "talking"
        return Onward((*_LET_GO, *first), to="flow", hush=hush)

    def _leave(self) -> Onward:
        self.phase = "leaving"
        return Onward(_LET_GO, to="machine", hush=True)
