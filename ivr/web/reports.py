"""`/api/metrics`: every figure with its formula, its numerator, its denominator and how sure it is (domain.md 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from ivr.insight.metric import Figure
from ivr.insight.reports import ALL, By, Wanted
from ivr.model.errors import BadQuery, NotThere
from ivr.web.reporting import Report
from ivr.web.security import Door, Reader

LONGEST = timedelta(days=62)
"""Of one report."""

SERVICE_LEVEL: dict[str, str | float] = {"mode": "standard", "within_seconds": 20.0, "short_abandon_seconds": 5.0}
"""How `service_level` counts; the other modes are metrics of their own (`service_level_strict` …)."""


class Shelf(Protocol):
    """Where figures are counted; `ivr.web.reporting.Reports` is one."""

    async def report(
        self, since: datetime, until: datetime, wanted: Wanted, zone: tzinfo, now: datetime, flow: str = ""
    ) -> Report: ...


class TargetShape(BaseModel):
    at_least: float | None
    at_most: float | None
    of_median: bool


class MetricShape(BaseModel):
    """What a metric is."""

    name: str
    english: str
    chinese: str
    formula: str
    unit: str
    kind: str
    source: str
    target: TargetShape | None


class FigureShape(BaseModel):
    """A metric that was measured. `interval`: 95 % Wilson. `percentiles`: {"0.5": …}."""

    name: str
    value: float | None
    numerator: float
    denominator: float
    interval: tuple[float, float] | None
    percentiles: dict[str, float]
    on_target: bool | None


class GroupShape(BaseModel):
    key: str
    figures: list[FigureShape]


class ReportShape(BaseModel):
    since: datetime
    until: datetime
    time_zone: str
    by: str
    minutes: int | None
    contacts: int
    """Contacts that were read, before any filter but time and flow."""

    service_level: dict[str, str | float]
    metrics: list[MetricShape]
    groups: list[GroupShape]


@dataclass(frozen=True, slots=True)
class Period:
    """Which contacts, and in which time zone they are told."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    flow: str


Periods = Callable[..., Period]


def period_in(home: str, utc: Callable[[], datetime]) -> Periods:
    """The part of a query that says when: since and until (the last 24 hours), time_zone (the centre's), flow."""

    def period(
        since: AwareDatetime | None = None, until: AwareDatetime | None = None, time_zone: str = home, flow: str = ""
    ) -> Period:
        end = until or utc()
        begin = since or end - timedelta(days=1)
        if begin >= end:
            raise BadQuery("since must be before until")
        if end - begin > LONGEST:
            raise BadQuery(f"at most {LONGEST.days} days in one report")
        return Period(begin, end, _zone(time_zone), flow)

    return period


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuery(f"time_zone: there is no {name!r}; write it as Europe/Berlin") from error


def reports_router(shelf: Shelf, door: Door, home: str, utc: Callable[[], datetime]) -> APIRouter:
    """The routes. Figures hold nothing personal, so looks are not audited."""
    router = APIRouter(prefix="/api/metrics", tags=["reports"])
    Allowed = Annotated[Reader, Depends(door.may("reports.read"))]  # noqa: N806
    When = Annotated[Period, Depends(period_in(home, utc))]  # noqa: N806

    @router.get("", summary="Figures by queue, intent, flow version, step, agent, hour or interval")
    async def read_metrics(
        reader: Allowed, when: When, by: By = "", names: str = "",
        minutes: Annotated[int, Query(description="15, 30, 60 or 1440; for by=interval")] = 30,
        queue: str = "", intent: str = "", agent: str = "",
    ) -> ReportShape:  # fmt: skip
        asked = tuple(name for name in names.split(",") if name)
        return await figures_of(shelf, when, Wanted(by, asked, minutes, queue, intent, agent), utc())

    @router.get("/registry", summary="Every metric: formula, unit, target")
    async def read_registry(reader: Allowed) -> dict[str, list[MetricShape]]:
        return {"metrics": [metric_shape(name) for name in ALL]}

    @router.get("/{name}", summary="One metric")
    async def read_metric(
        reader: Allowed, when: When, name: str, by: By = "", minutes: int = 30,
        queue: str = "", intent: str = "", agent: str = "",
    ) -> ReportShape:  # fmt: skip
        if name not in ALL:
            raise NotThere(f"there is no metric {name}; GET /api/metrics/registry lists all")
        return await figures_of(shelf, when, Wanted(by, (name,), minutes, queue, intent, agent), utc())

    return router


async def figures_of(shelf: Shelf, when: Period, wanted: Wanted, now: datetime) -> ReportShape:
    """What `GET /api/metrics` answers; the console shows the same.

    Raises:
        BadQuery, NotThere: as `ivr.insight.reports.figures`.
        StoreError: the database is away.
    """
    found = await shelf.report(when.since, when.until, wanted, when.zone, now, when.flow)
    names = dict.fromkeys(name for _, figures in found.groups for name in figures)
    return ReportShape(
        since=when.since,
        until=when.until,
        time_zone=when.zone.key,
        by=wanted.by,
        minutes=wanted.minutes if wanted.by == "interval" else None,
        contacts=found.contacts,
        service_level=dict(SERVICE_LEVEL),
        metrics=[metric_shape(name) for name in names],
        groups=[GroupShape(key=key, figures=list(map(figure_shape, each.values()))) for key, each in found.groups],
    )


def metric_shape(name: str) -> MetricShape:
    metric = ALL[name]
    goal = metric.target
    return MetricShape(
        name=name, english=metric.english, chinese=metric.chinese, formula=metric.formula, unit=metric.unit,
        kind=metric.kind, source=metric.source,
        target=TargetShape(at_least=goal.at_least, at_most=goal.at_most, of_median=goal.of_median) if goal else None,
    )  # fmt: skip


def figure_shape(found: Figure) -> FigureShape:
    return FigureShape(
        name=found.name, value=found.value, numerator=found.numerator, denominator=found.denominator,
        interval=found.interval, percentiles={str(share): value for share, value in found.percentiles},
        on_target=found.on_target,
    )  # fmt: skip
