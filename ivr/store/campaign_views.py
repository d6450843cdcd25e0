"""Campaigns as supervisors look at them: cases, the funnel, and the entries of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.store.campaign_tables import campaign_attempts, campaign_cases, campaign_letters, campaign_stages
from ivr.store.reach import reading
from ivr.store.rows import from_ms, to_ms

MOST = 500


@dataclass(frozen=True, slots=True)
class Timed:
    """Times of one case, and what stood in its way."""

    case_id: str
    times: Mapping[str, datetime]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of cases that came in since a time."""

    states: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Of attempts."""

    letters_waiting: int = 0
    letters_given_up: int = 0


class CampaignViews:
    """Raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cases(
        self, campaign: str, *, state: str = "", customer: str = "", before: datetime | None = None, most: int = 100
    ) -> Sequence[str]:
        """Ids, the newest first."""
        table = campaign_cases.c
        wanted = select(table.case_id).where(table.campaign == campaign).order_by(table.received_at_ms.desc())
        wanted = wanted.where(table.state == state) if state else wanted
        wanted = wanted.where(table.customer == customer) if customer else wanted
        wanted = wanted.where(table.received_at_ms < to_ms(before)) if before else wanted
        async with reading(self._engine, "the cases") as connection:
            return tuple((await connection.scalars(wanted.limit(max(1, min(most, MOST))))).all())

    async def funnel(self, campaign: str, since: datetime) -> Funnel:
        cases, stages, tries = campaign_cases.c, campaign_stages.c, campaign_attempts.c
        own = (cases.campaign == campaign) & (cases.received_at_ms >= to_ms(since))
        joined = campaign_stages.join(campaign_cases, stages.case_id == cases.case_id)
        tried = campaign_attempts.join(campaign_cases, tries.case_id == cases.case_id)
        letters = campaign_letters.c
        unsent = select(letters.next_at_ms.is_(None), func.count()).where(
            (letters.campaign == campaign) & letters.delivered_at_ms.is_(None)
        )
        async with reading(self._engine, "the funnel") as connection:

            async def counts(column: Any, source: Any) -> dict[str, int]:
                found = await connection.execute(
                    select(column, func.count()).select_from(source).where(own).group_by(column)
                )  # fmt: skip
                return {str(name): int(count) for name, count in found}

            waiting = {
                bool(gone): int(count)
                for gone, count in await connection.execute(unsent.group_by(letters.next_at_ms.is_(None)))
            }
            return Funnel(
                await counts(cases.state, campaign_cases), await counts(stages.stage, joined),
                await counts(tries.outcome, tried), waiting.get(False, 0), waiting.get(True, 0),
            )  # fmt: skip

    async def ledger(self, campaign: str, since: datetime, most: int = 20_000) -> Sequence[Timed]:
        cases, stages, tries = campaign_cases.c, campaign_stages.c, campaign_attempts.c
        own = (cases.campaign == campaign) & (cases.received_at_ms >= to_ms(since))
        ids = select(cases.case_id).where(own).order_by(cases.received_at_ms.desc()).limit(most).subquery()
        times: dict[str, dict[str, datetime]] = {}
        reasons: dict[str, list[str]] = {}
        async with reading(self._engine, "the ledger") as connection:
            found = select(campaign_stages).where(stages.case_id.in_(select(ids.c.case_id)))
            for row in await connection.execute(found):
                times.setdefault(row.case_id, {})[row.stage] = from_ms(row.at_ms)
            tried = select(tries.case_id, tries.outcome, tries.rule).where(tries.case_id.in_(select(ids.c.case_id)))
            for row in await connection.execute(tried.order_by(tries.number)):
                reasons.setdefault(row.case_id, []).append(row.rule or row.outcome)
        return tuple(Timed(case_id, found, tuple(reasons.get(case_id, ()))) for case_id, found in times.items())


RECENT = timedelta(days=1)
