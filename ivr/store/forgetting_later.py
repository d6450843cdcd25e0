"""Erasures that had to leave something that was not over (a call on the line, a case that is just being called): who it
was is kept until that is over, and then erased with it (domain.md 2.11)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.campaigns import OPEN_STATES
from ivr.store.campaign_tables import campaign_cases
from ivr.store.forgetting_persons import is_going_on
from ivr.store.persons import Person, calls_of, cases_to, person_of
from ivr.store.privacy_tables import erasures, erasures_due
from ivr.store.reach import reading
from ivr.store.rows import to_ms
from ivr.store.tables import calls

SETTLED = timedelta(seconds=180)
"""After a call, until nothing more is written about it: it has become a contact, its sound has been packed."""


async def note_due(connection: AsyncConnection, erasure_id: str, number: str, customer: str, reason: str) -> None:
    """In the transaction of the erasure; in place of what an earlier one had noted of them."""
    await forget_due(connection, number)
    row = {"erasure_id": erasure_id, "number": number, "customer": customer, "reason": reason}
    await connection.execute(erasures_due.insert(), [row])


async def forget_due(connection: AsyncConnection, number: str) -> None:
    await connection.execute(delete(erasures_due).where(erasures_due.c.number == number))


async def open_cases_of(engine: AsyncEngine, number: str, customer: str = "") -> tuple[str, ...]:
    """Cases of campaigns that would still call them; none where a legal hold keeps everything as it is."""
    async with reading(engine, "the cases") as connection:
        person = await person_of(connection, number, customer)
        if person.held_because:
            return ()
        theirs = cases_to(*sorted(person.names)) & campaign_cases.c.state.in_(OPEN_STATES)
        return tuple((await connection.execute(select(campaign_cases.c.case_id).where(theirs))).scalars())


async def erased_since(engine: AsyncEngine, since: datetime) -> dict[str, str]:
    """Erasure id to the keyed hash of whose it was, without those whose data a legal hold kept as it is."""
    wanted = select(erasures).where(erasures.c.at_ms >= to_ms(since))
    async with reading(engine, "the erasures") as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return {row["erasure_id"]: row["subject_hash"] for row in rows if not _is_held(row["certificate"])}


def _is_held(certificate: Mapping[str, Any]) -> bool:
    whole = {"customer_hash": certificate["subject_hash"], "because": "legal_hold"}
    return any(whole.items() <= one.items() for one in certificate["kept"])


async def due(engine: AsyncEngine, now: datetime) -> list[tuple[str, str, str]]:
    """Number, customer and reason of each erasure that can be finished now."""
    async with reading(engine, "the erasures") as connection:
        rows = (await connection.execute(select(erasures_due))).mappings().all()
        return [
            (row["number"], row["customer"], row["reason"])
            for row in rows
            if await _can_go(connection, await person_of(connection, row["number"], row["customer"]), now)
        ]


async def _can_go(connection: AsyncConnection, person: Person, now: datetime) -> bool:
    if person.held_because:
        return False
    lately = calls.c.ended_at_ms.is_(None) | (calls.c.ended_at_ms > to_ms(now - SETTLED))
    live = select(func.count()).select_from(calls).where(calls_of(person), lately)
    cases = select(func.count()).select_from(campaign_cases).where(cases_to(*sorted(person.names)), is_going_on())
    return not await connection.scalar(live) and not await connection.scalar(cases)
