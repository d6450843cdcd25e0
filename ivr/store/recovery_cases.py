"""Recovery cases in the database: read, opened once, changed one step after the other, and audited with the change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import NotThere, StoreError
from ivr.model.recovery import RecoveryCase
from ivr.store.audit import append
from ivr.store.reading import cursor_after, read_cursor, rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.survey_tables import recovery_cases
from ivr.store.writes import insert_new

MOST_PER_PAGE = 500
CLOSED = "closed"
Change = Callable[[RecoveryCase], RecoveryCase]

_TIMES = ("opened_at", "due_at", "contacted_at", "closed_at", "escalated_at")
_FIELDS = tuple(field.name for field in fields(RecoveryCase))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases, those due first first. Empty fields do not filter."""

    state: str = ""
    """A state, or `unclosed`."""

    owner: str = ""
    call_id: str = ""
    overdue_at: datetime | None = None
    """Not contacted, and due by then."""

    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: tuple[RecoveryCase, ...]
    next_cursor: str
    """Empty: this was the last page."""


class RecoveryCases:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime]) -> None:
        self._engine, self._utc = engine, utc

    async def case(self, case_id: str) -> RecoveryCase:
        """
        Raises:
            NotThere: no such case.
        """
        found = await rows_of(self._engine, select(recovery_cases).where(recovery_cases.c.case_id == case_id))
        if not found:
            raise NotThere("there is no recovery case by that id")
        return case_of(found[0])

    async def page(self, wanted: CaseFilter) -> CasePage:
        """
        Raises:
            BadQuery: the cursor is not one of ours.
        """
        limit = max(1, min(wanted.limit, MOST_PER_PAGE))
        due, key = recovery_cases.c.due_at_ms, recovery_cases.c.case_id
        query = select(recovery_cases).order_by(due, key).limit(limit + 1)
        if wanted.state == "unclosed":
            query = query.where(recovery_cases.c.state != CLOSED)
        elif wanted.state:
            query = query.where(recovery_cases.c.state == wanted.state)
        for column, value in ((recovery_cases.c.owner, wanted.owner), (recovery_cases.c.call_id, wanted.call_id)):
            query = query.where(column == value) if value else query
        if wanted.overdue_at is not None:
            late = and_(recovery_cases.c.state != CLOSED, recovery_cases.c.contacted_at_ms.is_(None))
            query = query.where(late, due <= to_ms(wanted.overdue_at))
        if wanted.cursor:
            ms, last = read_cursor(wanted.cursor)
            query = query.where(or_(due > ms, and_(due == ms, key > last)))
        found = await rows_of(self._engine, query)
        more = cursor_after(found[limit - 1]["due_at_ms"], found[limit - 1]["case_id"]) if len(found) > limit else ""
        return CasePage(tuple(case_of(row) for row in found[:limit]), more)

    async def since(self, opened: datetime) -> tuple[RecoveryCase, ...]:
        """All cases opened since then, for figures."""
        query = select(recovery_cases).where(recovery_cases.c.opened_at_ms >= to_ms(opened))
        return tuple(case_of(row) for row in await rows_of(self._engine, query))

    async def load(self) -> Mapping[str, int]:
        """How many unclosed cases each owner has."""
        owner = recovery_cases.c.owner
        query = select(owner, func.count().label("cases")).where(recovery_cases.c.state != CLOSED).group_by(owner)
        return {row["owner"]: row["cases"] for row in await rows_of(self._engine, query)}

    async def open(self, case: RecoveryCase, deed: Deed | None = None) -> RecoveryCase:
        """Keep a new case; one that is there already under its id stays as it is. Returns what is kept."""
        try:
            async with self._engine.begin() as connection:
                if await insert_case(connection, case) and deed:
                    await append(connection, [(to_ms(self._utc()), deed)])
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the case cannot be written just now ({type(error).__name__})") from error
        return await self.case(case.case_id)

    async def change(self, case_id: str, how: Change, deed: Deed | None = None) -> RecoveryCase:
        """Read, change and write in one transaction, with the audit of it.

        Raises:
            NotThere: no such case.
            IvrError: whatever `how` raises; nothing is changed then.
        """
        mine = recovery_cases.c.case_id == case_id
        try:
            async with self._engine.begin() as connection:
                # Takes the lock of the row (PostgreSQL) or of the file (SQLite), so that nobody changes it in between.
                await connection.execute(update(recovery_cases).where(mine).values(case_id=case_id))
                row = (await connection.execute(select(recovery_cases).where(mine))).mappings().one_or_none()
                if row is None:
                    raise NotThere("there is no recovery case by that id")
                before = case_of(row)
                after = how(before)
                if after != before:
                    await connection.execute(update(recovery_cases).where(mine).values(case_row(after)))
                    if deed:
                        await append(connection, [(to_ms(self._utc()), deed)])
                return after
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the case cannot be written just now ({type(error).__name__})") from error


async def insert_case(connection: AsyncConnection, case: RecoveryCase) -> bool:
    """False: it is there already."""
    return await insert_new(connection, recovery_cases, case_row(case))


def case_row(case: RecoveryCase) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(case, name) for name in _FIELDS if name not in _TIMES}
    times = {f"{name}_ms": to_ms(at) if (at := getattr(case, name)) else None for name in _TIMES}
    return row | times | {"reasons": list(case.reasons)}


def case_of(row: Mapping[Any, Any]) -> RecoveryCase:
    plain = {name: row[name] for name in _FIELDS if name not in _TIMES}
    times = {name: from_ms(ms) if (ms := row[f"{name}_ms"]) is not None else None for name in _TIMES}
    return RecoveryCase(**{**plain, **times, "reasons": tuple(row["reasons"])})
