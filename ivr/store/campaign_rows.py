"""Pure: cases, attempts and letters as rows and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from ivr.model.campaign_ports import Due
from ivr.model.campaigns import Alert, Attempt, Case, Letter, Refusal
from ivr.store.rows import from_ms, to_ms

Row = Mapping[Any, Any]
ALERTS = TypeAdapter(tuple[Alert, ...])


def case_row(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "campaign": case.campaign,
        "customer": case.alert.customer,
        "open_key": open_key(case.campaign, case.alert.customer) if case.is_open else None,
        "lane": case.lane,
        "state": case.state,
        "reason": case.reason,
        "priority": case.priority,
        "received_at_ms": to_ms(case.received_at),
        "next_at_ms": to_ms(case.next_at) if case.next_at else None,
        "next_phone": case.next_phone,
        "alerts": ALERTS.dump_python(case.alerts, mode="json"),
        "result": dict(case.result),
    }


def open_key(campaign: str, customer: str) -> str:
    return f"{campaign}\n{customer}"


def case_of(row: Row, attempts: Iterable[Row], stages: Iterable[Row]) -> Case:
    alerts = ALERTS.validate_python(row["alerts"])
    return Case(
        case_id=row["case_id"],
        campaign=row["campaign"],
        alert=alerts[0],
        received_at=from_ms(row["received_at_ms"]),
        lane=row["lane"],
        merged=alerts[1:],
        state=row["state"],
        reason=row["reason"],
        next_at=_moment(row["next_at_ms"]),
        next_phone=row["next_phone"],
        attempts=tuple(map(attempt_of, attempts)),
        times={each["stage"]: from_ms(each["at_ms"]) for each in stages},
        priority=row["priority"],
        result=row["result"],
    )


def attempt_row(case: Case, attempt: Attempt) -> dict[str, Any]:
    created = attempt.times.get("created", case.received_at)
    return {
        "attempt_id": attempt.attempt_id,
        "case_id": case.case_id,
        "campaign": case.campaign,
        "customer": case.alert.customer,
        "number": attempt.number,
        "dialled": attempt.to,
        "trunk": attempt.trunk,
        "provider_id": attempt.provider_id,
        "outcome": attempt.outcome,
        "rule": attempt.rule,
        "counts": attempt.counts,
        "asked": attempt.asked,
        "call_id": attempt.call_id,
        "run": attempt.run,
        "created_at_ms": to_ms(created),
        "times": {stage: to_ms(at) for stage, at in attempt.times.items()},
    }


def attempt_of(row: Row) -> Attempt:
    return Attempt(
        attempt_id=row["attempt_id"],
        number=row["number"],
        to=row["dialled"],
        trunk=row["trunk"],
        provider_id=row["provider_id"],
        outcome=row["outcome"],
        rule=row["rule"],
        counts=row["counts"],
        times={stage: from_ms(at) for stage, at in row["times"].items()},
        call_id=row["call_id"],
        asked=row["asked"],
        run=row["run"],
    )


def stage_rows(case: Case) -> list[dict[str, Any]]:
    return [{"case_id": case.case_id, "stage": stage, "at_ms": to_ms(at)} for stage, at in case.times.items()]


def due_of(row: Row) -> Due:
    first = ALERTS.validate_python(row["alerts"])[0]
    return Due(
        row["case_id"], row["campaign"], row["lane"], row["priority"], from_ms(row["received_at_ms"]),
        _moment(row["next_at_ms"]), row["state"] == "in_progress", row["attempts"], first.expires_at,
    )  # fmt: skip


def letter_of(row: Row) -> Letter:
    return Letter(row["letter_id"], row["case_id"], row["campaign"], row["body"], row["tries"])


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def letter_row(case: Case, body: str, now_ms: int) -> dict[str, Any]:
    return {
        "letter_id": case.case_id, "case_id": case.case_id, "campaign": case.campaign, "body": body,
        "created_at_ms": now_ms, "next_at_ms": now_ms, "tries": 0, "delivered_at_ms": None, "trouble": "",
    }  # fmt: skip


def refusal_row(refusal: Refusal, now_ms: int) -> dict[str, Any]:
    return {
        "party": refusal.party, "purpose": refusal.purpose, "reason": refusal.reason, "source": refusal.source,
        "at_ms": now_ms,
    }  # fmt: skip
