"""Reading calls back: a page of the list, one whole call, its journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, not_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.calls import CallRecord, JournalEntry, Leg, SurveyRecord
from ivr.model.errors import NotThere, StoreError
from ivr.store.holds import is_held
from ivr.store.messages import MessageArchive
from ivr.store.reading import cursor_after, read_cursor, rows_of
from ivr.store.rows import call_of, entry_of, from_ms, to_ms
from ivr.store.tables import calls, journal, messages, surveys, turns

MOST_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls, newest first. Empty fields do not filter."""

    since: datetime | None = None
    """Calls that arrived at or after this aware moment."""

    until: datetime | None = None
    """Calls that arrived before it."""

    flow: str = ""
    outcome: str = ""
    caller: str = ""
    survey: str = ""
    """Status of the survey record."""

    limit: int = 50
    cursor: str = ""
    """`next_cursor` of the page before."""


@dataclass(frozen=True, slots=True)
class CallPage:
    calls: tuple[CallRecord, ...]
    """With survey, without turns."""

    next_cursor: str
    """Empty: this was the last page."""


class CallArchive:
    """The reading side of the store. Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.messages = MessageArchive(engine)

    async def page(self, wanted: CallFilter) -> CallPage:
        """One page of calls, newest first.

        Raises:
            BadQuery: the cursor is not one of ours.
        """
        limit = max(1, min(wanted.limit, MOST_PER_PAGE))
        found = await self._rows(_list(wanted).limit(limit + 1))
        page = found[:limit]
        more = len(found) > limit
        next_cursor = cursor_after(page[-1]["arrived_at_ms"], page[-1]["call_id"]) if more else ""
        return CallPage(tuple(call_of(row, survey_in(row)) for row in page), next_cursor)

    async def call(self, call_id: str) -> CallRecord:
        """One call with turns and survey.

        Raises:
            NotThere: no such call.
        """
        row = await self._call_row(call_id)
        spoken = await self._rows(select(turns).where(turns.c.call_id == call_id).order_by(turns.c.number))
        return call_of(row, survey_in(row), spoken)

    async def journal(self, call_id: str) -> tuple[JournalEntry, ...]:
        """Everything that happened in a call, in order.

        Raises:
            NotThere: no such call.
        """
        await self._call_row(call_id)
        entries = await self._rows(select(journal).where(journal.c.call_id == call_id).order_by(journal.c.seq))
        return tuple(entry_of(row) for row in entries)

    async def outlines(self, since: datetime) -> list[CallRecord]:
        """All calls that arrived at or after a moment, in no order, with no more than when, how and how they were
        liked: many are read for one figure."""
        of = calls.c
        columns = (of.call_id, of.caller, of.called, of.direction, of.flow, of.flow_version, of.language,
                   of.arrived_at_ms, of.ended_at_ms, of.end_reason, of.disconnect_by, of.handled_by)  # fmt: skip
        query = select(*columns, surveys.c.status, surveys.c.reason, surveys.c.answers)
        query = query.join_from(calls, surveys, isouter=True).where(of.arrived_at_ms >= to_ms(since))
        return [_outline(row) for row in await self._rows(query)]

    async def recorded_before(self, before: datetime, most: int = MOST_PER_PAGE) -> dict[str, str]:
        """Calls that ended before an aware moment and whose record still names a recording: call id to path. Not
        those under a legal hold."""
        over = (calls.c.ended_at_ms.is_not(None), calls.c.ended_at_ms < to_ms(before))
        old = select(calls.c.call_id, calls.c.recording).where(calls.c.recording != "", *over, not_(is_held()))
        return {row["call_id"]: row["recording"] for row in await self._rows(old.limit(most))}

    async def held_sound(self) -> frozenset[str]:
        """Paths of recordings and messages under a legal hold."""
        recorded = select(calls.c.recording.label("path")).where(calls.c.recording != "", is_held())
        left = select(messages.c.path).join_from(messages, calls).where(messages.c.path != "", is_held())
        return frozenset(row["path"] for row in [*await self._rows(recorded), *await self._rows(left)])

    async def ready(self) -> str:
        """Empty, or why the database cannot be read."""
        try:
            await self._rows(select(text("1")))
        except StoreError as error:
            return str(error)
        return ""

    async def _call_row(self, call_id: str) -> Mapping[Any, Any]:
        found = await self._rows(joined().where(calls.c.call_id == call_id))
        if not found:
            raise NotThere("there is no call by that id")
        return found[0]

    async def _rows(self, query: Select[Any]) -> list[Mapping[Any, Any]]:
        return await rows_of(self._engine, query)


def joined(leading: Table = calls) -> Select[Any]:
    """Calls with their surveys; where `surveys` leads, only calls that have one."""
    survey = [column.label(f"survey_{column.name}") for column in surveys.c]
    if leading is surveys:
        return select(calls, *survey).join_from(surveys, calls, surveys.c.call_id == calls.c.call_id)
    return select(calls, *survey).join_from(calls, surveys, isouter=True)


def survey_in(row: Mapping[Any, Any]) -> dict[str, Any] | None:
    if row["survey_call_id"] is None:
        return None
    return {column.name: row[f"survey_{column.name}"] for column in surveys.c}


def _outline(row: Mapping[Any, Any]) -> CallRecord:
    survey = SurveyRecord(row["status"], row["reason"], row["answers"]) if row["status"] else None
    return CallRecord(
        row["call_id"], Leg(""), row["caller"], row["called"], row["direction"], row["flow"], row["flow_version"],
        row["language"], from_ms(row["arrived_at_ms"]),
        ended_at=None if row["ended_at_ms"] is None else from_ms(row["ended_at_ms"]), end_reason=row["end_reason"],
        disconnect_by=row["disconnect_by"], handled_by=row["handled_by"], survey=survey,
    )  # fmt: skip


def _list(wanted: CallFilter) -> Select[Any]:
    # By a survey's status the list is read from the surveys, which know when their calls came.
    ordered = surveys if wanted.survey else calls
    place = (ordered.c.arrived_at_ms, ordered.c.call_id)
    query = joined(ordered).order_by(*(column.desc() for column in place))
    for column, value in (
        (calls.c.flow, wanted.flow),
        (calls.c.outcome, wanted.outcome),
        (calls.c.caller, wanted.caller),
        (surveys.c.status, wanted.survey),
    ):
        if value:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(place[0] >= to_ms(wanted.since))
    if wanted.until is not None:
        query = query.where(place[0] < to_ms(wanted.until))
    if wanted.cursor:
        query = query.where(tuple_(*place) < tuple_(*read_cursor(wanted.cursor)))
    return query
