"""Pure: turn what happened in a call into its record, whatever ended it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.call.company import Company
from ivr.model.calls import CallRecord, DisconnectBy, Message, SurveyRecord, Turn
from ivr.model.commands import Command, JoinQueue, Note, Say, StopSpeaking, Transfer
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    Heard,
    PlaybackFinished,
    PlaybackStarted,
    QueueLeft,
    QueueNews,
    SpeechStarted,
    TransferFinished,
)

SURVEY_NOTE = "survey."
"""Notes of this name are survey answers, not facts of the call."""

MESSAGE_NOTE = "message."
"""Notes of this name and the message's own hold the id of a message that was left."""

IN_QUEUE, WITH_AGENT = "in_queue", "with_agent"
"""Steps of turns that no flow took: what was said while waiting, and to a person. `said` is what we answered, or the
agent did."""


@dataclass(slots=True)
class CallLog:
    """Watches one call. Times are seconds since it was answered."""

    record: CallRecord
    hide_keys: Callable[[str], str] = str
    """Keys of one entry as they may be kept."""

    surveyed: bool = False
    declined: bool = False
    not_offered: str = ""
    """Why the flow wants nobody asked about this call (note `survey.not_offered`)."""

    asked: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hung_up: str = ""
    """Why the media ended: caller, system, network, provider; empty while it lives."""

    mood: float | None = None
    """How the caller sounds, -1 to 1, running; None: not looked at."""

    said: int = 0
    interruptions: int = 0
    failures: int = 0
    _turns: list[Turn] = field(default_factory=list)
    _saying: set[int] = field(default_factory=set)
    _waiting_for: tuple[int, float] | None = None
    """Utterance that answers the last turn, and when it was told to be said."""

    _turn_arrived: float = 0.0
    _is_answered: bool = False
    """What is said now is no answer to the last turn."""

    _over_prompt: bool = False
    _notes: dict[str, str] = field(default_factory=dict)
    _waits_for_agent: str = ""
    """End reason if the call ends while it is in a queue or with a transfer."""

    _company: Company = field(default_factory=Company)
    _by_agent: bool = False
    _by_bot: bool = False
    """The bot took a turn of the caller before a person did."""

    _escalation: str = ""
    _secret: bool = False

    def saw(self, event: CallEvent, at: float) -> None:
        match event:
            case SpeechStarted():
                self._over_prompt = bool(self._saying)
            case Heard() if event.text:
                self._caller_spoke(event, at)
            case DigitPressed(digit=digit):
                self._caller_pressed(digit, at)
            case PlaybackStarted(utterance=number):
                self._saying.add(number)
                self._answered(number, at)
            case PlaybackFinished(utterance=number):
                self._saying.discard(number)
            case AgentJoined():
                self._company.agent_joined(event, at)
                self._by_agent = True
                self._waits_for_agent = "transferred_out" if self._is_transferred else "agent_completed"
            case QueueNews(kind="back"):
                self._company.waits_again(at)
                self._waits_for_agent = "abandoned_in_queue"
            case QueueNews(kind="moved", queue=queue):
                self._company.moved(queue)
            case AgentSaid(text=text):
                self._agent_spoke(text, at)
            case QueueLeft() | TransferFinished():
                self._came_back(event, at)
            case CallerHungUp(reason=reason):
                self.hung_up = reason
            case _:
                pass

    def did(self, command: Command, step: str, at: float) -> None:
        match command:
            case Say(text=text, utterance=number):
                self.said += 1
                self._add_words(number, text, at)
            case StopSpeaking():
                self.interruptions += 1
            case Note(name=name, value=value) if name.startswith(SURVEY_NOTE):
                self._keep_answer(name.removeprefix(SURVEY_NOTE), value)
            case Note(name=name, value=value):
                self._notes[name] = value
            case JoinQueue(reason=reason) | Transfer(reason=reason):
                self._waits_for_agent = "abandoned_in_queue" if isinstance(command, JoinQueue) else "transferred_out"
                self._escalation = self._escalation or reason
                self._by_bot |= isinstance(command, Transfer) or any(turn.number for turn in self._turns)
                if isinstance(command, JoinQueue):
                    self._company.joined_queue(command.queue, at)
            case _:
                pass

    @property
    def _is_transferred(self) -> bool:
        return self._waits_for_agent == "transferred_out"

    @property
    def is_with_agent(self) -> bool:
        return self._company.is_talking

    def recorded_at(self, path: str) -> None:
        """The recording began after the call did."""
        self.record = replace(self.record, recording=path)

    def left_message(self, message: Message) -> None:
        self._notes[f"{MESSAGE_NOTE}{message.name}"] = message.message_id

    def left_unanswered(self) -> None:
        """The turn just taken changed nothing (the caller spoke while they were being connected): what is said next
        is no answer to it."""
        if self._turns:
            self._turns[-1] = replace(self._turns[-1], latency={})
        self._is_answered = True

    def understood(self, step: str, intent: str, confidence: float, *, matched: bool) -> None:
        """What the flow made of the turn just taken; it makes nothing of what is said past it."""
        if self._past_flow:
            return
        if self._turns and not self._turns[-1].said:
            last = self._turns[-1]
            self._turns[-1] = replace(
                last, step=step, intent=intent, intent_confidence=confidence, no_match=not matched
            )

    def reword(self, turn: Callable[[Turn], Turn], words: Callable[[str], str]) -> None:
        """Write what there is so far once more: something in it turned out to be nothing to keep."""
        self._turns = [turn(one) for one in self._turns]
        self._notes = {name: words(value) for name, value in self._notes.items()}
        self.answers = {name: words(value) for name, value in self.answers.items()}

    def finish(
        self, ended_at: datetime, path: tuple[str, ...], end_reason: str, survey: SurveyRecord, stats: dict[str, Any]
    ) -> CallRecord:
        reason = end_reason or self.reason_so_far
        return replace(
            self.record,
            ended_at=ended_at,
            end_reason=reason,
            disconnect_by=self.disconnect_by,
            handled_by=("both" if self._by_bot else "agent") if self._by_agent else "bot",
            outcome=self._notes.get("outcome", reason),
            escalation_reason=self._escalation,
            path=path,
            turns=self.turns,
            notes={name: value for name, value in self._notes.items() if name != "outcome"},
            survey=survey,
            stats={**stats, **self._company.stats((ended_at - self.record.arrived_at).total_seconds())},
        )

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(replace(turn, keys=self.hide_keys(turn.keys)) if turn.keys else turn for turn in self._turns)

    @property
    def reason_so_far(self) -> str:
        """End reason of a call that no flow ended."""
        left = "abandoned_in_ivr" if self.hung_up in ("caller", "network", "provider") else "error"
        return self._waits_for_agent or left

    @property
    def disconnect_by(self) -> DisconnectBy:
        by: dict[str, DisconnectBy] = {"caller": "customer", "network": "network", "provider": "customer"}
        return by.get(self.hung_up, "system")

    def _came_back(self, event: QueueLeft | TransferFinished, at: float) -> None:
        self._by_agent |= event.outcome in ("connected", "completed")
        self._waits_for_agent = ""
        if isinstance(event, QueueLeft):
            self._company.left(event, at)
        else:
            self._company.parted(at)

    def _caller_spoke(self, heard: Heard, at: float) -> None:
        times = heard.times
        self._new_turn(
            Turn(
                number=self._next_number(),
                step=self._past_flow,
                heard=heard.text,
                confidence=heard.confidence,
                began_at=times.began,
                ended_at=times.ended or at,
                latency={"end_of_turn": times.waited, "recognition": times.recognizing} if times.ended else {},
                interrupted=self._over_prompt,
                engine=heard.engine,
            ),
            at,
        )

    def _caller_pressed(self, digit: str, at: float) -> None:
        """Keys of one entry are one turn."""
        last = self._turns[-1] if self._turns else None
        if last and last.keys and not last.said:
            self._turns[-1] = replace(last, keys=last.keys + digit, ended_at=at)
            self._turn_arrived = at
            return
        turn = Turn(self._next_number(), self._past_flow, keys=digit, began_at=at, ended_at=at, engine="keys")
        self._new_turn(replace(turn, interrupted=bool(self._saying)), at)

    @property
    def _past_flow(self) -> str:
        if self._company.is_talking:
            return WITH_AGENT
        return IN_QUEUE if self._company.is_waiting else ""

    def _agent_spoke(self, text: str, at: float) -> None:
        last = self._turns[-1] if self._turns else None
        if last and last.step == WITH_AGENT:
            self._turns[-1] = replace(last, said=(*last.said, text))
            return
        self._new_turn(Turn(self._next_number(), WITH_AGENT, said=(text,), began_at=at, ended_at=at), at)

    def _next_number(self) -> int:
        """What we say before the caller's first turn is number 0."""
        return self._turns[-1].number + 1 if self._turns else 1

    def _new_turn(self, turn: Turn, at: float) -> None:
        self._turns.append(turn)
        self._turn_arrived, self._waiting_for, self._over_prompt, self._is_answered = at, None, False, False

    def _add_words(self, number: int, text: str, at: float) -> None:
        if not self._turns:
            self._turns.append(Turn(number=0, step="", said=(text,)))
            return
        last = self._turns[-1]
        if last.step == WITH_AGENT:
            # What the agent said is not mixed with what we say after them.
            self._turns.append(Turn(self._next_number(), step="", said=(text,), began_at=at, ended_at=at))
            return
        if not last.said and last.number and not self._is_answered:
            self._waiting_for = (number, at)
        self._turns[-1] = replace(last, said=(*last.said, text))

    def _answered(self, number: int, at: float) -> None:
        if not self._waiting_for or number != self._waiting_for[0]:
            return
        told_at, self._waiting_for = self._waiting_for[1], None
        last = self._turns[-1]
        latency = {
            **last.latency,
            "understanding_and_flow": told_at - self._turn_arrived,
            "first_audio": at - told_at,
            "total": at - last.ended_at,
        }
        self._turns[-1] = replace(last, answered_at=at, latency={name: round(s, 4) for name, s in latency.items()})

    def _keep_answer(self, name: str, value: str) -> None:
        if name == "asked":
            self.asked.append(value)
        elif name == "not_offered":
            self.not_offered = value
        elif name == "declined":
            self.declined = True
        else:
            self.answers[name] = value
