"""What follows a call in the database: its judgement, when its customer was asked, its case; the list of surveys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.calls import CallRecord, SurveyRecord
from ivr.model.errors import StoreError
from ivr.model.recovery import AfterCall, Asked, CampaignCount, Judgement, SurveyLine
from ivr.store.audit import append
from ivr.store.contacts import LATE
from ivr.store.engine import is_sqlite
from ivr.store.insight_tables import contacts, insight_marks
from ivr.store.reach import writing
from ivr.store.reading import cursor_after, read_cursor, rows_of
from ivr.store.recovery_cases import insert_case
from ivr.store.rollups import recount
from ivr.store.rows import call_of, from_ms, to_ms
from ivr.store.survey_tables import judgements, survey_asked, survey_campaigns
from ivr.store.tables import calls, surveys, turns
from ivr.store.writes import insert_new

MOST_PER_PAGE = 500
MOST_UNCOUNTED = 20_000
_JUDGED = tuple(field.name for field in fields(Judgement) if field.name not in ("at", "flags"))


@dataclass(frozen=True, slots=True)
class SurveyFilter:
    """Which ended calls, newest first. Empty fields do not filter."""

    since: datetime | None = None
    until: datetime | None = None
    flow: str = ""
    status: str = ""
    segment: str = ""
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class SurveyPage:
    surveys: tuple[SurveyLine, ...]
    next_cursor: str
    """Empty: this was the last page."""


class SurveyBook:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, after: AfterCall) -> bool:
        """Write all that follows a call. A call that was judged before stays as it was: nothing is counted twice.

        Returns:
            Whether a case was opened by this.
        """
        try:
            async with self._engine.begin() as connection:
                if not await self._judge(connection, after.judgement):
                    return False
                if after.asked:
                    await self._asked(connection, after)
                return after.case is not None and await insert_case(connection, after.case)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"what follows a call cannot be written just now ({type(error).__name__})") from error

    async def follow_up(self, call_id: str, survey: SurveyRecord, deed: Deed, at: datetime) -> CallRecord | None:
        """What came of the call that followed up becomes the survey of the earlier call, once; whoever was judged
        without it is judged anew. None: that call is not known, or its survey was settled already."""
        of = surveys.c
        values = {"status": survey.status, "reason": survey.reason, "answers": dict(survey.answers),
                  "version": survey.version}  # fmt: skip
        mine = update(surveys).where(of.call_id == call_id, of.status == "deferred").values(values)
        async with writing(self._engine, "the survey of an earlier call") as connection:
            if not (await connection.execute(mine)).rowcount:
                return None
            await connection.execute(delete(judgements).where(judgements.c.call_id == call_id))
            await _tell_contact(connection, call_id, survey)
            await append(connection, [(to_ms(at), deed)])
        query = select(calls, *(column.label(f"survey_{column.name}") for column in of)).join_from(calls, surveys)
        (row,) = await rows_of(self._engine, query.where(calls.c.call_id == call_id))
        return await self._whole(row)

    async def asked(self, customer: str) -> Asked:
        found = await rows_of(self._engine, select(survey_asked).where(survey_asked.c.customer == customer))
        if not found:
            return Asked()
        nps = found[0]["nps_at_ms"]
        return Asked(from_ms(found[0]["any_at_ms"]), from_ms(nps) if nps is not None else None)

    async def of_campaign(self, campaign: str, day: str) -> CampaignCount:
        """`day`: ISO date, UTC."""
        mine = survey_campaigns.c.campaign == campaign
        found = await rows_of(self._engine, select(survey_campaigns).where(mine))
        return CampaignCount(
            sum(row["asked"] for row in found if row["day"] == day), sum(row["asked"] for row in found)
        )

    async def unjudged(self, since: datetime, until: datetime, limit: int = 200) -> tuple[CallRecord, ...]:
        """Ended calls that nobody has judged (a crash, a database that was away), oldest first, with their turns."""
        query = (
            select(calls, *(column.label(f"survey_{column.name}") for column in surveys.c))
            .join_from(calls, surveys)
            .join(judgements, judgements.c.call_id == calls.c.call_id, isouter=True)
            .where(judgements.c.call_id.is_(None), calls.c.ended_at_ms >= to_ms(since))
            .where(calls.c.ended_at_ms <= to_ms(until))
            .order_by(calls.c.ended_at_ms)
            .limit(limit)
        )
        found = await rows_of(self._engine, query)
        return tuple([await self._whole(row) for row in found])

    async def page(self, wanted: SurveyFilter) -> SurveyPage:
        """
        Raises:
            BadQuery: the cursor is not one of ours.
        """
        limit = max(1, min(wanted.limit, MOST_PER_PAGE))
        # Read in the order of what it is filtered by: a call is judged as of its end, surveys know when theirs came.
        place = (calls.c.ended_at_ms, calls.c.call_id)
        if wanted.segment:
            place = (judgements.c.at_ms, judgements.c.call_id)
        elif wanted.status:
            place = (surveys.c.arrived_at_ms, surveys.c.call_id)
        query = _filtered(wanted).add_columns(place[0].label("place_ms"))
        query = query.order_by(*(column.desc() for column in place)).limit(limit + 1)
        if wanted.cursor:
            query = query.where(tuple_(*place) < tuple_(*read_cursor(wanted.cursor)))
        found = await rows_of(self._engine, query)
        last = found[limit - 1] if len(found) > limit else None
        after = cursor_after(last["place_ms"], last["call_id"]) if last else ""
        return SurveyPage(tuple(_line(row) for row in found[:limit]), after)

    async def uncounted(self, since: datetime, until: datetime, flow: str = "") -> Sequence[SurveyLine]:
        """Ended calls of the time that are no contacts yet: the latest, or all where nobody makes contacts."""
        mark = select(insight_marks.c.value).where(insight_marks.c.name == "contacts")
        known = [datetime.fromisoformat(row["value"]) for row in await rows_of(self._engine, mark)]
        after = max([since, *(one - LATE for one in known)])
        query = _filtered(SurveyFilter(after, flow=flow)).where(
            ~exists().where(contacts.c.contact_id == calls.c.call_id),
            calls.c.arrived_at_ms >= to_ms(since), calls.c.arrived_at_ms < to_ms(until),
        )  # fmt: skip
        return [_line(row) for row in await rows_of(self._engine, query.limit(MOST_UNCOUNTED))]

    async def kano_answers(self, since: datetime, until: datetime) -> list[Mapping[str, str]]:
        """What was answered where something was asked about a feature."""
        of = surveys.c
        within = of.arrived_at_ms.between(to_ms(since), to_ms(until) - 1)
        about = cast(of.answers, Text).contains('"kano_', autoescape=True)
        query = select(of.answers).where(of.status.in_(("completed", "partial")), within, about)
        return [row["answers"] for row in await rows_of(self._engine, query)]

    async def segments(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many calls each segment has (domain.md 2.5.4)."""
        name = judgements.c.segment
        query = select(name, func.count().label("calls")).group_by(name)
        query = query.where(judgements.c.at_ms >= to_ms(since), judgements.c.at_ms < to_ms(until))
        return {row["segment"]: row["calls"] for row in await rows_of(self._engine, query)}

    async def _whole(self, row: Mapping[Any, Any]) -> CallRecord:
        spoken = select(turns).where(turns.c.call_id == row["call_id"]).order_by(turns.c.number)
        survey = {column.name: row[f"survey_{column.name}"] for column in surveys.c}
        return call_of(row, survey, await rows_of(self._engine, spoken))

    async def _judge(self, connection: AsyncConnection, judged: Judgement) -> bool:
        row = {name: getattr(judged, name) for name in _JUDGED}
        return await insert_new(
            connection, judgements, row | {"at_ms": to_ms(judged.at), "flags": sorted(judged.flags)}
        )

    async def _asked(self, connection: AsyncConnection, after: AfterCall) -> None:
        at = to_ms(after.judgement.at)
        new = (sqlite if is_sqlite(self._engine.url) else postgresql).insert
        if after.customer:
            nps = at if after.asked_nps else None
            row = new(survey_asked).values(customer=after.customer, any_at_ms=at, nps_at_ms=nps)
            kept = {"any_at_ms": at, "nps_at_ms": func.coalesce(row.excluded.nps_at_ms, survey_asked.c.nps_at_ms)}
            await connection.execute(row.on_conflict_do_update(index_elements=["customer"], set_=kept))
        if after.campaign:
            day = f"{after.judgement.at:%Y-%m-%d}"
            count = new(survey_campaigns).values(campaign=after.campaign, day=day, asked=1)
            more = {"asked": survey_campaigns.c.asked + 1}
            await connection.execute(count.on_conflict_do_update(index_elements=["campaign", "day"], set_=more))


async def _tell_contact(connection: AsyncConnection, call_id: str, survey: SurveyRecord) -> None:
    """Reports count contacts: this one has its survey now."""
    kept = await connection.scalar(select(contacts.c.facts).where(contacts.c.contact_id == call_id))
    if kept is None:
        return
    whole = json.loads(kept)
    whole["contact"]["survey"] = asdict(survey)
    unrated = {} if "csat" not in survey.answers else {"is_unrated": False}
    change = update(contacts).where(contacts.c.contact_id == call_id)
    await connection.execute(change.values(facts=json.dumps(whole), **unrated))
    await recount(connection, [call_id])


def _filtered(wanted: SurveyFilter) -> Select[Any]:
    about = ("call_id", "ended_at_ms", "arrived_at_ms", "flow", "flow_version", "language", "handled_by", "direction")
    query = select(
        *(calls.c[name] for name in about), calls.c.end_reason, calls.c.stats,
        surveys.c.status, surveys.c.reason, surveys.c.answers, surveys.c.version.label("questions"),
        *(column.label(f"judged_{column.name}") for column in judgements.c),
    )  # fmt: skip
    query = query.select_from(
        calls.join(surveys, surveys.c.call_id == calls.c.call_id).join(
            judgements, judgements.c.call_id == calls.c.call_id, isouter=True
        )
    ).where(calls.c.ended_at_ms.is_not(None))
    if wanted.since:
        query = query.where(calls.c.ended_at_ms >= to_ms(wanted.since))
    if wanted.until:
        query = query.where(calls.c.ended_at_ms < to_ms(wanted.until))
    equal = ((calls.c.flow, wanted.flow), (surveys.c.status, wanted.status), (judgements.c.segment, wanted.segment))
    for column, value in equal:
        query = query.where(column == value) if value else query
    return query


def _line(row: Mapping[Any, Any]) -> SurveyLine:
    stats = row["stats"] or {}
    survey = SurveyRecord(row["status"], row["reason"], row["answers"], row["questions"])
    return SurveyLine(
        row["call_id"], from_ms(row["ended_at_ms"]), row["flow"], row["flow_version"], row["language"],
        row["handled_by"], survey, _judgement(row),
        queue=next(iter(stats.get("queues", ())), ""), agent=next(iter(reversed(stats.get("agents", []))), ""),
        direction=row["direction"], end_reason=row["end_reason"], arrived_at=from_ms(row["arrived_at_ms"]), stats=stats,
    )  # fmt: skip


def _judgement(row: Mapping[Any, Any]) -> Judgement | None:
    if row["judged_call_id"] is None:
        return None
    plain = {name: row[f"judged_{name}"] for name in _JUDGED}
    return Judgement(**plain, at=from_ms(row["judged_at_ms"]), flags=frozenset(row["judged_flags"]))
