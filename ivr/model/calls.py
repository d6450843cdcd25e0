"""Pure: a call as it is remembered: who, when, what was said, how it ended, and the survey that closes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ivr.model.events import CallEvent, Direction

DisconnectBy = Literal["", "customer", "agent", "system", "network"]
HandledBy = Literal["bot", "agent", "both", "none"]


@dataclass(frozen=True, slots=True)
class Leg:
    """Which media leg a call came on. Ids of the provider are kept apart from ours."""

    kind: str
    """twilio, file, text, webrtc, sip."""

    provider_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: what the caller said or pressed, and what we answered. Times are seconds since the answer."""

    number: int
    step: str
    heard: str = ""
    confidence: float = 0.0
    keys: str = ""
    intent: str = ""
    intent_confidence: float = 0.0
    said: tuple[str, ...] = ()
    began_at: float = 0.0
    ended_at: float = 0.0
    """End of the caller's last word, or of the key press."""

    answered_at: float | None = None
    """First sound of the answer."""

    latency: Mapping[str, float] = field(default_factory=dict)
    """Seconds: total, end_of_turn, recognition, understanding_and_flow, first_audio."""

    interrupted: bool = False
    """The caller began this turn over our prompt."""

    no_match: bool = False
    engine: str = ""


SurveyStatus = Literal["completed", "partial", "declined", "no_response", "hung_up_before", "not_offered", "deferred"]


@dataclass(frozen=True, slots=True)
class SurveyRecord:
    """Exactly one per answered call (domain.md 2.4.1)."""

    status: SurveyStatus
    reason: str = ""
    """For `not_offered` and `deferred`: customer_hung_up_first, fatigue_rule, disabled_for_flow, system_error …"""

    answers: Mapping[str, str] = field(default_factory=dict)
    """Question name to canonical answer: csat "1".."5", resolved "yes"/"no", comment …"""

    version: str = ""
    """Version of the questions asked."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """All that is known of a call; complete whatever ended it."""

    call_id: str
    leg: Leg
    caller: str
    called: str
    direction: Direction
    flow: str
    flow_version: str
    language: str
    arrived_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    disconnect_by: DisconnectBy = ""
    handled_by: HandledBy = "bot"
    outcome: str = ""
    """In the flow's own words: what the call achieved (a `Note` named outcome), else the end reason."""

    escalation_reason: str = ""
    path: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    survey: SurveyRecord | None = None
    recording: str = ""
    """Path of the stereo WAV, empty when none was kept."""

    stats: Mapping[str, Any] = field(default_factory=dict)

    @property
    def customers_number(self) -> str:
        """The other end's number, whoever called; a browser has none."""
        return self.called if self.direction == "outbound" else self.caller

    @property
    def customer(self) -> str:
        """Whose call it is: as the flow knows them, else by their number."""
        return self.notes.get("customer", "") or self.customers_number


@dataclass(frozen=True, slots=True)
class Message:
    """What a caller left to be listened to later."""

    message_id: str
    call_id: str
    name: str
    """What the flow calls it: comment, call_back_wish."""

    at: datetime
    seconds: float
    transcript: str = ""
    """Words as the recognizer of the call heard them; may be empty though there is sound."""

    path: str = ""
    """Mono WAV; empty where no sound could be kept."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that happened, in order. A call can be replayed from its entries."""

    seq: int
    at: float
    """Seconds since the call was answered."""

    event: CallEvent
