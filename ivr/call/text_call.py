"""Pure: hold a whole call in text: conversation tests, `ivr chat`, the simulator and the flow editor use it.

Speech is instant here: whatever is said counts as played at once, and a timer fires only when asked to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.call.conductor import Conductor
from ivr.call.record import CallLog
from ivr.call.timing import NO_INPUT
from ivr.model.calls import CallRecord, Leg, SurveyRecord
from ivr.model.commands import (
    CancelTimer,
    Command,
    Fetch,
    HangUp,
    JoinQueue,
    LeaveQueue,
    Note,
    Say,
    StartTimer,
    TakeMessage,
    Transfer,
)
from ivr.model.events import (
    CallAnswered,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Fetched,
    Heard,
    MessageTaken,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    TimerFired,
    TransferFinished,
)
from ivr.model.meaning import Hypothesis
from ivr.model.ports import Understanding

SECONDS_A_TURN = 1.0


def nothing_there(request: Fetch) -> Fetched:
    return Fetched(request.name, ok=False, error="refused")


@dataclass(slots=True)
class TextCall:
    """A call without sound. Each method returns what the caller notices, in words."""

    conductor: Conductor
    understanding: Understanding
    started_at: datetime
    fetch: Callable[[Fetch], Fetched] = nothing_there
    feel: Callable[[str], str] = lambda words: ""
    """The caller's mood after a sentence: amber, red or empty (`ivr.insight.feeling`)."""

    queue_outcome: str = "closed"
    """What becomes of a wait at once; empty: the caller waits, and `happen` says how it goes."""

    transfer_outcome: str = "completed"
    caller: str = "+15550100"
    called: str = "+15550199"
    timers: dict[str, float] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    """All that the conductor ever asked for."""

    lines: list[str] = field(default_factory=list)
    at: float = 0.0
    dictating: TakeMessage | None = None
    """A message under way: what is said next is the message."""

    log: CallLog = field(init=False)

    def __post_init__(self) -> None:
        dialogue = self.conductor.dialogue
        leg = Leg("text")
        self.log = CallLog(
            CallRecord(
                call_id="text",
                leg=leg,
                caller=self.caller,
                called=self.called,
                direction="inbound",
                flow=dialogue.name,
                flow_version=dialogue.version,
                language=self.conductor.language,
                arrived_at=self.started_at,
                answered_at=self.started_at,
            )
        )

    def begin(self) -> list[str]:
        return self.happen(CallAnswered(self.caller, self.called))

    def say(self, *readings: str) -> list[str]:
        """The caller says something; more than one reading are what a recognizer made of it, best first."""
        if self.dictating:
            return self._leave_message(readings[0])
        hypotheses = tuple(Hypothesis(text) for text in readings)
        meaning = self.understanding.understand(hypotheses, self.conductor.expect)
        text = meaning.text or readings[0]
        mood = self.feel(text)
        return self.happen(Heard(text, alternatives=hypotheses[1:], meaning=meaning, engine="text", mood=mood))

    def press(self, keys: str) -> list[str]:
        """Keys one by one; then the pause between keys runs out. Before the first word of a message they end it."""
        if self.dictating:
            return self._leave_message("")
        noticed = [line for key in keys for line in self.happen(DigitPressed(key))]
        return [*noticed, *(self.fire("between_keys") if "between_keys" in self.timers else [])]

    def stay_silent(self) -> list[str]:
        return self._leave_message("") if self.dictating else self.fire(NO_INPUT)

    def hang_up(self) -> list[str]:
        return self.happen(CallerHungUp("caller"))

    def _leave_message(self, words: str) -> list[str]:
        assert self.dictating is not None
        name, self.dictating = self.dictating.name, None
        return self.happen(MessageTaken(name, "ok" if words else "nothing", words))

    def fire(self, timer: str) -> list[str]:
        self.timers.pop(timer, None)
        return self.happen(TimerFired(timer))

    def happen(self, event: CallEvent) -> list[str]:
        """Let one thing happen, and all that follows from it at once."""
        noticed: list[str] = []
        waiting: list[CallEvent] = [event]
        while waiting:
            happening = waiting.pop(0)
            self.at += SECONDS_A_TURN if happening is event else 0.0
            self.log.saw(happening, self.at)
            commands = self.conductor.handle(happening)
            progress = self.conductor.progress
            if isinstance(happening, Heard | DigitPressed) and progress:
                self.log.understood(self.conductor.state.step, progress.intent, 1.0, matched=progress.matched)
            for command in commands:
                self.commands.append(command)
                self.log.did(command, self.conductor.state.step, self.at)
                waiting.extend(self._perform(command, noticed))
        self.lines.extend(noticed)
        return noticed

    def finish(self, survey: SurveyRecord) -> CallRecord:
        path, reason = tuple(self.conductor.path), self.conductor.end_reason
        return self.log.finish(self.started_at + timedelta(seconds=self.at), path, reason, survey, {})

    def _perform(self, command: Command, noticed: list[str]) -> Sequence[CallEvent]:
        match command:
            case Say(text=text, utterance=number):
                noticed.append(text)
                return [PlaybackStarted(number), PlaybackFinished(number)]
            case Fetch():
                return [self.fetch(command)]
            case JoinQueue(queue=queue):
                noticed.append(f"[waits in {queue}]")
                return [QueueLeft(self.queue_outcome)] if self.queue_outcome else []
            case LeaveQueue(outcome=outcome, number=number):
                noticed.append(f"[leaves the queue: {' '.join(filter(None, (outcome, number)))}]")
                return [QueueLeft(outcome)]
            case Transfer(target=target):
                noticed.append(f"[transferred to {target}]")
                return [TransferFinished(self.transfer_outcome)]
            case TakeMessage(name=name):
                noticed.append(f"[records {name}]")
                self.dictating = command
            case HangUp(reason=reason):
                noticed.append(f"[hangs up: {reason}]")
                return [CallerHungUp("system")]
            case StartTimer(name=name, seconds=seconds):
                self.timers[name] = seconds
            case CancelTimer(name=name):
                self.timers.pop(name, None)
            case Note(name=name, value=value):
                noticed.append(f"[notes {name}: {value}]")
            case _:
                pass
        return []
