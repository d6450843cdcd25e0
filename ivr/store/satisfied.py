"""Satisfaction of many calls, counted where they lie: the index, answers, reasons; and the latest low scores."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.survey_tables import customer_values, judgements
from ivr.store.tables import calls, surveys

DAY_MS = 86_400_000
SCORES = range(1, 6)
MOST_LOW, MOST_KANO = 50, 20_000


@dataclass(frozen=True, slots=True)
class DayIndex:
    begins: datetime
    """UTC midnight."""

    calls: int
    mean: float
    """0 to 100."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """The satisfaction index (domain.md 2.5) of the calls of a time."""

    calls: int = 0
    """Judged ones."""

    mean: float | None = None
    bands: Mapping[str, int] | None = None
    segments: Mapping[str, int] | None = None
    flags: Mapping[str, int] | None = None
    days: Sequence[DayIndex] = ()


@dataclass(frozen=True, slots=True)
class LowScore:
    """A caller who gave a 1 or a 2."""

    call_id: str
    at: datetime
    flow: str
    outcome: str
    csat: str
    resolved: str


@dataclass(frozen=True, slots=True)
class SatisfactionBook:
    """Every method raises `StoreError` where the database is away. No call is loaded but the few that are listed."""

    engine: AsyncEngine

    async def index(self, since: datetime, until: datetime) -> Indexed:
        of = judgements.c
        within = and_(of.at_ms >= to_ms(since), of.at_ms < to_ms(until))
        day = (of.at_ms // DAY_MS).label("day")
        known = select(day, func.count(of.value).label("n"), func.avg(of.value).label("mean")).where(within)
        days = [
            DayIndex(from_ms(int(row["day"]) * DAY_MS), int(row["n"]), float(row["mean"]))
            for row in await rows_of(self.engine, known.group_by(day).order_by(day)) if row["mean"] is not None
        ]  # fmt: skip
        grouped = select(of.band, of.segment, of.flags, func.count().label("n")).where(within)
        bands, segments, flags, total = Counter[str](), Counter[str](), Counter[str](), 0
        for row in await rows_of(self.engine, grouped.group_by(of.band, of.segment, of.flags)):
            total += row["n"]
            bands[row["band"]] += row["n"]
            segments[row["segment"]] += row["n"]
            flags.update(dict.fromkeys(row["flags"] or (), row["n"]))
        judged = sum(one.calls for one in days)
        mean = sum(one.mean * one.calls for one in days) / judged if judged else None
        return Indexed(total, mean, bands, segments, flags, days)

    async def scores(self, since: datetime, until: datetime) -> Mapping[int, int]:
        """How many callers gave each satisfaction from 1 to 5."""
        counted = [func.sum(case((_answered("csat", str(one)), 1), else_=0)).label(f"s{one}") for one in SCORES]
        some = _text().contains('"csat":"', autoescape=True)
        (row,) = await rows_of(self.engine, select(*counted).where(_within(since, until), some))
        return {one: int(row[f"s{one}"] or 0) for one in SCORES}

    async def not_offered(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Why no survey was asked, most frequent first."""
        wanted = select(surveys.c.reason, func.count().label("n"))
        wanted = wanted.where(_within(since, until), surveys.c.status == "not_offered").group_by(surveys.c.reason)
        found = {str(row["reason"]): int(row["n"]) for row in await rows_of(self.engine, wanted)}
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    async def kano(self, since: datetime, until: datetime) -> Sequence[Mapping[str, str]]:
        """Answers of surveys that asked about features, at most the newest `MOST_KANO`."""
        asked = _text().contains('"kano_', autoescape=True)
        wanted = select(surveys.c.answers).where(_within(since, until), asked)
        newest = wanted.order_by(surveys.c.arrived_at_ms.desc()).limit(MOST_KANO)
        return [row["answers"] for row in await rows_of(self.engine, newest)]

    async def tiers(self) -> Mapping[str, int]:
        """Customers by the tier that was scored last."""
        tier = customer_values.c.tier
        wanted = select(tier, func.count().label("n")).where(customer_values.c.is_active).group_by(tier)
        return {row["tier"]: int(row["n"]) for row in await rows_of(self.engine, wanted)}

    async def low(self, since: datetime, until: datetime) -> Sequence[LowScore]:
        """The newest calls with a 1 or a 2, at most `MOST_LOW`."""
        of = calls.c
        wanted = select(of.call_id, of.arrived_at_ms, of.flow, of.outcome, surveys.c.answers).join_from(surveys, calls)
        low = or_(_answered("csat", "1"), _answered("csat", "2"))
        within = and_(of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until))
        newest = wanted.where(within, low).order_by(of.arrived_at_ms.desc()).limit(MOST_LOW)
        return [
            LowScore(row["call_id"], from_ms(row["arrived_at_ms"]), row["flow"], row["outcome"],
                     str(row["answers"]["csat"]), str(row["answers"].get("resolved", "")))
            for row in await rows_of(self.engine, newest)
        ]  # fmt: skip


def _within(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Of the call, which the survey knows itself: reading the calls beside takes ten times as long. A call has a
    survey from its end on."""
    arrived = surveys.c.arrived_at_ms
    return and_(arrived >= to_ms(since), arrived < to_ms(until))


def _text() -> ColumnElement[Any]:
    """Answers as they are kept: JSON without spaces, written by us."""
    return cast(surveys.c.answers, String)


def _answered(name: str, value: str) -> ColumnElement[bool]:
    return _text().contains(f'"{name}":"{value}"', autoescape=True)
