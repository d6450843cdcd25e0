"""What agents write of calls is kept, can be corrected, and goes with the call."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete

from ivr.model.people import AgentNote
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import calls
from tests.databases import new_database
from tests.store.samples import NOON, live_call

FIRST = AgentNote("c1", "ann", "general", "resolved", "fees: 十元 \ud800")


def test_notes_come_back_in_order_and_the_last_word_of_an_agent_counts(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.notes.keep(AgentNote("c1", "bo", "sales", "", "asked by ann"), NOON + timedelta(seconds=9))
            await store.notes.keep(AgentNote("c1", "ann", "general", "", "draft"), NOON)
            assert await store.notes.keep(FIRST, NOON + timedelta(seconds=1))
            found = await store.notes.of("c1")
            assert [(note.agent, note.disposition, at) for note, at in found] == [
                ("ann", "resolved", NOON + timedelta(seconds=1)),
                ("bo", "", NOON + timedelta(seconds=9)),
            ]
            assert found[0][0].text.startswith("fees: 十元")
            assert await store.notes.of("c2") == []

    asyncio.run(run())


def test_notes_go_with_their_call(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.notes.keep(FIRST, NOON)
            engine = make_engine(database_url(url))
            async with engine.begin() as connection:
                await connection.execute(delete(calls))
            await engine.dispose()
            assert await store.notes.of("c1") == []

    asyncio.run(run())


def test_a_note_written_while_the_database_is_away_is_kept_when_it_is_back(tmp_path: Path) -> None:
    """SQLite, held by somebody else: the agent goes on after a moment, and the note comes later."""

    async def run() -> None:
        path = tmp_path / "ivr.db"
        async with open_store(new_database(path), wait_seconds=0.05) as store:
            await store.begin(live_call())
            holder = sqlite3.connect(path, isolation_level=None)
            holder.execute("BEGIN EXCLUSIVE")
            assert not await store.notes.keep(FIRST, NOON)
            holder.execute("COMMIT")
            holder.close()
            async with asyncio.timeout(60):
                while not (found := await store.notes.of("c1")):  # noqa: ASYNC110 - the writer tells nobody
                    await asyncio.sleep(0.01)
            assert [note.disposition for note, _ in found] == ["resolved"]

    asyncio.run(run())
