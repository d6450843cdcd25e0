"""`/api/surveys`: what callers answered, one line a call, and the figures of it; `/api/customers/{id}/value`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from ivr.model.recovery import SurveyLine
from ivr.store.calls import SqlCallStore
from ivr.store.customer_values import CustomerFacts, KeptStanding
from ivr.store.surveys import MOST_PER_PAGE, SurveyFilter, SurveyPage
from ivr.web.call_shapes import SurveyShape
from ivr.web.recovery_cases import recovery_router
from ivr.web.security import Audit, Door, Guard, Reader, note_look, shortened
from ivr.web.survey_figures import By, SurveyFigures, figures_by, formula, kano


class Surveys(Protocol):
    """Where surveys are read; `ivr.store.surveys.SurveyBook` is one."""

    async def page(self, wanted: SurveyFilter) -> SurveyPage: ...

    async def lines(self, wanted: SurveyFilter) -> Sequence[SurveyLine]: ...


class Values(Protocol):
    """What customers are worth; `ivr.store.customer_values.CustomerValues` is one."""

    async def keep_facts(self, facts: Sequence[CustomerFacts]) -> None: ...

    async def standing(self, customer: str) -> KeptStanding: ...

    async def override(self, customer: str, tier: str, reason: str, until: datetime) -> None: ...


class JudgementShape(BaseModel):
    """The satisfaction index; 0 to 100."""

    value: float | None
    explicit: float | None
    implicit: float | None
    basis: str
    band: str
    segment: str
    effort: float
    flags: list[str]
    index_version: str


class SurveyLineShape(BaseModel):
    call_id: str
    ended_at: datetime
    flow: str
    flow_version: str
    language: str
    handled_by: str
    queue: str
    agent: str
    survey: SurveyShape
    satisfaction: JudgementShape | None
    """None: not judged yet."""


class SurveyList(BaseModel):
    surveys: list[SurveyLineShape]
    next: str | None


class FigureShape(BaseModel):
    name: str
    formula: str
    value: float | None
    numerator: float
    denominator: float
    interval: tuple[float, float] | None
    """95 % Wilson, for shares."""

    on_target: bool | None


class GroupShape(BaseModel):
    group: str
    calls: int
    figures: list[FigureShape]
    csat_histogram: dict[int, int]
    nps_margin: float | None
    not_offered: dict[str, int]


class KanoShape(BaseModel):
    feature: str
    category: str
    is_mixed: bool
    better: float | None
    worse: float | None
    counts: dict[str, int]
    faults: list[str]


class FiguresShape(BaseModel):
    by: str
    groups: list[GroupShape]
    kano: list[KanoShape]


class FactsWish(BaseModel):
    """Observed facts of a customer and where they come from."""

    source: Annotated[str, Field(min_length=1, max_length=100)]
    recency_days: Annotated[float | None, Field(ge=0.0)] = None
    frequency: Annotated[float | None, Field(ge=0.0)] = None
    money: float | None = None
    potential: float | None = None
    referrals: Annotated[float | None, Field(ge=0.0)] = None


class OverrideWish(BaseModel):
    tier: Annotated[str, Field(pattern="^(vip|gold|standard)$")]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    until: AwareDatetime


class StandingShape(BaseModel):
    customer: str
    tier: str
    value: float | None
    confidence: float
    override: str
    override_reason: str
    override_until: datetime | None
    history: list[tuple[datetime, float, str, str]]


def wanted_surveys(
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    flow: str = "",
    status: str = "",
    segment: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
    cursor: str = "",
) -> SurveyFilter:
    """The query of `GET /api/surveys`."""
    return SurveyFilter(since, until, flow, status, segment, limit, cursor)


Wanted = Annotated[SurveyFilter, Depends(wanted_surveys)]


def surveys_router(book: Surveys, audit: Audit, lists: Guard, reports: Guard) -> APIRouter:
    """The list names calls; figures name nobody, so that analysts may see them."""
    router = APIRouter(prefix="/api/surveys", tags=["surveys"])

    @router.get("")
    async def list_surveys(reader: Annotated[Reader, Depends(lists)], wanted: Wanted) -> SurveyList:
        await note_look(audit, reader, "surveys.list", wanted.flow)
        page = await book.page(wanted)
        return SurveyList(surveys=[_line(line) for line in page.surveys], next=page.next_cursor or None)

    @router.get("/figures")
    async def figures(reader: Annotated[Reader, Depends(reports)], wanted: Wanted, by: By = "") -> FiguresShape:
        lines = await book.lines(wanted)
        features = [
            KanoShape(
                feature=name,
                category=one.category,
                is_mixed=one.is_mixed,
                better=one.better,
                worse=one.worse,
                counts={key: count for key, count in one.counts.items()},
                faults=sorted(one.faults),
            )  # fmt: skip
            for name, one in kano(lines).items()
        ]
        return FiguresShape(by=by, groups=[_group(one) for one in figures_by(lines, by)], kano=features)

    return router


def values_router(values: Values, audit: Audit, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/customers", tags=["customers"])
    Known = Annotated[Reader, Depends(guard)]  # noqa: N806  a type, made here because the key is known only now

    @router.put("/{customer}/value", status_code=204, summary="Facts of a customer; scored at the next scoring")
    async def keep_facts(reader: Known, customer: str, wish: FactsWish) -> None:
        await note_look(audit, reader, "customer.facts", shortened(customer))
        await values.keep_facts([CustomerFacts(customer, **wish.model_dump())])

    @router.get("/{customer}/value")
    async def read_value(reader: Known, customer: str) -> StandingShape:
        standing = await values.standing(customer)
        await note_look(audit, reader, "customer.value", shortened(customer))
        return StandingShape(
            customer=customer, tier=standing.tier, value=standing.value, confidence=standing.confidence,
            override=standing.override_tier, override_reason=standing.override_reason,
            override_until=standing.override_until, history=list(standing.history),
        )  # fmt: skip

    @router.post("/{customer}/value/override", status_code=204)
    async def override(reader: Known, customer: str, wish: OverrideWish) -> None:
        await note_look(audit, reader, "customer.override", shortened(customer))
        await values.override(customer, wish.tier, wish.reason, wish.until)

    return router


def survey_routers(store: SqlCallStore, door: Door) -> Sequence[APIRouter]:
    """Everything of this noun, behind the door."""
    return [
        surveys_router(store.surveys, store, door.may("surveys.read"), door.may("reports.read")),
        recovery_router(store.cases, store, door.may("cases.read"), door.may("cases.work")),
        values_router(store.values, store, door.may("customers.value")),
    ]


def _line(line: SurveyLine) -> SurveyLineShape:
    survey, judged = line.survey, line.judgement
    return SurveyLineShape(
        call_id=line.call_id, ended_at=line.ended_at, flow=line.flow, flow_version=line.flow_version,
        language=line.language, handled_by=line.handled_by, queue=line.queue, agent=line.agent,
        survey=SurveyShape(
            status=survey.status, reason=survey.reason, answers=dict(survey.answers), version=survey.version
        ),
        satisfaction=None if judged is None else JudgementShape(
            value=judged.value, explicit=judged.explicit, implicit=judged.implicit, basis=judged.basis,
            band=judged.band, segment=judged.segment, effort=judged.effort, flags=sorted(judged.flags),
            index_version=judged.version,
        ),
    )  # fmt: skip


def _group(one: SurveyFigures) -> GroupShape:
    shown = [
        FigureShape(
            name=each.name,
            formula=formula(each.name),
            value=each.value,
            numerator=each.numerator,
            denominator=each.denominator,
            interval=each.interval,
            on_target=each.on_target,
        )  # fmt: skip
        for each in one.figures
    ]
    return GroupShape(
        group=one.group, calls=one.calls, figures=shown, csat_histogram=one.csat_histogram,
        nps_margin=one.nps_margin, not_offered=one.not_offered,
    )  # fmt: skip
