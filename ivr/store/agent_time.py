"""What agents did when, and where their time went hour by hour, so that a report need not read every change."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.contacts import AgentShift
from ivr.model.insight import AgentChange
from ivr.store.insight_tables import agent_changes
from ivr.store.reading import rows_of
from ivr.store.rollup_tables import agent_hours
from ivr.store.rows import from_ms, to_ms
from ivr.store.tables import agent_states
from ivr.store.writes import add, writing

KINDS = ("talk", "hold", "wrap_up", "ring", "idle", "away")
HOUR = timedelta(hours=1)


class AgentTime:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def changes(self, since: datetime, until: datetime) -> list[AgentChange]:
        """What agents began to do from `since` up to `until`, and what each was doing at `since`."""
        of, agent = agent_changes.c, agent_states.c.agent_id
        # One look at the index for each agent, instead of all that they ever did.
        latest = select(func.max(of.since_ms)).where(of.agent_id == agent, of.since_ms < to_ms(since))
        last = await rows_of(self._engine, select(agent, latest.scalar_subquery().label("since_ms")))
        known = [(row["agent_id"], row["since_ms"]) for row in last if row["since_ms"] is not None]
        at_since = select(agent_changes).where(tuple_(of.agent_id, of.since_ms).in_(known))
        before = await rows_of(self._engine, at_since) if known else []
        within = of.since_ms.between(to_ms(since), to_ms(until) - 1)
        found = await rows_of(self._engine, select(agent_changes).where(within).order_by(of.since_ms))
        return [_change(row) for row in (*before, *found)]

    async def first_hour(self) -> datetime | None:
        """Begin of the hour in which the first change is; None: there is none."""
        found = await rows_of(self._engine, select(func.min(agent_changes.c.since_ms).label("first")))
        first = found[0]["first"]
        return None if first is None else from_ms(first - first % 3_600_000)

    async def keep_hour(self, begin: datetime, shifts: Sequence[AgentShift]) -> None:
        """Where the time of agents went in the hour from `begin`."""
        begin_s = to_ms(begin) // 1000
        rows = [{"begin_s": begin_s, "agent_id": one.agent, **{kind: getattr(one, kind) for kind in KINDS}}
                for one in shifts]  # fmt: skip
        async with writing(self._engine, "the time of agents") as connection:
            await add(connection, agent_hours, rows, replace=True)

    async def hours(self, since: datetime, until: datetime) -> list[AgentShift]:
        """Sums over whole hours that are kept, by agent."""
        of = agent_hours.c
        within = of.begin_s.between(to_ms(since) // 1000, to_ms(until) // 1000 - 3600)
        sums = [func.sum(of[kind]).label(kind) for kind in KINDS]
        found = await rows_of(self._engine, select(of.agent_id, *sums).where(within).group_by(of.agent_id))
        return [AgentShift(row["agent_id"], **{kind: row[kind] for kind in KINDS}) for row in found]


def whole_hours(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The first whole hour from `since`, and the end of the last one up to `until` (not before the first)."""
    first = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = first if first >= since else first + HOUR
    last = until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return first, max(first, last)


def _change(row: Mapping[Any, Any]) -> AgentChange:
    return AgentChange(row["agent_id"], row["state"], row["reason"], from_ms(row["since_ms"]))
