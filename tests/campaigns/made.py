"""Alerts and cases for the tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.model.campaigns import Alert, Attempt, AttemptOutcome, Case, PhoneCandidate

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday."""

FIRST, SECOND = "+15555550101", "+15555550102"


def alert(event: str = "e1", *numbers: str, **more: Any) -> Alert:
    phones = tuple(PhoneCandidate(number, priority=at) for at, number in enumerate(numbers or (FIRST, SECOND)))
    return Alert(
        **{"source": "fraud", "event_id": event, "customer": "c1", "phones": phones, "occurred_at": NOON, **more}
    )


def case(*outcomes: tuple[AttemptOutcome, str], **more: Any) -> Case:
    attempts = tuple(
        Attempt(f"a{at}", at, to, outcome=outcome, counts=outcome not in ("network_error", "congestion"))
        for at, (outcome, to) in enumerate(outcomes, 1)
    )
    given = {"case_id": "k", "campaign": "fraud", "alert": alert(), "received_at": NOON, "state": "in_progress"}
    return Case(**{**given, "attempts": attempts, **more})


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
