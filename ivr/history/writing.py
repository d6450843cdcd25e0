"""A generated history into a database, many rows at a time, through the tables that the server itself uses."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.history.customers import facts_of
from ivr.history.plan import Planned, planned
from ivr.history.rows import NODE, TABLES, Marked, Rows, columns_of, marked, rows_of_calls, written
from ivr.history.staff import Staff, staff_for
from ivr.model.errors import NotNow, StoreError
from ivr.model.routing import KeptState
from ivr.store.customer_values import CustomerValues
from ivr.store.engine import is_sqlite
from ivr.store.insight_tables import agent_changes, insight_marks
from ivr.store.rollup_tables import contact_counts
from ivr.store.rollups import touch
from ivr.store.routing_rows import agent_row, state_row
from ivr.store.rows import to_ms
from ivr.store.tables import agent_states, agents, calls
from ivr.store.writes import add

CHUNK = 2000
"""Calls made and written at a time."""

Told = Callable[[int, int], None]
"""So many calls are written, of so many."""


@dataclass(frozen=True, slots=True)
class History:
    """What is to be generated."""

    calls: int
    days: int
    until: datetime
    """Aware; the last call comes before it."""

    seed: int = 1
    journal_days: int = 3
    """Only the calls of the last days are written event by event, as they can be replayed; it is most of the rows."""


async def refuse_real_calls(engine: AsyncEngine) -> None:
    """
    Raises:
        NotNow: calls were taken here, or a history was generated before.
    """
    async with engine.connect() as connection:
        nodes = set(await connection.scalars(select(calls.c.node).distinct()))
    if nodes - {NODE}:
        raise NotNow("there are real calls in this database; name another, or say --among-real-calls")
    if nodes:
        raise NotNow("a history was generated into this database before; name another, or say --among-real-calls")


async def write_history(engine: AsyncEngine, wanted: History, jobs: int, told: Told) -> int:
    """Make and write everything but the sums. How many calls.

    Args:
        jobs: programs that make calls, beside this one, which writes.

    Raises:
        StoreError: the database refused.
    """
    staff = staff_for(wanted.calls / wanted.days, random.Random(wanted.seed))
    drawn = await asyncio.to_thread(planned, wanted.calls, wanted.until, wanted.days, wanted.seed, staff)
    over = _before(drawn, wanted.until)
    everything = marked(over, wanted.until - timedelta(days=wanted.journal_days))
    values = CustomerValues(engine, lambda: wanted.until)
    await values.keep_facts(facts_of([call.caller for call in over], wanted.seed))
    async with _for_many_rows(engine) as connection:
        await _write_staff(connection, staff, wanted)
        done = 0
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            # A few chunks ahead of the database, so that memory stays bounded.
            ahead: list[asyncio.Future[Rows]] = []
            chunks = _chunks(everything)
            loop = asyncio.get_running_loop()
            while True:
                while len(ahead) < jobs + 2 and (chunk := next(chunks, None)):
                    ahead.append(loop.run_in_executor(pool, rows_of_calls, chunk, wanted.until))
                if not ahead:
                    break
                rows = await ahead.pop(0)
                await _write(connection, rows)
                done += len(rows["calls"])
                told(done, len(over))
    return done


def _before(drawn: Sequence[Planned], until: datetime) -> list[Planned]:
    """Without those that would not be over yet."""
    longest = timedelta(hours=1)
    return [call for call in drawn if call.at < until - longest]


def _chunks(everything: Sequence[Marked]) -> Iterator[Sequence[Marked]]:
    yield from (everything[begin : begin + CHUNK] for begin in range(0, len(everything), CHUNK))


@asynccontextmanager
async def _for_many_rows(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Raises StoreError: the database refused."""
    try:
        async with engine.connect() as connection:
            if is_sqlite(engine.url):
                # Of this connection alone. A history that a power cut breaks can be generated again.
                for pragma in ("synchronous=OFF", "cache_size=-400000"):
                    await connection.exec_driver_sql(f"PRAGMA {pragma}")
                await connection.commit()
            yield connection
            if not is_sqlite(engine.url):
                await connection.commit()
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"the history cannot be written ({type(error).__name__})") from error


async def _write(connection: AsyncConnection, rows: Rows) -> None:
    for table in TABLES:
        await bulk(connection, table, rows[table.name])
    place = written(contact_counts).index("counted_at_ms")
    await touch(connection, {row[place] for row in rows["contact_counts"]})
    await connection.commit()


async def bulk(connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows as fast as the database takes them: COPY, or one statement that is prepared once."""
    if not rows:
        return
    names = written(table)
    if is_sqlite(connection.engine.url):
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
        await connection.exec_driver_sql(statement, list(rows))
        return
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    # The driver's own command is not seen by SQLAlchemy: the transaction must have begun.
    await connection.execute(select(1))
    await driver.copy_records_to_table(table.name, records=rows, columns=names)


async def _write_staff(connection: AsyncConnection, staff: Staff, wanted: History) -> None:
    """Agents, what they did, and that by the end nobody is there."""
    await add(connection, agents, [agent_row(profile) for profile in staff.profiles], replace=True)
    rows = {
        (change.agent, to_ms(change.at), change.state): {
            "agent_id": change.agent, "since_ms": to_ms(change.at), "state": change.state, "reason": change.reason,
        }
        for change in staff.changes if change.at < wanted.until
    }  # fmt: skip
    await bulk(connection, agent_changes, [columns_of(agent_changes, row) for row in rows.values()])
    gone = [KeptState(one.agent_id, "offline", since=wanted.until.timestamp()) for one in staff.profiles]
    await add(connection, agent_states, [state_row(state) for state in gone], replace=True)
    # What the server would look for from the beginning of time is all there already.
    mark = {"name": "contacts", "value": wanted.until.isoformat()}
    await add(connection, insight_marks, [mark], replace=True)
    await connection.commit()
