"""What agents write of calls is kept, can be corrected, and goes with the call."""

import asyncio
from datetime import timedelta

from sqlalchemy import delete

from ivr.model.people import AgentNote
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import calls
from tests.store.samples import NOON, live_call

FIRST = AgentNote("c1", "ann", "general", "resolved", "fees: 十元 \ud800")


def test_notes_come_back_in_order_and_the_last_word_of_an_agent_counts(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.notes.keep(AgentNote("c1", "bo", "sales", "", "asked by ann"), NOON + timedelta(seconds=9))
            await store.notes.keep(AgentNote("c1", "ann", "general", "", "draft"), NOON)
            await store.notes.keep(FIRST, NOON + timedelta(seconds=1))
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
