"""Agents, places in queues and their events outlive the program that wrote them."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ivr.model.errors import StoreError
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import KeptPlace, KeptState, RoutingEvent
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.routing import SqlRoutingBook

ANN = AgentProfile(
    "ann", "Ann", {"lang:en": 5, "card": 3}, (ServedQueue("general"), ServedQueue("cards", 2, 15.0)), "sip:ann@desk",
    2, 7, 1.5, one_shot=True,
)  # fmt: skip
PLACE = KeptPlace(
    "e1", "c1", "cards", "+15555550100", 1_700_000_000.125, 60, True, "vip", "zh",
    (Requirement("card", 3, 2.0, mandatory=False, relaxable=False), Requirement("loan")), ("bob",), "+15555550101", 2,
    "direct_request",
)  # fmt: skip
STATE = KeptState("ann", "break", "lunch", 1_700_000_000.5, 4, 960.0, 3_600.0, "2026-11-22")


def written(url: str, run: Callable[[SqlRoutingBook], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with open_store(url) as store:
            await run(store.routing)

    asyncio.run(opened())


def test_what_is_written_is_read_after_the_next_start(url: str) -> None:
    event = RoutingEvent(
        "queue.entered", 1_700_000_000.25, "e1", "cards", "", "", {"position": 1, "skills": ["card>=3"]}
    )

    async def before(book: SqlRoutingBook) -> None:
        await book.keep_agent(AgentProfile("ann"))
        await book.keep_agent(ANN)
        book.keep_place(PLACE)
        book.keep_state(KeptState("ann", "available"))
        book.keep_state(STATE)
        book.note(event)

    async def after(book: SqlRoutingBook) -> None:
        assert await book.agents() == (ANN,)
        assert await book.places() == (PLACE,)
        assert await book.states() == (STATE,)
        assert await book.events("e1") == (event,)
        await book.drop_agent("ann")
        assert (await book.agents(), await book.states()) == ((), ())

    written(url, before)
    written(url, after)


def test_of_several_words_about_one_place_the_last_counts(url: str) -> None:
    async def before(book: SqlRoutingBook) -> None:
        book.keep_place(PLACE)
        book.drop_place("e1")
        book.drop_place("e2")
        book.keep_place(KeptPlace("e2", "c2", "cards", "", 5.0))

    async def after(book: SqlRoutingBook) -> None:
        assert [place.entry_id for place in await book.places()] == ["e2"]
        book.drop_place("e2")

    async def at_last(book: SqlRoutingBook) -> None:
        assert await book.places() == ()

    for run in (before, after, at_last):
        written(url, run)


def test_a_database_without_the_tables_is_told_as_such(url: str) -> None:
    async def run(book: SqlRoutingBook) -> None:
        engine = make_engine(database_url(url))
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE agents"))
        await engine.dispose()
        for work in (book.agents, lambda: book.keep_agent(ANN), lambda: book.drop_agent("ann")):
            with pytest.raises(StoreError):
                await work()

    written(url, run)
