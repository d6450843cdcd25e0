"""Pure: how a call is judged once it is over, and the case that makes up for a bad one (domain.md 2.4.7, 2.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from ivr.model.calls import SurveyRecord


@dataclass(frozen=True, slots=True)
class Judgement:
    """The satisfaction index of one call as it is kept (`ivr.insight.satisfaction.Index`)."""

    call_id: str
    at: datetime
    value: float | None
    """0 to 100."""

    explicit: float | None
    implicit: float | None
    basis: str
    known: float
    band: str
    segment: str
    effort: float
    """Points, 0 to 100."""

    flags: frozenset[str] = frozenset()
    """hidden_dissatisfied, silent_dissatisfied, over_reacted; and what may be steering (domain.md 2.4.6)."""

    version: str = ""


CaseState = Literal["open", "contacted", "cause_found", "remedied", "closed"]
CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)
RootCause = Literal["", "agent", "process", "product", "policy", "expectation_mismatch"]
CaseOutcome = Literal["", "saved", "not_saved", "unreachable", "no_action"]


@dataclass(frozen=True, slots=True)
class RecoveryCase:
    """Somebody makes up for a bad call (domain.md 2.4.7): open, contacted, cause found, remedied, closed."""

    case_id: str
    """The same call gives the same id: a trigger that comes twice makes one case."""

    call_id: str
    customer: str
    """E.164, or as the bank knows them; empty where the number was withheld."""

    reasons: tuple[str, ...]
    """low_score, unresolved, complaint, hidden_dissatisfied, call_back_wanted."""

    opened_at: datetime
    due_at: datetime
    """By then the customer was contacted."""

    owner: str = ""
    """User who answers for it, never the agent of the call; empty: the supervisors together."""

    agent: str = ""
    """Of the call; empty where it was the bot's alone."""

    tier: str = "standard"
    state: CaseState = "open"
    contacted_at: datetime | None = None
    root_cause: RootCause = ""
    remedy: str = ""
    outcome: CaseOutcome = ""
    loop_score: int | None = None
    """1 to 5: "are you satisfied with how we handled it?"."""

    closed_at: datetime | None = None
    escalations: int = 0
    escalated_at: datetime | None = None

    @property
    def is_late(self) -> bool | None:
        """Whether the customer was contacted after the time; None: not yet contacted."""
        return None if self.contacted_at is None else self.contacted_at > self.due_at


@dataclass(frozen=True, slots=True)
class Asked:
    """When a customer was last asked; for the rules of fatigue."""

    any_at: datetime | None = None
    nps_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CampaignCount:
    """Surveys of one campaign."""

    today: int = 0
    in_all: int = 0


@dataclass(frozen=True, slots=True)
class AfterCall:
    """All that is written of a call once it is judged, in one transaction."""

    judgement: Judgement
    customer: str = ""
    asked: bool = False
    asked_nps: bool = False
    campaign: str = ""
    case: RecoveryCase | None = None


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One call in the list of surveys."""

    call_id: str
    ended_at: datetime
    flow: str
    flow_version: str
    language: str
    handled_by: str
    survey: SurveyRecord
    judgement: Judgement | None = None
    queue: str = ""
    agent: str = ""
    direction: str = "inbound"
    end_reason: str = ""
    arrived_at: datetime | None = None
    stats: Mapping[str, object] = field(default_factory=dict)
