"""What the rules must know of the cases of one transaction: read for all of them at once, and kept up with what the
transaction itself decides, so that two calls to one person are never both allowed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, select

from ivr.model.campaigns import ENDED_ATTEMPTS, Attempt, Case, Circumstances, Contact, Refusal
from ivr.store.campaign_tables import campaign_attempts, consents, do_not_call
from ivr.store.rows import from_ms, to_ms

LOOKS_BACK = timedelta(days=30)
"""Longest span that a rule of a jurisdiction counts attempts over."""

LONGEST_CALL = timedelta(hours=2)
"""An attempt without an end that is older than this is not on the line any more."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLOCKED = "blocked_by_rule"


REFUSED = select(do_not_call.c.party, do_not_call.c.purpose).where(
    do_not_call.c.party.in_(bindparam("parties", expanding=True))
)
AGREED = select(consents.c.party, consents.c.purpose).where(
    consents.c.party.in_(bindparam("parties", expanding=True)), consents.c.revoked_at_ms.is_(None)
)
_TABLE = campaign_attempts.c
CALLS = select(
    _TABLE.attempt_id, _TABLE.case_id, _TABLE.customer, _TABLE.dialled, _TABLE.created_at_ms, _TABLE.counts,
    _TABLE.outcome,
).where(
    _TABLE.dialled.in_(bindparam("numbers", expanding=True))
    | _TABLE.customer.in_(bindparam("customers", expanding=True)),
    _TABLE.created_at_ms >= bindparam("since"),
)  # fmt: skip
COUNTS = (
    select(
        _TABLE.campaign, func.count().label("day"),
        func.sum(case((_TABLE.created_at_ms >= bindparam("hour"), 1), else_=0)).label("hour"),
    )
    .where(
        _TABLE.campaign.in_(bindparam("campaigns", expanding=True)), _TABLE.created_at_ms >= bindparam("day"),
        _TABLE.outcome != BLOCKED,
    )
    .group_by(_TABLE.campaign)
)  # fmt: skip
"""Statements are made once: making one costs more than carrying it out."""


def customer_party(customer: str) -> str:
    return f"customer:{customer}"


def parties_of(case: Case) -> tuple[str, ...]:
    """Whom a refusal, a consent or an earlier call may be about."""
    return (*case.phones, customer_party(case.alert.customer))


@dataclass(frozen=True, slots=True)
class _Call:
    """An earlier attempt, as far as the rules look at it."""

    case_id: str
    dialled: str
    at: datetime
    counts: bool
    outcome: str


class Surroundings:
    def __init__(self, connection: Connection, cases: Sequence[Case], now: datetime) -> None:
        """Read what is known about the people of `cases`."""
        self._now = now
        self._refused, self._agreed = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        self._calls = defaultdict[str, dict[str, _Call]](dict)
        self._hour, self._day = Counter[str](), Counter[str]()
        if cases:
            self._read_lists(connection, sorted({party for case in cases for party in parties_of(case)}))
            self._read_calls(connection, cases)
            self._read_counts(connection, sorted({case.campaign for case in cases}))

    def of(self, case: Case) -> Circumstances:
        parties = parties_of(case)
        calls = {attempt: call for party in parties for attempt, call in self._calls[party].items()}
        live_since = self._now - LONGEST_CALL
        return Circumstances(
            {party: frozenset(self._refused[party]) for party in parties if party in self._refused},
            {party: frozenset(self._agreed[party]) for party in parties if party in self._agreed},
            tuple(
                Contact(call.at, call.dialled, call.case_id)
                for call in calls.values()
                if call.counts and call.outcome != BLOCKED
            ),
            any(
                call.case_id != case.case_id and call.outcome not in ENDED_ATTEMPTS and call.at > live_since
                for call in calls.values()
            ),
            self._hour[case.campaign],
            self._day[case.campaign],
        )

    def changed(self, case: Case, before: Case | None, refusal: Refusal | None) -> None:
        """What the transaction has decided holds for whom it decides about next."""
        known = {one.attempt_id for one in before.attempts} if before else set()
        for attempt in case.attempts:
            self._take(case, attempt)
            if attempt.attempt_id not in known and attempt.outcome != BLOCKED:
                self._hour[case.campaign] += 1
                self._day[case.campaign] += 1
        if refusal:
            self._refused[refusal.party].add(refusal.purpose)

    def _take(self, case: Case, attempt: Attempt) -> None:
        at = attempt.times.get("created", case.received_at)
        call = _Call(case.case_id, attempt.to, at, attempt.counts, attempt.outcome)
        for party in (attempt.to, customer_party(case.alert.customer)):
            self._calls[party][attempt.attempt_id] = call

    def _read_lists(self, connection: Connection, parties: Sequence[str]) -> None:
        for row in connection.execute(REFUSED, {"parties": parties}):
            self._refused[row.party].add(row.purpose)
        for row in connection.execute(AGREED, {"parties": parties}):
            self._agreed[row.party].add(row.purpose)

    def _read_calls(self, connection: Connection, cases: Iterable[Case]) -> None:
        about = {
            "numbers": sorted({phone for case in cases for phone in case.phones}),
            "customers": sorted({case.alert.customer for case in cases}),
            "since": to_ms(self._now - LOOKS_BACK),
        }
        for row in connection.execute(CALLS, about):
            call = _Call(row.case_id, row.dialled, from_ms(row.created_at_ms), row.counts, row.outcome)
            for party in (row.dialled, customer_party(row.customer)):
                self._calls[party][row.attempt_id] = call

    def _read_counts(self, connection: Connection, campaigns: Sequence[str]) -> None:
        about = {"campaigns": campaigns, "hour": to_ms(self._now - HOUR), "day": to_ms(self._now - DAY)}
        for row in connection.execute(COUNTS, about):
            self._hour[row.campaign], self._day[row.campaign] = int(row.hour or 0), int(row.day)
