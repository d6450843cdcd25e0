"""What the rules must know of the cases of one transaction: read for all of them at once, and kept up with what the
transaction itself decides, so that two calls to one person are never both allowed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from ivr.model.campaigns import ENDED_ATTEMPTS, Attempt, Case, Circumstances, Contact, Refusal
from ivr.store.campaign_tables import campaign_attempts, consents, do_not_call
from ivr.store.rows import from_ms, to_ms

LOOKS_BACK = timedelta(days=30)
"""Longest span that a rule of a jurisdiction counts attempts over."""

LONGEST_CALL = timedelta(hours=2)
"""An attempt without an end that is older than this is not on the line any more."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLOCKED = "blocked_by_rule"


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
        refused = select(do_not_call.c.party, do_not_call.c.purpose).where(do_not_call.c.party.in_(parties))
        for row in connection.execute(refused):
            self._refused[row.party].add(row.purpose)
        valid = consents.c.party.in_(parties) & consents.c.revoked_at_ms.is_(None)
        for row in connection.execute(select(consents.c.party, consents.c.purpose).where(valid)):
            self._agreed[row.party].add(row.purpose)

    def _read_calls(self, connection: Connection, cases: Iterable[Case]) -> None:
        table = campaign_attempts.c
        numbers = sorted({phone for case in cases for phone in case.phones})
        customers = sorted({case.alert.customer for case in cases})
        wanted = select(
            table.attempt_id, table.case_id, table.customer, table.dialled, table.created_at_ms, table.counts,
            table.outcome,
        ).where(table.created_at_ms >= to_ms(self._now - LOOKS_BACK))  # fmt: skip
        for theirs in (table.dialled.in_(numbers), table.customer.in_(customers)):
            for row in connection.execute(wanted.where(theirs)):
                call = _Call(row.case_id, row.dialled, from_ms(row.created_at_ms), row.counts, row.outcome)
                for party in (row.dialled, customer_party(row.customer)):
                    self._calls[party][row.attempt_id] = call

    def _read_counts(self, connection: Connection, campaigns: Sequence[str]) -> None:
        table = campaign_attempts.c
        for span, counts in ((HOUR, self._hour), (DAY, self._day)):
            since = table.created_at_ms >= to_ms(self._now - span)
            calls = table.campaign.in_(campaigns) & since & (table.outcome != BLOCKED)
            counted = select(table.campaign, func.count().label("calls")).where(calls).group_by(table.campaign)
            counts.update({row.campaign: int(row.calls) for row in connection.execute(counted)})
