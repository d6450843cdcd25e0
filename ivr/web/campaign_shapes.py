"""Events, lists and cases as they stand in requests and answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivr.model.campaigns import Alert, Case, PhoneCandidate

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Party = Annotated[str, Field(pattern=r"^(\+[1-9]\d{6,14}|customer:.{1,200})$")]


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("write the time with its zone, as 2026-11-22T10:00:00Z")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PhoneShape(Given):
    e164: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]
    type: str = "mobile"
    verified_at: str = ""
    priority: int = 0


class EventShape(Given):
    """One alert (domain.md 2.8.1)."""

    event_id: Id
    source: Id = "default"
    occurred_at: Moment
    customer_id: Id
    phone_candidates: Annotated[list[PhoneShape], Field(min_length=1, max_length=10)]
    transactions: Annotated[list[dict[str, str | int | float | bool | None]], Field(max_length=50)] = []
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    timezone: str = ""
    jurisdiction: str = ""
    expires_at: Moment | None = None
    facts: Annotated[dict[str, Annotated[str, Field(max_length=500)]], Field(max_length=50)] = {}
    exposure: Annotated[float, Field(ge=0.0)] = 0.0
    risk_score: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    tier: str = ""

    def alert(self) -> Alert:
        phones = tuple(PhoneCandidate(each.e164, each.type, each.verified_at, each.priority) for each in
                       self.phone_candidates)  # fmt: skip
        return Alert(
            self.source, self.event_id, self.customer_id, phones, self.occurred_at, self.language, self.timezone,
            self.jurisdiction, self.expires_at, tuple(self.transactions), self.facts, self.exposure, self.risk_score,
            self.tier,
        )  # fmt: skip


class Taken(BaseModel):
    case_id: str
    arrival: str


class RefusedRow(BaseModel):
    line: int
    why: str


class ListReport(BaseModel):
    taken: int = 0
    again: int = 0
    merged: int = 0
    refused: list[RefusedRow] = []


class StateWish(Given):
    state: Literal["running", "paused", "stopped"]


class CancelWish(Given):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class RefusalShape(Given):
    party: Party
    purpose: Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]{0,39})$")] = "*"
    reason: Annotated[str, Field(max_length=200)] = ""


class ConsentShape(Given):
    party: Party
    purpose: Name
    channel: Annotated[str, Field(max_length=50)]
    source: Annotated[str, Field(max_length=200)]
    evidence: Annotated[str, Field(max_length=500)]


def case_shape(case: Case) -> Mapping[str, Any]:
    """A case with its attempts; numbers by their last four digits."""
    return {
        "case_id": case.case_id, "campaign": case.campaign, "customer": case.alert.customer, "lane": case.lane,
        "state": case.state, "reason": case.reason, "result": dict(case.result), "priority": case.priority,
        "received_at": case.received_at.isoformat(),
        "next_at": case.next_at.isoformat() if case.next_at else None,
        "events": [{"source": alert.source, "event_id": alert.event_id} for alert in case.alerts],
        "attempts": [
            {
                "attempt_id": one.attempt_id, "number": one.number, "to": f"…{one.to[-4:]}", "trunk": one.trunk,
                "outcome": one.outcome, "rule": one.rule, "call_id": one.call_id, "provider_id": one.provider_id,
                "times": {stage: at.isoformat() for stage, at in one.times.items()},
            }
            for one in case.attempts
        ],
        "times": {stage: at.isoformat() for stage, at in case.times.items()},
    }  # fmt: skip
