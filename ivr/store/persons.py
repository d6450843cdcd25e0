"""Who is meant by a number: the names a caller has in the database, and what of it is under a legal hold."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, and_, not_, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.store.campaign_tables import campaign_attempts, campaign_cases
from ivr.store.insight_tables import contacts
from ivr.store.privacy_tables import legal_holds
from ivr.store.tables import calls


@dataclass(frozen=True, slots=True)
class Person:
    """One caller."""

    number: str
    customers: frozenset[str]
    """Ids they are known by, beside the number, to nobody else."""

    shared: frozenset[str]
    """Ids that calls from this number had, and calls from other numbers too: a family's telephone, or a second one."""

    holds: dict[str, str]
    """Reason of each legal hold there is, by what is held."""

    @property
    def names(self) -> frozenset[str]:
        return self.customers | {self.number}

    @property
    def held_because(self) -> str:
        """Why nothing of them may be deleted; empty: nothing forbids it."""
        return next((self.holds[name] for name in sorted(self.names) if name in self.holds), "")


async def person_of(connection: AsyncConnection, number: str, customer: str = "") -> Person:
    """
    Args:
        customer: an id that is theirs, by whatever number they called; empty: only what follows from the number.
    """
    ends = _with(number)
    of_calls = select(contacts.c.customer).join(calls, calls.c.call_id == contacts.c.contact_id).where(ends)
    of_cases = select(campaign_cases.c.customer).where(cases_to(number))
    known = {name for query in (of_calls, of_cases) for name in (await connection.execute(query)).scalars()}
    # Another telephone is not another name.
    known = {name for name in known - {"", customer} if not name.startswith(("+", "erased:"))}
    elsewhere = (
        select(contacts.c.customer)
        .join(calls, calls.c.call_id == contacts.c.contact_id)
        .where(contacts.c.customer.in_(known), not_(ends))
        .distinct()
    )
    shared = set((await connection.execute(elsewhere)).scalars())
    holds = {row.subject: row.reason for row in await connection.execute(select(legal_holds))}
    mine = frozenset(known - shared) | ({customer} if customer else frozenset())
    return Person(number, mine, frozenset(shared), holds)


def _with(number: str) -> ColumnElement[bool]:
    """Calls with this number at the customer's end. Our own numbers are the other end of everybody's calls."""
    outbound = calls.c.direction == "outbound"
    return or_(and_(outbound, calls.c.called == number), and_(not_(outbound), calls.c.caller == number))


def calls_of(person: Person) -> ColumnElement[bool]:
    """Which rows of `calls` are theirs: either end, or the customer that was recognized."""
    customers = sorted(person.customers)
    recognized = select(contacts.c.contact_id).where(contacts.c.customer.in_(customers))
    # A call that ended just now is no contact yet.
    noted = [_text(calls.c.notes, f'"customer":{json.dumps(name)}') for name in customers]
    return or_(_with(person.number), calls.c.call_id.in_(recognized), *noted)


def cases_to(*names: str) -> ColumnElement[bool]:
    """Which rows of `campaign_cases` are about, or would call, or have called one of these."""
    dialled = select(campaign_attempts.c.case_id).where(campaign_attempts.c.dialled.in_(names))
    listed = [_text(campaign_cases.c.alerts, f'"e164":{json.dumps(name)}') for name in names]
    return or_(campaign_cases.c.customer.in_(names), campaign_cases.c.case_id.in_(dialled), *listed)


def _text(column: Column[Any], part: str) -> ColumnElement[bool]:
    """JSON is kept as text without blanks, so a part of it can be looked for."""
    return type_coerce(column, Text).contains(part, autoescape=True)
