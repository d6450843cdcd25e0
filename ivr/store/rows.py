"""Pure: call records as rows and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.model.calls import CallRecord, JournalEntry, Leg, Message, SurveyRecord, Turn
from ivr.model.journal import event_from_json, event_to_json
from ivr.model.people import AgentNote

Row = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TURN_FIELDS = tuple(field.name for field in fields(Turn))


NO_ANSWERS = frozenset({"asked", "declined", "not_offered"})
"""What a survey notes beside answers."""


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC. `moment` must be aware."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def call_row(record: CallRecord, node: str) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "node": node,
        "leg_kind": record.leg.kind,
        "provider_ids": dict(record.leg.provider_ids),
        "caller": record.caller,
        "called": record.called,
        "direction": record.direction,
        "flow": record.flow,
        "flow_version": record.flow_version,
        "language": record.language,
        "arrived_at_ms": to_ms(record.arrived_at),
        "answered_at_ms": to_ms(record.answered_at) if record.answered_at else None,
        "ended_at_ms": to_ms(record.ended_at) if record.ended_at else None,
        "end_reason": record.end_reason,
        "disconnect_by": record.disconnect_by,
        "handled_by": record.handled_by,
        "outcome": record.outcome,
        "escalation_reason": record.escalation_reason,
        "path": list(record.path),
        "notes": dict(record.notes),
        "recording": record.recording,
        "stats": dict(record.stats),
    }


def turn_rows(record: CallRecord) -> list[dict[str, Any]]:
    return [
        {name: getattr(turn, name) for name in TURN_FIELDS} | {"call_id": record.call_id, "said": list(turn.said)}
        for turn in record.turns
    ]


def survey_row(call_id: str, survey: SurveyRecord) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "status": survey.status,
        "reason": survey.reason,
        "answers": dict(survey.answers),
        "version": survey.version,
    }


def journal_row(call_id: str, entry: JournalEntry) -> dict[str, Any]:
    return {"call_id": call_id, "seq": entry.seq, "at": entry.at, "event": event_to_json(entry.event)}


def note_row(note: AgentNote, at_ms: int) -> dict[str, Any]:
    return {
        "call_id": note.call_id, "agent": note.agent, "queue": note.queue, "disposition": note.disposition,
        "text": note.text, "at_ms": at_ms,
    }  # fmt: skip


def message_row(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "call_id": message.call_id,
        "name": message.name,
        "at_ms": to_ms(message.at),
        "seconds": message.seconds,
        "transcript": message.transcript,
        "path": message.path,
    }


def message_of(row: Row) -> Message:
    return Message(
        row["message_id"],
        row["call_id"],
        row["name"],
        from_ms(row["at_ms"]),
        row["seconds"],
        row["transcript"],
        row["path"],
    )


def interrupted_survey(answers: Mapping[str, str]) -> SurveyRecord:
    """The survey record of a call that nobody could finish: what the caller answered counts."""
    given = {name: value for name, value in answers.items() if name not in NO_ANSWERS}
    if given:
        return SurveyRecord("partial", "system_error", given)
    if "declined" in answers:
        return SurveyRecord("declined")
    return SurveyRecord("not_offered", "system_error")


def call_of(row: Row, survey: Row | None = None, turns: Sequence[Row] = ()) -> CallRecord:
    return CallRecord(
        call_id=row["call_id"],
        leg=Leg(row["leg_kind"], row["provider_ids"]),
        caller=row["caller"],
        called=row["called"],
        direction=row["direction"],
        flow=row["flow"],
        flow_version=row["flow_version"],
        language=row["language"],
        arrived_at=from_ms(row["arrived_at_ms"]),
        answered_at=_moment(row["answered_at_ms"]),
        ended_at=_moment(row["ended_at_ms"]),
        end_reason=row["end_reason"],
        disconnect_by=row["disconnect_by"],
        handled_by=row["handled_by"],
        outcome=row["outcome"],
        escalation_reason=row["escalation_reason"],
        path=tuple(row["path"]),
        turns=tuple(turn_of(turn) for turn in turns),
        notes=row["notes"],
        survey=survey_of(survey) if survey is not None else None,
        recording=row["recording"],
        stats=row["stats"],
    )


def turn_of(row: Row) -> Turn:
    return Turn(**{name: row[name] for name in TURN_FIELDS} | {"said": tuple(row["said"])})


def survey_of(row: Row) -> SurveyRecord:
    return SurveyRecord(row["status"], row["reason"], row["answers"], row["version"])


def entry_of(row: Row) -> JournalEntry:
    return JournalEntry(row["seq"], row["at"], event_from_json(row["event"]))


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
