"""What is written about a call, and the statements that write it: any number of writes in one transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, UpdateBase, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.calls import CallRecord, JournalEntry, Message, SurveyRecord
from ivr.model.errors import StoreError
from ivr.model.people import AgentNote
from ivr.store.audit import append
from ivr.store.engine import is_sqlite
from ivr.store.insight_tables import agent_changes
from ivr.store.routing_rows import RoutingHappened, RoutingWrite, event_row, last_places, last_states, state_changes
from ivr.store.rows import call_row, interrupted_survey, journal_row, message_row, note_row, survey_row, turn_rows
from ivr.store.tables import (
    agent_notes,
    agent_states,
    calls,
    journal,
    messages,
    queue_entries,
    queue_events,
    survey_answers,
    surveys,
    turns,
)


@dataclass(frozen=True, slots=True)
class CallBegan:
    record: CallRecord


@dataclass(frozen=True, slots=True)
class Happened:
    call_id: str
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    call_id: str
    name: str
    value: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class MessageLeft:
    message: Message


@dataclass(frozen=True, slots=True)
class CallEnded:
    record: CallRecord


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody read a record, a recording or a live call, or did something to them."""

    at_ms: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class RecordingMoved:
    """The sound of a call is in another file now; nowhere: it was deleted."""

    call_id: str
    path: str


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """An agent wrote a call up, for the first time or again."""

    at_ms: int
    note: AgentNote


OfCall = CallBegan | Happened | SurveyAnswered | MessageLeft | CallEnded | RecordingMoved | NoteWritten
Write = OfCall | Looked | RoutingWrite


@asynccontextmanager
async def writing(engine: AsyncEngine, what: str) -> AsyncIterator[AsyncConnection]:
    """A transaction for `what`.

    Raises:
        StoreError: the database refused or is away; nothing was written.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"{what} cannot be written just now ({type(error).__name__})") from error


async def write_all(engine: AsyncEngine, node: str, writes: Sequence[Write]) -> None:
    """All of them or none. Writing the same thing twice leaves one.

    Raises:
        sqlalchemy.exc.SQLAlchemyError, OSError: the database refused or is away.
    """
    began = [call_row(write.record, node) for write in writes if isinstance(write, CallBegan)]
    # The last of each number: an entry that must be taken back is written once more, without what must not be kept.
    last = {(one.call_id, one.entry.seq): one for one in writes if isinstance(one, Happened)}
    happened = [journal_row(write.call_id, write.entry) for write in last.values()]
    answered = [_answer_row(write) for write in writes if isinstance(write, SurveyAnswered)]
    left = [message_row(write.message) for write in writes if isinstance(write, MessageLeft)]
    async with engine.begin() as connection:
        await add(connection, calls, began)
        await add(connection, journal, happened, replace=True)
        await add(connection, survey_answers, answered, replace=True)
        await add(connection, messages, left)
        await _end(connection, [write.record for write in writes if isinstance(write, CallEnded)], node)
        for moved in (write for write in writes if isinstance(write, RecordingMoved)):
            await connection.execute(update(calls).where(calls.c.call_id == moved.call_id).values(recording=moved.path))
        notes = [note_row(write.note, write.at_ms) for write in writes if isinstance(write, NoteWritten)]
        await add(connection, agent_notes, notes, replace=True)
        await _route(connection, writes)
        # Last: from here on the writers of other programs wait for this transaction.
        await append(connection, [(write.at_ms, write.deed) for write in writes if isinstance(write, Looked)])


async def _route(connection: AsyncConnection, writes: Sequence[Write]) -> None:
    kept, gone = last_places(writes)
    await add(connection, queue_entries, kept, replace=True)
    if gone:
        await connection.execute(delete(queue_entries).where(queue_entries.c.entry_id.in_(gone)))
    await add(connection, agent_states, last_states(writes), replace=True)
    await add(connection, agent_changes, state_changes(writes))
    if happened := [event_row(write.event) for write in writes if isinstance(write, RoutingHappened)]:
        await connection.execute(insert(queue_events), happened)


async def add(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]], *, replace: bool = False) -> None:
    """Insert rows; one whose key is there already is left alone, or replaced."""
    if rows:
        await connection.run_sync(add_rows, table, rows, replace=replace)


def add_rows(connection: Connection, table: Table, rows: list[dict[str, Any]], *, replace: bool = False) -> None:
    """`add` on a connection that is not asynchronous, or seen from within `run_sync`."""
    if rows:
        connection.execute(_insertion(table, replace, is_sqlite(connection.engine.url)), rows)


@cache
def _insertion(table: Table, replace: bool, for_sqlite: bool) -> UpdateBase:
    """Made once for each table: making it costs several times what carrying it out does."""
    new = sqlite.insert(table) if for_sqlite else postgresql.insert(table)
    key = list(table.primary_key)
    if not replace:
        return new.on_conflict_do_nothing(index_elements=key)
    fresh = {column.name: column for column in new.excluded if column.name not in table.primary_key}
    return new.on_conflict_do_update(index_elements=key, set_=fresh)


async def insert_new(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> bool:
    """Insert one row. False: its key is there already, and it stays as it is."""
    new = (sqlite if is_sqlite(connection.engine.url) else postgresql).insert(table).values(row)
    done = await connection.execute(new.on_conflict_do_nothing(index_elements=list(table.primary_key)))
    return done.rowcount > 0


async def _end(connection: AsyncConnection, records: Sequence[CallRecord], node: str) -> None:
    """Calls that end together cost a few statements together: at a busy hour they do."""
    if not records:
        return
    latest = {record.call_id: record for record in records}
    await add(connection, calls, [call_row(record, node) for record in latest.values()], replace=True)
    await connection.execute(delete(turns).where(turns.c.call_id.in_(latest)))
    await add(connection, turns, [row for record in latest.values() for row in turn_rows(record)])
    # The first record of a survey stands: nobody rewrites what a customer said.
    concluded = [(record.call_id, await _survey_of(connection, record)) for record in records]
    await add(connection, surveys, [survey_row(call_id, survey) for call_id, survey in concluded if survey])


async def _survey_of(connection: AsyncConnection, record: CallRecord) -> SurveyRecord | None:
    if record.survey is None and record.answered_at is not None:
        return interrupted_survey(await answers_kept(connection, record.call_id))
    return record.survey


async def answers_kept(connection: AsyncConnection, call_id: str) -> dict[str, str]:
    """Question name to answer, as written during the call."""
    kept = select(survey_answers.c.name, survey_answers.c.value).where(survey_answers.c.call_id == call_id)
    return {row.name: row.value for row in await connection.execute(kept)}


def _answer_row(write: SurveyAnswered) -> dict[str, Any]:
    return {"call_id": write.call_id, "name": write.name, "value": write.value, "kept_at_ms": write.at_ms}
