"""Pure: from alerts to cases: the same event is one case however often it comes, and one customer has one open case."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from ivr.model.campaigns import Accepted, Alert, Attempt, Case, Lane

NAMESPACE = UUID("7f3c2f5e-5f0b-4c57-9a39-2b1f0c7f6a11")
"""Of our name-based ids (RFC 9562 §5.5): the same event or attempt gives the same id on every node, after any crash."""


def case_id(campaign: str, source: str, event_id: str) -> str:
    return str(uuid5(NAMESPACE, f"case\n{campaign}\n{source}\n{event_id}"))


def attempt_id(case: str, number: int) -> str:
    """The dialler's idempotency token of attempt `number` (1, 2, …) of a case (domain.md 2.8.1)."""
    return str(uuid5(NAMESPACE, f"attempt\n{case}\n{number}"))


def digest(alert: Alert, *, timeless: bool = False) -> str:
    """SHA-256 of an alert's content in canonical JSON: tells a repeated event from another under the same id."""
    content = asdict(alert)
    return hashlib.sha256(_canonical({**content, "occurred_at": ""} if timeless else content).encode()).hexdigest()


def accept(
    campaign: str,
    lane: Lane,
    alert: Alert,
    now: datetime,
    *,
    known_digest: str = "",
    open_case: Case | None = None,
    own: str = "",
) -> Accepted:
    """Decide what an alert is.

    Args:
        known_digest: digest kept under the same (source, event_id), empty when there is none.
        own: digest of the alert, where it is known already.
        open_case: the customer's case of this campaign that is not settled yet.
    """
    if known_digest:
        return Accepted("again" if known_digest == (own or digest(alert)) else "conflict")
    if open_case is not None and open_case.is_open:
        return Accepted("merged", replace(open_case, merged=(*open_case.merged, alert)))
    name = case_id(campaign, alert.source, alert.event_id)
    times = {"occurred": alert.occurred_at, "received": now}
    return Accepted("new", Case(name, campaign, alert, now, lane, times=times))


def next_attempt(case: Case, to: str, trunk: str, now: datetime, run: str = "") -> tuple[Case, Attempt]:
    """Write down the next attempt before it is dialled."""
    number = len(case.attempts) + 1
    attempt = Attempt(
        attempt_id(case.case_id, number), number, to, trunk,
        outcome="dialling", times={"created": now}, asked=len(case.alerts), run=run,
    )  # fmt: skip
    return replace(case, state="in_progress", attempts=(*case.attempts, attempt), next_at=None), attempt


def with_attempt(case: Case, attempt: Attempt) -> Case:
    """The case with its copy of `attempt` brought up to date."""
    attempts = tuple(attempt if one.number == attempt.number else one for one in case.attempts)
    return replace(case, attempts=attempts)


def reached(case: Case, stage: str, at: datetime) -> Case:
    """Note when a stage of the ledger was reached; the first time counts."""
    return case if stage in case.times else replace(case, times={**case.times, stage: at})


def prioritised(case: Case, priority: float) -> Case:
    """The most pressing of its alerts decides."""
    return replace(case, priority=max(case.priority, priority))


def leftover(case: Case, asked: int) -> Case | None:
    """A case of its own for the alerts that came in after the call had begun: they were not asked about."""
    rest = case.alerts[asked:]
    if not rest or not asked:
        return None
    name = case_id(case.campaign, rest[0].source, rest[0].event_id)
    times = {"occurred": rest[0].occurred_at, "received": case.received_at}
    return Case(
        name, case.campaign, rest[0], case.received_at, case.lane, rest[1:], times=times, priority=case.priority
    )  # fmt: skip


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
