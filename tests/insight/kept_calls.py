"""Ended calls in a few lines each: turns, what was understood, what happened in the queues."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.model.calls import CallRecord, JournalEntry, Leg, Turn
from ivr.model.events import CallEvent, Heard, PlaybackStarted
from ivr.model.insight import FlowFacts, KeptCall
from ivr.model.meaning import Control, IntentGuess, Meaning
from ivr.model.routing import RoutingEvent

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
BANK = FlowFacts(
    {"balance": "task", "hours": "question", "hello": "chitchat", "more": "control"},
    frozenset({"hotline.greet", "hotline.more"}),
    frozenset({"hotline.faq"}),
)


class Script:
    """A call written down turn by turn. Each turn takes ten seconds, each answer begins a second after it."""

    def __init__(self, call_id: str = "c1", caller: str = "+15550100", at: datetime = NINE) -> None:
        self.call_id, self.caller, self.at = call_id, caller, at
        self.turns: list[Turn] = [Turn(0, "", said=("Hello.",))]
        self.journal: list[JournalEntry] = []
        self.clock = 0.0
        self.happened(PlaybackStarted(1))

    def happened(self, event: CallEvent) -> "Script":
        self.journal.append(JournalEntry(len(self.journal), self.clock, event))
        return self

    def says(
        self, text: str, step: str = "hotline.b_auth", intent: str = "", *, control: Control = "",
        guess: str = "", no_match: bool = False, after: float = 1.0, confidence: float = 0.9,
    ) -> "Script":  # fmt: skip
        self.clock += 10
        guesses = (IntentGuess(guess or intent, 0.9 if intent else 0.5),) if guess or intent else ()
        meaning = Meaning(text, guesses, control=control, control_confidence=0.95 if control else 0.0)
        self.happened(Heard(text, confidence, meaning=meaning))
        end = self.clock - 1
        self.turns.append(
            Turn(
                len(self.turns), step, text, confidence, "", intent, 0.9 if intent else 0.0, ("Well.",), end - 2, end,
                end + after, {"total": after, "end_of_turn": 0.4, "recognition": 0.1}, False, no_match, "scripted",
            )
        )  # fmt: skip
        return self.happened(PlaybackStarted(len(self.turns)))

    def presses(self, keys: str, step: str = "hotline.b_auth") -> "Script":
        self.clock += 10
        at = self.clock - 1
        self.turns.append(Turn(len(self.turns), step, keys=keys, said=("Ok.",), began_at=at, ended_at=at))
        return self

    def call(self, end: str = "self_service_completed", *routing: RoutingEvent, **more: Any) -> KeptCall:
        record = CallRecord(
            self.call_id, Leg("twilio"), self.caller, "+15550199", "inbound", "bank/hotline", "v1", "en",
            self.at, self.at, self.at + timedelta(seconds=self.clock + 5), end, "customer",
            path=tuple(turn.step for turn in self.turns if turn.step), turns=tuple(self.turns),
            **{"outcome": end, **more},
        )  # fmt: skip
        return KeptCall(record, tuple(self.journal), tuple(routing))


def happened(call_id: str, *events: tuple[float, str, dict[str, Any]], queue: str = "cards") -> Sequence[RoutingEvent]:
    """(seconds after nine, name, what it carries); `agent` and `queue` in what it carries go to their own fields."""
    return [
        RoutingEvent(
            name, NINE.timestamp() + at, f"{call_id}.1234abcd", carries.pop("queue", queue), carries.pop("agent", ""),
            "", carries,
        )
        for at, name, carries in events
    ]  # fmt: skip
