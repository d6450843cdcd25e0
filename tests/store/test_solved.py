"""Solved calls as they are learned from and shown, without those that were erased; and what a customer went through."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ivr.model.assist import Before, SolvedCase, WrittenCase
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import Contact
from ivr.model.insight import KeptContact
from ivr.model.people import AgentNote
from ivr.model.recovery import RecoveryCase
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.store.erasure import Wanted
from ivr.store.recovery_cases import insert_case
from tests.store.samples import NOON, TURNS, ended_call

NUMBER = "+8613800000001"
SINCE = NOON - timedelta(days=30)
SOLVED = ("resolved",)


def with_store(url: str, run: Callable[[SqlCallStore], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_store(url) as store:
            await run(store)

    asyncio.run(whole())


async def keep(
    store: SqlCallStore, call_id: str, disposition: str = "resolved", *, days_ago: float = 0.0, text: str = "Reset it.",
    intent: str = "branch_lookup", **changes: object,
) -> None:  # fmt: skip
    at = NOON - timedelta(days=days_ago)
    call = replace(ended_call(call_id, arrived_at=at), **changes)  # type: ignore[arg-type]
    await store.begin(replace(call, ended_at=None, survey=None))
    await store.finish(call)
    await store.contacts.keep([KeptContact(Contact(call_id, at, customer=call.caller, intent=intent))], {})
    if disposition:
        await store.notes.keep(AgentNote(call_id, "ann", "general", disposition, text), at)


def test_what_was_solved_comes_back_the_newest_first_with_what_was_said(url: str) -> None:
    unsatisfied = SurveyRecord("completed", "", {"resolved": "no"})

    async def run(store: SqlCallStore) -> None:
        await keep(store, "c1", days_ago=1)
        await keep(store, "c2")
        await keep(store, "c3", "follow_up")
        await keep(store, "c4", "")
        await keep(store, "c5", days_ago=2, survey=unsatisfied)
        await keep(store, "c6", days_ago=31)
        await keep(store, "c7", days_ago=2, turns=(replace(TURNS[0], heard=""),))
        first, second = await store.solved.newest(SINCE, SOLVED, 10)
        said = ("find a branch near the bird's nest",)
        facts = {"branch": "Olympic Park", "地点": "鸟巢"}
        assert first == SolvedCase("c2", NOON, "bank/hotline", "en", "branch_lookup", "resolved", said, facts)
        assert second.call_id == "c1"
        assert [one.call_id for one in await store.solved.newest(SINCE, SOLVED, 10, known={"c2"})] == ["c1"]
        assert [one.call_id for one in await store.solved.newest(SINCE, SOLVED, 1)] == ["c2"]

    with_store(url, run)


def test_a_note_comes_back_as_it_stands_with_what_is_private_in_it(tmp_path: Path) -> None:
    async def run(store: SqlCallStore) -> None:
        await keep(store, "c1")
        await keep(store, "c2", text="")
        private = (NUMBER, NUMBER, "Olympic Park", "鸟巢")
        assert await store.solved.written(["c2", "c1", "c9"], SOLVED) == [
            WrittenCase("c1", NOON, "branch_lookup", "resolved", "Reset it.", private)
        ]

    with_store(sqlite_url(tmp_path / "ivr.db"), run)


def test_of_an_erased_caller_neither_words_nor_note_are_left(tmp_path: Path) -> None:
    async def run(store: SqlCallStore) -> None:
        await keep(store, "c1")
        await keep(store, "c2", caller="+8613800000002")
        assert await store.solved.with_words(["c1", "c2", "c9"]) == {"c1", "c2"}
        await store.erasures(tmp_path, "key").erase(Wanted(NUMBER, "they asked", "ivr"))
        assert await store.solved.with_words(["c1", "c2"]) == {"c2"}
        assert [one.call_id for one in await store.solved.written(["c1", "c2"], SOLVED)] == ["c2"]
        assert [one.call_id for one in await store.solved.newest(SINCE, SOLVED, 10)] == ["c2"]

    with_store(sqlite_url(tmp_path / "ivr.db"), run)


def test_what_a_customer_went_through_lately_is_known_under_each_of_their_names(url: str) -> None:
    async def run(store: SqlCallStore) -> None:
        await keep(store, "c1", days_ago=3, intent="lost_card")
        await keep(store, "c2", "follow_up", days_ago=1, intent="new_card")
        await keep(store, "now", "")
        await keep(store, "other", caller="+8613800000002")
        assert await store.solved.before(["id-7", NUMBER], SINCE, "now") == Before(
            2, NOON - timedelta(days=1), "new_card", "follow_up"
        )
        opened = NOON - timedelta(days=2)
        case = RecoveryCase("k1", "c1", "id-7", ("low_score",), opened, NOON)
        async with store.solved.engine.begin() as connection:
            await insert_case(connection, case)
            await insert_case(connection, replace(case, case_id="k0", state="closed"))
        assert await store.solved.before(["id-7"], SINCE) == Before(open_case="k1", open_since=opened)
        assert await store.solved.before(["nobody"], SINCE) == Before()

    with_store(url, run)
