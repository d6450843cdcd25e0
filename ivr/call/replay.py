"""Pure: hold a call again from its journal, with a flow of today: would it go elsewhere now?

What the caller said is understood again; keys, silences, answers of services and outcomes of queues and transfers come
from the journal. Speech takes no time. Where the flow asks for something that never happened, its error path speaks.
Secret keys were never kept: as many zeros stand for them. The survey is not held again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.call.conductor import Conductor
from ivr.call.dialogue import Dialogue
from ivr.call.hiding import HIDDEN
from ivr.call.text_call import TextCall, nothing_there
from ivr.call.timing import BETWEEN_KEYS, NO_INPUT
from ivr.model.calls import JournalEntry
from ivr.model.commands import Fetch, HangUp, JoinQueue, Note, Transfer
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallAnswered,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Fetched,
    Heard,
    HearingFailed,
    MessageTaken,
    QueueLeft,
    QueueNews,
    TimerFired,
    TransferFinished,
)
from ivr.model.meaning import Hypothesis
from ivr.model.ports import Understanding

BY_CHOICE = ("exited_with_key", "callback")
"""Ends of a wait that follow from what the caller says, so the candidate comes to them by itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of a flow that calls are held with again."""

    dialogue: Dialogue
    understanding: Understanding
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a call went."""

    path: tuple[str, ...]
    """Steps, each with its flow: hotline.greet."""

    handed_to: tuple[str, ...]
    """Queues and transfer targets, in order; none: the bot kept the call to itself."""

    ended: str
    """Why the flow hung up; empty: the caller did, or what they did ran out before the flow was done."""

    outcome: str
    """What the flow noted as `outcome`."""

    @property
    def is_contained(self) -> bool:
        return not self.handed_to


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A call that goes elsewhere."""

    call_id: str
    parts_at: str
    """Last step both went to, or `the beginning`."""

    before: Course
    after: Course

    @property
    def before_next(self) -> str:
        return self._next(self.before)

    @property
    def after_next(self) -> str:
        return self._next(self.after)

    def _next(self, course: Course) -> str:
        at = _common(self.before.path, self.after.path)
        return course.path[at] if at < len(course.path) else (course.ended or "the end")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a version would change about calls that were held."""

    calls: int
    elsewhere: tuple[Elsewhere, ...]
    contained_before: int
    """Calls that were never handed to a person."""

    contained_after: int


def hold_again(journal: Sequence[JournalEntry], candidate: Candidate, language: str, at: datetime) -> Course:
    """One call, from its answer to its end or to the end of what its caller did."""
    events = [entry.event for entry in journal]
    conductor = Conductor(candidate.dialogue, None, candidate.facts, language)
    call = TextCall(conductor, candidate.understanding, at, _Services(events).answer)
    # A wait of the journal is waited again; one that only the candidate has ends well.
    call.queue_outcome = "" if any(isinstance(event, QueueLeft) for event in events) else "connected"
    call.transfer_outcome = next(
        (event.outcome for event in events if isinstance(event, TransferFinished)), "completed"
    )
    for event in events:
        if conductor.over:
            break
        _happen(call, event)
    if not conductor.over and BETWEEN_KEYS in call.timers:
        call.fire(BETWEEN_KEYS)
    return _course(call)


def compare(
    journals: Mapping[str, Sequence[JournalEntry]],
    languages: Mapping[str, str],
    before: Mapping[str, Candidate],
    after: Candidate,
    at: datetime,
) -> Replayed:
    """Hold calls again with two versions.

    Args:
        journals: by call id.
        languages: what each call was greeted in.
        before: by call id, the version to compare with.
        after: the version to try.
        at: the virtual time of all calls.
    """
    elsewhere: list[Elsewhere] = []
    contained = [0, 0]
    for call_id, journal in journals.items():
        old = hold_again(journal, before[call_id], languages[call_id], at)
        new = hold_again(journal, after, languages[call_id], at)
        contained[0] += old.is_contained
        contained[1] += new.is_contained
        if old != new:
            shared = _common(old.path, new.path)
            elsewhere.append(Elsewhere(call_id, old.path[shared - 1] if shared else "the beginning", old, new))
    return Replayed(len(journals), tuple(elsewhere), contained[0], contained[1])


def _happen(call: TextCall, event: CallEvent) -> None:
    """What came from the caller; all else follows from the flow itself."""
    if not isinstance(event, DigitPressed | TimerFired) and BETWEEN_KEYS in call.timers:
        call.fire(BETWEEN_KEYS)
    match event:
        case Heard() | DigitPressed() if call.dictating:
            pass  # words of the message, which comes whole
        case CallAnswered() | CallerHungUp() | HearingFailed():
            call.happen(event)
        case Heard(text=text) if text:
            readings = (Hypothesis(text, event.confidence), *event.alternatives)
            meaning = call.understanding.understand(readings, call.conductor.expect)
            call.happen(replace(event, text=meaning.text or text, meaning=meaning))
        case DigitPressed(digit=digit):
            call.happen(DigitPressed("0" if digit == HIDDEN else digit))
        case MessageTaken() if call.dictating:
            call.dictating = None
            call.happen(event)
        case QueueLeft() | QueueNews() | AgentJoined() | AgentSaid() if call.conductor.wait:
            call.happen(event)
        case QueueLeft(outcome=outcome) if outcome not in BY_CHOICE:
            call.queue_outcome = outcome  # the candidate comes to its queue later, if at all
        case TimerFired(name=name) if name in (NO_INPUT, BETWEEN_KEYS) and name in call.timers:
            call.fire(name)
        case _:
            pass


@dataclass(slots=True)
class _Services:
    """Answers of services as they came, by request: one after the other, the last one again and again."""

    events: Sequence[CallEvent]
    _asked: dict[str, int] = field(default_factory=dict)

    def answer(self, request: Fetch) -> Fetched:
        came = [event for event in self.events if isinstance(event, Fetched) and event.name == request.name]
        if not came:
            return nothing_there(request)
        number = self._asked.get(request.name, 0)
        self._asked[request.name] = number + 1
        return came[min(number, len(came) - 1)]


def _course(call: TextCall) -> Course:
    handed, ended, outcome = [], "", ""
    for command in call.commands:
        match command:
            case JoinQueue(queue=queue):
                handed.append(queue)
            case Transfer(target=target):
                handed.append(target)
            case HangUp(reason=reason):
                ended = reason
            case Note(name="outcome", value=value):
                outcome = value
            case _:
                pass
    return Course(tuple(call.conductor.path), tuple(handed), ended, outcome)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first steps two paths share."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
