"""Pure: which calls are made up for, until when, by whom, and what may follow what (domain.md 2.4.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.model.errors import NotNow
from ivr.model.recovery import CaseOutcome, CaseState, RecoveryCase, RootCause

URGENT_TIERS = frozenset({"vip", "emergency"})
LOW_SCORE = 2
SAVED_SCORE = 4
"""A customer is won back whose score afterwards is 4 or more."""


@dataclass(frozen=True, slots=True)
class Impression:
    """What a call left behind."""

    csat: int | None = None
    said_resolved: bool | None = None
    mean_sentiment: float | None = None
    """-1 to 1; None: not known."""

    is_complaint: bool = False
    """The comment speaks of a complaint, the law, a regulator."""

    wants_call: bool = False
    is_hidden: bool = False
    """Says satisfied, and everything else says not."""

    tier: str = "standard"


def reasons_for(seen: Impression) -> tuple[str, ...]:
    """Why a case is opened; empty: none is.

    Q1 <= 2, or Q2 = no with negative sentiment, or a comment of complaint or law, or hidden dissatisfaction of a VIP,
    or the caller wants to be called back.
    """
    found = {
        "low_score": seen.csat is not None and seen.csat <= LOW_SCORE,
        "unresolved": seen.said_resolved is False and (seen.mean_sentiment or 0.0) < 0.0,
        "complaint": seen.is_complaint,
        "hidden_dissatisfied": seen.is_hidden and seen.tier == "vip",
        "call_back_wanted": seen.wants_call,
    }
    return tuple(name for name, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when a customer is called, and the hours in which people work."""

    urgent: timedelta = timedelta(minutes=30)
    other: timedelta = timedelta(hours=24)
    opens: time = time(9)
    closes: time = time(18)
    workdays: frozenset[int] = frozenset(range(5))
    """Monday is 0. None at all: every day."""

    zone: str = "UTC"
    urgent_tiers: frozenset[str] = URGENT_TIERS

    def due(self, opened: datetime, tier: str) -> datetime:
        """30 minutes for VIP and emergencies at any hour; else 24 hours, and if nobody works then, the end of the
        first working hour after it."""
        if tier in self.urgent_tiers:
            return opened + self.urgent
        local = (opened + self.other).astimezone(ZoneInfo(self.zone))
        if self._works(local) and self.opens <= local.time() <= self.closes:
            return local.astimezone(opened.tzinfo)
        day = local if self._works(local) and local.time() < self.opens else local + timedelta(days=1)
        while not self._works(day):
            day += timedelta(days=1)
        first = datetime.combine(day.date(), self.opens, day.tzinfo) + timedelta(hours=1)
        return first.astimezone(opened.tzinfo)

    def _works(self, moment: datetime) -> bool:
        return not self.workdays or moment.weekday() in self.workdays


def owner_of(owners: Sequence[str], agent: str, load: Mapping[str, int]) -> str:
    """Who has the fewest open cases and was not in the call; empty where nobody else is there."""
    able = [name for name in owners if name != agent]
    return min(able, key=lambda name: (load.get(name, 0), owners.index(name)), default="")


# What may follow what. Steps may be skipped forward (a cause found in the first call), never taken back.


def assigned(case: RecoveryCase, owner: str) -> RecoveryCase:
    """
    Raises:
        NotNow: the case is closed, or `owner` was the agent of the call.
    """
    _check_open(case)
    if owner and owner == case.agent:
        raise NotNow("this case is about a call of theirs; give it to somebody else")
    return replace(case, owner=owner)


def contacted(case: RecoveryCase, at: datetime) -> RecoveryCase:
    """
    Raises:
        NotNow: the case is closed or the customer was contacted already.
    """
    _check_open(case)
    if case.contacted_at is not None:
        raise NotNow("the customer was contacted already")
    return _at_least(replace(case, contacted_at=at), "contacted")


def found_cause(case: RecoveryCase, cause: RootCause) -> RecoveryCase:
    """
    Raises:
        NotNow: nobody has contacted the customer yet, or the case is closed.
    """
    _check_contacted(case)
    if not cause:
        raise NotNow("say which root cause: agent, process, product, policy or expectation_mismatch")
    return _at_least(replace(case, root_cause=cause), "cause_found")


def remedied(case: RecoveryCase, remedy: str) -> RecoveryCase:
    """
    Raises:
        NotNow: the root cause is not coded yet, or the case is closed.
    """
    _check_contacted(case)
    if not case.root_cause:
        raise NotNow("code the root cause first")
    return _at_least(replace(case, remedy=remedy), "remedied")


def closed(case: RecoveryCase, outcome: CaseOutcome, at: datetime, loop_score: int | None = None) -> RecoveryCase:
    """Closed with an outcome. `unreachable` and `no_action` need no remedy; the others do.

    Raises:
        NotNow: it is closed already, or the remedy is missing, or "saved" does not fit the customer's score.
    """
    _check_open(case)
    if not outcome:
        raise NotNow("say with which outcome: saved, not_saved, unreachable or no_action")
    if outcome in ("saved", "not_saved") and not case.remedy:
        raise NotNow("say what was done for the customer (the remedy) before closing")
    if outcome == "saved" and loop_score is not None and loop_score < SAVED_SCORE:
        raise NotNow(f"a customer is saved from {SAVED_SCORE} points on; this one gave {loop_score}")
    return replace(case, state="closed", outcome=outcome, closed_at=at, loop_score=loop_score)


def is_overdue(case: RecoveryCase, now: datetime, again_after: timedelta, most: int) -> bool:
    """Nobody has contacted the customer in time; and again every so often, `most` times."""
    if case.contacted_at is not None or case.state == "closed" or case.escalations >= most:
        return False
    return now >= (case.due_at if case.escalated_at is None else case.escalated_at + again_after)


def escalated(case: RecoveryCase, to: Sequence[str], at: datetime) -> RecoveryCase:
    """One level up: the next of `to` who was not the agent; without anybody, it stays where it is and is told again."""
    able = [name for name in to if name != case.agent]
    owner = able[min(case.escalations, len(able) - 1)] if able else case.owner
    return replace(case, owner=owner, escalations=case.escalations + 1, escalated_at=at)


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """How well the loop works (domain.md 2.4.7). Shares are pairs: so many of so many."""

    contacted_in_time: tuple[int, int]
    saved: tuple[int, int]
    open: int
    overdue: int


def loop_figures(cases: Sequence[RecoveryCase], now: datetime) -> LoopFigures:
    due = [case for case in cases if case.contacted_at is not None or case.due_at <= now]
    ended = [case for case in cases if case.state == "closed"]
    still = [case for case in cases if case.state != "closed"]
    return LoopFigures(
        (sum(case.is_late is False for case in due), len(due)),
        (sum(case.outcome == "saved" for case in ended), len(ended)),
        len(still),
        sum(case.contacted_at is None and case.due_at <= now for case in still),
    )


_ORDER: tuple[CaseState, ...] = ("open", "contacted", "cause_found", "remedied", "closed")


def _at_least(case: RecoveryCase, state: CaseState) -> RecoveryCase:
    return case if _ORDER.index(case.state) >= _ORDER.index(state) else replace(case, state=state)


def _check_open(case: RecoveryCase) -> None:
    if case.state == "closed":
        raise NotNow("the case is closed; a new call that goes wrong opens a new one")


def _check_contacted(case: RecoveryCase) -> None:
    _check_open(case)
    if case.contacted_at is None:
        raise NotNow("contact the customer first")
