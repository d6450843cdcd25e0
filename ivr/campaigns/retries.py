"""Pure: what follows an attempt: another number, another time, or the end of the case (domain.md 2.8.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.model.campaigns import Attempt, AttemptOutcome, Case, CaseState, due, settled

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
        "human": (300.0,),
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
        "human": (24 * 3600.0,),
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
    if attempt.outcome == "human" and not case.is_open:
        return case  # the conversation settled it: see `verdict`
    phones = [number for number in case.phones if number not in _dead(case, plan)]
    if not phones:
        return settled(case, "unreachable", "no_number_left")
    counted = [one for one in case.attempts if one.counts]
    failed = [one for one in case.attempts if one.outcome in plan.not_counted]
    if len(counted) >= plan.most or len(failed) > plan.most_not_counted:
        return settled(case, "unreachable", "attempts_used")
    untried = [number for number in phones if all(one.to != number for one in case.attempts)]
    if untried and attempt.outcome in plan.next_number | plan.ends_number:
        return due(case, untried[0], now)
    same = sum(one.outcome == attempt.outcome for one in case.attempts)
    waits = plan.after.get(attempt.outcome, ())
    if attempt.outcome in plan.ends_number:
        return due(case, phones[0], now)
    if same > len(waits):
        return settled(case, "unreachable", "attempts_used")
    again = _not_the_same_hour(now + timedelta(seconds=waits[same - 1]), now, plan)
    if case.alert.expires_at is not None and again >= case.alert.expires_at:
        return settled(case, "expired", "before_next_attempt")
    same_line = attempt.outcome in ("busy", "human", *plan.not_counted) and attempt.to in phones
    stays = attempt.to if same_line else phones[0]
    return due(case, stays, again)


def verdict(case: Case, state: CaseState, reason: str = "") -> Case:
    """The conversation, or another channel, settled the case. A settled case stays as it is."""
    return settled(case, state, reason) if case.is_open else case


def wrong_number(case: Case, attempt: Attempt, now: datetime, plan: RetryPlan) -> Case:
    """Somebody else answered: this number is not dialled for the case again; the next one is, where there is one."""
    attempts = tuple(replace(one, rule="wrong_party") if one.number == attempt.number else one for one in case.attempts)
    case = replace(case, attempts=attempts)
    phones = [number for number in case.phones if all(one.to != number for one in attempts)]
    if not phones or sum(one.counts for one in attempts) >= plan.most:
        return settled(case, "wrong_party", "wrong_number")
    return due(case, phones[0], now)


def call_later(case: Case, at: datetime) -> Case:
    """The customer asked to be called at another time."""
    if case.alert.expires_at is not None and at >= case.alert.expires_at:
        return settled(case, "expired", "asked_for_later")
    return replace(case, state="scheduled", next_at=at)


def _dead(case: Case, plan: RetryPlan) -> set[str]:
    wrong = {one.to for one in case.attempts if one.rule == "wrong_party"}
    return wrong | {one.to for one in case.attempts if one.outcome in plan.ends_number}


def _not_the_same_hour(again: datetime, last: datetime, plan: RetryPlan) -> datetime:
    """Somebody who is out at ten is out at ten tomorrow: move on to beyond the hours to avoid."""
    if again.date() == last.date() or not plan.avoid_same_hour:
        return again
    same_clock = datetime.combine(again.date(), last.timetz())
    return max(again, same_clock + plan.avoid_same_hour) if abs(again - same_clock) < plan.avoid_same_hour else again
