"""Pure: one customer interaction as reports count it, and the people and cases around it (domain.md 2.1).

Facts only; every figure is computed from these (`ivr.insight`). Times are aware UTC, durations seconds.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ivr.model.calls import DisconnectBy, HandledBy, SurveyRecord
from ivr.model.events import Direction

OfferOutcome = Literal["", "accepted", "rejected", "timed_out", "busy", "unreachable", "cancelled", "lost_race"]
"""Empty: still ringing."""


@dataclass(frozen=True, slots=True)
class OfferMade:
    """One ring at one agent."""

    agent: str
    ring_seconds: float
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class QueueVisit:
    """One stay in one queue. A contact that is transferred or overflows has several."""

    queue: str
    enqueued_at: datetime
    left_at: datetime | None = None
    """None: still waiting."""

    outcome: str = ""
    """connected, abandoned, timed_out, overflow, exited_with_key, exited_empty, closed, callback; empty: waiting."""

    agent: str = ""
    priority: int = 0
    emergency: bool = False
    announced_seconds: float | None = None
    """The wait estimated when the caller joined."""

    offers: tuple[OfferMade, ...] = ()

    @property
    def wait(self) -> float:
        """Seconds from joining to leaving, ringing included; 0 while waiting."""
        return (self.left_at - self.enqueued_at).total_seconds() if self.left_at else 0.0


@dataclass(frozen=True, slots=True)
class BotPart:
    """What happened between the caller and the bot (domain.md 2.3.5)."""

    questions: int = 0
    """Valid ones: turns that ask or request something; no silence, noise, chit-chat, yes/no, or call for a person."""

    matched: int = 0
    """Of them, answered by an intent or a knowledge entry above the threshold."""

    resolved: int = 0
    """Of the matched, with no rephrasing, no transfer for it, no negative reply."""

    simple_matched: int = 0
    instant_answers: int = 0
    """Of the simple matched, the answer began within 1.5 s of the caller's last word."""

    turns: int = 0
    replied_turns: int = 0
    prompts: int = 0
    barge_ins: int = 0
    no_matches: int = 0
    no_inputs: int = 0
    auth_failures: int = 0
    task_completed: bool = False
    asked_for_agent_first: bool = False
    """A person was asked for before any need was stated."""

    response_seconds: tuple[float, ...] = ()
    """Last word of the caller to first sound of the answer, per turn."""

    confidences: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One customer interaction on one channel."""

    contact_id: str
    arrived_at: datetime
    direction: Direction = "inbound"
    channel: str = "voice"
    language: str = "en"
    customer: str = ""
    """Customer id, else the E.164 number: whose contact it is."""

    flow: str = ""
    flow_version: str = ""
    intent: str = ""
    topic: str = ""
    issue_family: str = ""
    agent: str = ""
    disposition: str = ""
    """Set by the agent: resolved, unresolved, follow_up …"""

    disconnect_by: DisconnectBy = ""
    end_reason: str = ""
    handled_by: HandledBy = "none"
    escalation_reason: str = ""
    accepted: bool = True
    """False: turned away before anybody or anything answered (all lines busy)."""

    answered_by_ivr_at: datetime | None = None
    intent_recognized_at: datetime | None = None
    self_service_done_at: datetime | None = None
    first_response_at: datetime | None = None
    """First sound of the bot or of the agent."""

    agent_answered_at: datetime | None = None
    agent_disconnected_at: datetime | None = None
    customer_disconnected_at: datetime | None = None
    survey_started_at: datetime | None = None
    survey_ended_at: datetime | None = None
    wrapup_ended_at: datetime | None = None
    visits: tuple[QueueVisit, ...] = ()
    bot: BotPart = field(default_factory=BotPart)
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    holds: int = 0
    wrap_up_seconds: float = 0.0
    transfers: int = 0
    repeated_info: int = 0
    """How often the caller had to say again what was known."""

    survey: SurveyRecord | None = None
    first_contact: bool | None = None
    """No earlier contact on the matter; filled by `ivr.insight.repeats`. None: does not count, or not looked at."""

    repeated: bool | None = None
    """Came back on the matter; None: too young to tell, or not looked at."""


@dataclass(frozen=True, slots=True)
class AgentShift:
    """Where an agent's time went in a stretch of time. Seconds."""

    agent: str
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    ring: float = 0.0
    idle: float = 0.0
    """Available and nothing to do."""

    away: float = 0.0
    """Breaks, not responding."""

    scheduled: float = 0.0
    worked_as_scheduled: float = 0.0
    """Scheduled time in which the agent was at work."""

    @property
    def logged_in(self) -> float:
        return self.talk + self.hold + self.wrap_up + self.ring + self.idle + self.away


@dataclass(frozen=True, slots=True)
class Case:
    """An issue that may span contacts."""

    case_id: str
    opened_at: datetime
    kind: str = ""
    """complaint, feedback, repair …"""

    due_at: datetime | None = None
    first_response_at: datetime | None = None
    handed_over_at: datetime | None = None
    handover_due_at: datetime | None = None
    resolved_at: datetime | None = None
    needs_callback: bool = False
    called_back: bool = False
    escalated: bool = False
    """Went to the regulator or the consumer line."""

    csat: int | None = None
    """1 to 5, how the resolution was liked."""


def has_repeated(arrived_at: datetime, came_back: datetime | None, now: datetime, window: timedelta) -> bool | None:
    """Whether the customer came back within the window; None until it is over, whatever happened so far: a share of
    which only the failures are known yet would be 0 % for every fresh day (domain.md 2.3.4)."""
    if now - arrived_at <= window:
        return None
    return came_back is not None and came_back - arrived_at <= window
