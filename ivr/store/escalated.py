"""Calls that went on to a person, by the reason that was found for it: the way from a figure to what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.store.contacts import SHAPE
from ivr.store.insight_tables import contacts
from ivr.store.reading import rows_of
from ivr.store.rows import to_ms

MOST = 50


@dataclass(frozen=True, slots=True)
class Escalated:
    """One call."""

    call_id: str
    at: datetime
    flow: str
    intent: str
    reason: str
    subcode: str


@dataclass(frozen=True, slots=True)
class EscalatedCalls:
    engine: AsyncEngine

    async def newest(
        self, since: datetime, until: datetime, reason: str, subcode: str = "", flow: str = "", most: int = MOST
    ) -> Sequence[Escalated]:
        """At most `most`, the newest first. Stops reading as soon as it has them.

        Raises:
            StoreError: the database is away.
        """
        of = contacts.c
        within = and_(of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until))
        wanted = [within, _holds("escalation_reason", reason)]
        if subcode:
            wanted.append(_holds("reason_subcode", subcode))
        if flow:
            wanted.append(of.flow == flow)
        rows = await rows_of(
            self.engine, select(of.facts).where(*wanted).order_by(of.arrived_at_ms.desc()).limit(most)
        )  # fmt: skip
        found = []
        for row in rows:
            kept = SHAPE.validate_json(row["facts"])
            one = kept.contact
            found.append(Escalated(one.contact_id, one.arrived_at, one.flow, one.intent, one.escalation_reason,
                                   kept.reason_subcode))  # fmt: skip
        return found


def _holds(key: str, value: str) -> ColumnElement[bool]:
    """The facts are JSON that we wrote ourselves (after an erasure with spaces), so a key is found without a column."""
    facts = contacts.c.facts
    return or_(*(facts.contains(f'"{key}":{space}"{value}"', autoescape=True) for space in ("", " ")))
