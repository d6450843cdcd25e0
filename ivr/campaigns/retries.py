"""Pure: what follows an attempt: another number, another time, or the end of the case (domain.md 2.8.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.model.campaigns import Attempt, AttemptOutcome, Case, CaseState

SECONDS = Mapping[AttemptOutcome, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """When to try again after each outcome: seconds after the first, second … such outcome; then no more."""

    after: SECONDS
    next_number: frozenset[AttemptOutcome] = frozenset()
    """Outcomes after which the customer's next number is tried at once, before any waiting."""

    ends_number: frozenset[AttemptOutcome] = frozenset({"invalid_number", "fax"})
    not_counted: frozenset[AttemptOutcome] = frozenset({"network_error", "congestion"})
    most: int = 3
    """Attempts that count, per case."""

    most_not_counted: int = 5
    avoid_same_hour: timedelta = timedelta(0)
    """Not within this of the clock time of the last attempt, on another day."""


URGENT = RetryPlan(
    after={
        "busy": (120.0, 300.0),
        "no_answer": (300.0, 900.0),
        "rejected": (300.0, 900.0),
        "machine": (900.0,),
        "network_error": (30.0,) * 5,
        "congestion": (30.0,) * 5,
    },
    next_number=frozenset({"no_answer", "rejected", "machine"}),
)
"""domain.md 2.8.4, column fraud."""

ORDINARY = RetryPlan(
    after={
        "busy": (1200.0, 1800.0, 1800.0),
        "no_answer": (3 * 3600.0, 26 * 3600.0, 50 * 3600.0),
        "rejected": (24 * 3600.0,),
        "machine": (24 * 3600.0, 24 * 3600.0),
        "network_error": (3600.0,) * 3,
        "congestion": (3600.0,) * 3,
    },
    most=6,
    avoid_same_hour=timedelta(hours=2),
)
"""domain.md 2.8.4, column ordinary campaign."""


def ended_attempt(case: Case, attempt: Attempt, now: datetime, plan: RetryPlan) -> Case:
    """Take the outcome of `attempt` into the case: settled, or due again at `next_at` on `next_phone`."""
    attempt = replace(attempt, counts=attempt.outcome not in plan.not_counted)
    attempts = tuple(attempt if one.number == attempt.number else one for one in case.attempts)
    case = replace(case, attempts=attempts)
    if attempt.outcome == "human":
        return case  # the conversation settles it: see `verdict`
    phones = [number for number in case.phones if number not in _dead(case, plan)]
    if not phones:
        return _settled(case, "unreachable", "no_number_left")
    counted = [one for one in case.attempts if one.counts]
    if len(counted) >= plan.most or len(case.attempts) - len(counted) > plan.most_not_counted:
        return _settled(case, "unreachable", "attempts_used")
    untried = [number for number in phones if all(one.to != number for one in case.attempts)]
    if untried and attempt.outcome in plan.next_number | plan.ends_number:
        return _due(case, untried[0], now)
    same = sum(one.outcome == attempt.outcome for one in case.attempts)
    waits = plan.after.get(attempt.outcome, ())
    if attempt.outcome in plan.ends_number:
        return _due(case, phones[0], now)
    if same > len(waits):
        return _settled(case, "unreachable", "attempts_used")
    due = _not_the_same_hour(now + timedelta(seconds=waits[same - 1]), now, plan)
    if case.alert.expires_at is not None and due >= case.alert.expires_at:
        return _settled(case, "expired", "before_next_attempt")
    stays = attempt.to if attempt.outcome in ("busy", *plan.not_counted) and attempt.to in phones else phones[0]
    return _due(case, stays, due)


def verdict(case: Case, state: CaseState, reason: str = "") -> Case:
    """The conversation, or another channel, settled the case. A settled case stays as it is."""
    return _settled(case, state, reason) if case.is_open else case


def call_later(case: Case, at: datetime) -> Case:
    """The customer asked to be called at another time."""
    if case.alert.expires_at is not None and at >= case.alert.expires_at:
        return _settled(case, "expired", "asked_for_later")
    return replace(case, state="scheduled", next_at=at)


def _settled(case: Case, state: CaseState, reason: str) -> Case:
    return replace(case, state=state, reason=reason, next_at=None)


def _due(case: Case, phone: str, at: datetime) -> Case:
    return replace(case, state="scheduled", next_at=at, next_phone=case.phones.index(phone))


def _dead(case: Case, plan: RetryPlan) -> set[str]:
    return {one.to for one in case.attempts if one.outcome in plan.ends_number}


def _not_the_same_hour(due: datetime, last: datetime, plan: RetryPlan) -> datetime:
    """Somebody who is out at ten is out at ten tomorrow: move on to beyond the hours to avoid."""
    if due.date() == last.date() or not plan.avoid_same_hour:
        return due
    same_clock = datetime.combine(due.date(), last.timetz())
    return max(due, same_clock + plan.avoid_same_hour) if abs(due - same_clock) < plan.avoid_same_hour else due
