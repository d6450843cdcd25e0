"""What pages of insight list, read from narrow indexes: why callers went on to people, answers that nobody rated."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.insight import ReasonCount, Reasons
from ivr.store.insight_tables import contacts
from ivr.store.reading import rows_of
from ivr.store.rows import to_ms


class InsightLists:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def reasons(self, since: datetime, until: datetime, flow: str = "") -> Reasons:
        """Why callers went on to people, of contacts that arrived from `since` up to `until`."""
        of, within = contacts.c, _within(since, until, flow)
        kinds = (of.intent, of.reason, of.subcode)
        wanted = select(*kinds, func.count().label("n")).where(within, of.reason != "").group_by(*kinds)
        found = await rows_of(self._engine, wanted)
        there = await rows_of(self._engine, select(func.count().label("n")).select_from(contacts).where(within))
        counts = [ReasonCount(row["intent"], row["reason"], row["subcode"], row["n"]) for row in found]
        return Reasons(there[0]["n"], tuple(counts))

    async def unrated(self, since: datetime, until: datetime, flow: str = "") -> list[tuple[str, str]]:
        """Contacts in which the bot answered and nobody said how they liked it: (topic, contact id)."""
        of = contacts.c
        wanted = select(of.topic, of.contact_id).where(of.is_unrated.is_(True), _within(since, until, flow))
        return [(row["topic"], row["contact_id"]) for row in await rows_of(self._engine, wanted)]


def _within(since: datetime, until: datetime, flow: str) -> ColumnElement[bool]:
    of = contacts.c
    within = and_(of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until))
    return and_(within, of.flow == flow) if flow else within
