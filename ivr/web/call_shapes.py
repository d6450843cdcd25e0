"""Calls as the API shows them. These shapes are a contract: add fields, never rename them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from ivr.model.calls import CallRecord, SurveyRecord, Turn


class SurveyShape(BaseModel):
    status: str
    reason: str
    answers: dict[str, str]
    version: str


class TurnShape(BaseModel):
    """Times are seconds since the call was answered; latencies are seconds."""

    number: int
    step: str
    heard: str
    confidence: float
    keys: str
    intent: str
    intent_confidence: float
    said: list[str]
    began_at: float
    ended_at: float
    answered_at: float | None
    latency: dict[str, float]
    interrupted: bool
    no_match: bool
    engine: str


class CallBrief(BaseModel):
    """One line of the list."""

    call_id: str
    line: str
    caller: str
    called: str
    direction: str
    flow: str
    flow_version: str
    language: str
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    disconnect_by: str
    handled_by: str
    outcome: str
    escalation_reason: str
    survey: SurveyShape | None
    recording: str | None
    """Where to fetch the recording, relative to this server."""


class CallWhole(CallBrief):
    provider_ids: dict[str, str]
    path: list[str]
    turns: list[TurnShape]
    notes: dict[str, str]
    stats: dict[str, Any]


class CallList(BaseModel):
    calls: list[CallBrief]
    next: str | None
    """Pass it as `cursor` to get the page after this one."""


def brief(call: CallRecord) -> CallBrief:
    return CallBrief(**_shared(call))


def whole(call: CallRecord) -> CallWhole:
    return CallWhole(
        **_shared(call),
        provider_ids=dict(call.leg.provider_ids),
        path=list(call.path),
        turns=[_turn(turn) for turn in call.turns],
        notes=dict(call.notes),
        stats=dict(call.stats),
    )


def _shared(call: CallRecord) -> dict[str, Any]:
    own = CallBrief.model_fields.keys() - {"line", "survey", "recording"}
    return {name: getattr(call, name) for name in own} | {
        "line": call.leg.kind,
        "survey": _survey(call.survey) if call.survey else None,
        "recording": f"/api/calls/{call.call_id}/recording" if call.recording else None,
    }


def _survey(survey: SurveyRecord) -> SurveyShape:
    return SurveyShape(status=survey.status, reason=survey.reason, answers=dict(survey.answers), version=survey.version)


def _turn(turn: Turn) -> TurnShape:
    return TurnShape(**{name: getattr(turn, name) for name in TurnShape.model_fields})
