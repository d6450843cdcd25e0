"""Pure: never silent. Tell when nobody speaks, nobody is expected to, and nothing is being done.

It watches the same events and commands as everybody else, so it also notices a conductor, a voice, a recognizer or
a line that went dead.
"""

from dataclasses import dataclass, field
from math import inf

from ivr.model.commands import CancelTimer, Command, Fetch, HangUp, JoinQueue, Say, StartTimer, TakeMessage, Transfer
from ivr.model.events import (
    CallAnswered,
    CallEvent,
    Fetched,
    Heard,
    HearingFailed,
    LineHeld,
    MessageTaken,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    SpeakingFailed,
    SpeechStarted,
    TimerFired,
    TransferFinished,
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds each thing may take before the caller is told that something went wrong."""

    nothing: float = 2.0
    first_sound: float = 4.0
    utterance: float = 90.0
    caller_turn: float = 75.0
    """Longest comment (60 s) and its recognition."""

    fetch: float = 15.0
    away: float = 4 * 3600.0
    """With a transfer, which has a limit of its own. A queue has limits too, and music: it is never late."""

    message: float = 30.0
    """For the beep before a message and the last words of it, besides its own length."""

    late: float = 2.0
    """A timer that is this late will not come."""

    ending: float = 5.0


@dataclass(slots=True)
class Liveness:
    """What is going on now, each with the time by which it must have ended (seconds since the answer)."""

    patience: Patience = field(default_factory=Patience)
    _due: dict[str, float] = field(default_factory=dict)
    _sounding: set[int] = field(default_factory=set)
    """Utterances of which something has left; a line may be sending the next while the far end plays this one."""

    _idle_since: float = 0.0
    _held_since: float | None = None
    """On hold nothing is late; afterwards everything has the time it had left."""

    def saw(self, event: CallEvent, at: float) -> None:
        match event:
            case CallAnswered():
                pass
            case SpeechStarted():
                self._due["caller"] = at + self.patience.caller_turn
            case Heard() | HearingFailed():
                self._due.pop("caller", None)
            case PlaybackStarted(utterance=number):
                self._due[f"say:{number}"] = at + self.patience.utterance
                self._sounding.add(number)
            case PlaybackFinished(utterance=number) | SpeakingFailed(utterance=number):
                self._due.pop(f"say:{number}", None)
                self._sounding.discard(number)
                self._next_utterance_begins(at)
            case TimerFired(name=name):
                self._due.pop(f"timer:{name}", None)
            case Fetched():
                self._due.pop("fetch", None)
            case QueueLeft() | TransferFinished():
                self._due.pop("away", None)
            case MessageTaken():
                self._due.pop("message", None)
            case LineHeld(held=held):
                self._hold(held, at)
            case _:
                return
        self._idle_since = at

    def did(self, command: Command, at: float) -> None:
        match command:
            case Say(utterance=number):
                ahead = sum(key.startswith("say:") for key in self._due)
                limit = self.patience.utterance * (ahead + 1) if ahead else self.patience.first_sound
                self._due[f"say:{number}"] = at + limit
            case StartTimer(name=name, seconds=seconds):
                self._due[f"timer:{name}"] = at + seconds + self.patience.late
            case CancelTimer(name=name):
                self._due.pop(f"timer:{name}", None)
            case Fetch():
                self._due["fetch"] = at + self.patience.fetch
            case JoinQueue():
                self._due["away"] = inf
            case Transfer():
                self._due["away"] = at + self.patience.away
            case TakeMessage(longest_seconds=longest):
                self._due["message"] = at + longest + self.patience.message
            case HangUp():
                self._due["ending"] = at + self.patience.ending
            case _:
                return
        self._idle_since = at

    def stalled(self, at: float) -> str:
        """What went dead, or an empty string. Asking again gives the same answer once only."""
        if self._held_since is not None:
            return ""
        late = [name for name, due in self._due.items() if at > due]
        for name in late:
            del self._due[name]
        if late:
            self._idle_since = at
            return late[0].split(":")[0]
        if not self._due and at - self._idle_since > self.patience.nothing:
            self._idle_since = at
            return "nothing"
        return ""

    def _hold(self, held: bool, at: float) -> None:
        if held:
            self._held_since = at if self._held_since is None else self._held_since
        elif self._held_since is not None:
            away, self._held_since = at - self._held_since, None
            self._due = {name: due + away for name, due in self._due.items()}

    def _next_utterance_begins(self, at: float) -> None:
        """The one after a finished utterance has the usual time to make its first sound."""
        waiting = [key for key in self._due if key.startswith("say:")]
        if waiting and int(waiting[0].removeprefix("say:")) not in self._sounding:
            self._due[waiting[0]] = min(self._due[waiting[0]], at + self.patience.first_sound)
