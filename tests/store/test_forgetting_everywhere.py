"""An erasure reaches every table: each column of text has a fate, and who is planted into all of them is gone."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import String

from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.erasure import Erasures, Wanted
from ivr.store.forgetting_later import SETTLED
from ivr.store.personal import FATES, OF_THE_HOUSE, OURS
from ivr.store.rows import to_ms
from ivr.store.tables import JsonText, SafeText, tables
from tests.store.planted import CUSTOMER, NUMBER, WORDS, outbound_call, rows
from tests.store.samples import NOON

OF_THEM = (NUMBER, CUSTOMER, WORDS)
STAYING = {"do_not_call", "consents"}
Test = Callable[[SqlCallStore, Erasures, AsyncEngine], Awaitable[None]]


def on_a_store(url: str, folder: Path, test: Test) -> None:
    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            engine = make_engine(database_url(url))
            try:
                await test(store, store.erasures(folder, "secret"), engine)
            finally:
                await engine.dispose()

    asyncio.run(run())


async def plant(engine: AsyncEngine, planted: dict[str, dict[str, Any]]) -> None:
    async with engine.begin() as connection:
        for name, row in planted.items():
            await connection.execute(insert(tables.tables[name]), [row])


async def kept(engine: AsyncEngine, table: Table) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(select(table))).mappings()]


async def whole(engine: AsyncEngine) -> dict[str, list[dict[str, Any]]]:
    return {table.name: await kept(engine, table) for table in tables.sorted_tables if table.name in FATES}


def text_columns(table: Table) -> set[str]:
    return {each.name for each in table.columns if isinstance(each.type, SafeText | JsonText | String)}


@pytest.mark.parametrize("table", [table for table in tables.sorted_tables if table.name not in OF_THE_HOUSE], ids=str)
def test_every_column_of_text_says_what_an_erasure_makes_of_it(table: Table) -> None:
    personal, ours = set(FATES.get(table.name, {})), OURS.get(table.name, frozenset())
    unknown = text_columns(table) - personal - ours
    assert not unknown, f"say in ivr/store/personal.py what becomes of {unknown}, and plant a caller in tests/store"
    assert personal | ours <= text_columns(table)
    assert not personal & ours


def test_a_caller_is_planted_into_every_column_that_may_hold_one() -> None:
    planted = rows()
    assert set(planted) == set(FATES)
    for table, columns in FATES.items():
        if table == "legal_holds":
            continue  # while theirs is there nothing is erased; that is a test of its own
        for column in columns:
            held = json.dumps(planted[table][column])
            held += outbound_call()["called"] if column == "called" else ""
            assert any(word in held for word in OF_THEM), f"{table}.{column}"


def test_of_a_planted_caller_nothing_is_left_but_their_refusal_and_their_consent(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        await plant(engine, rows())
        await plant(engine, {"calls": outbound_call()})
        certificate = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        for name, found in (await whole(engine)).items():
            if name not in STAYING:
                assert not [word for word in OF_THEM if word in str(found)], name
        erased = certificate["erased"]
        assert {name: erased[name] for name in ("trainer_items", "campaign_cases", "recovery_cases")} == {
            "trainer_items": 1, "campaign_cases": 1, "recovery_cases": 1,
        }  # fmt: skip
        assert [(one["what"], one["rows"]) for one in certificate["stays"]] == [("do_not_call", 1), ("consents", 1)]
        assert (certificate["kept"], certificate["is_complete"]) == ([], True)
        assert not [word for word in OF_THEM if word in json.dumps(certificate)]
        assert (await store.audit.verify()).broken is None

    on_a_store(url, tmp_path, test)


def test_what_is_kept_can_still_be_read_and_counts(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        await plant(engine, rows())
        certificate = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        pseudonym = f"erased:{certificate['erasure_id'][:16]}"
        case = await store.cases.case("r-p1")
        assert (case.customer, case.state, case.outcome, case.remedy) == (pseudonym, "closed", "no_action", "")
        (contact,) = await kept(engine, tables.tables["contacts"])
        facts = json.loads(contact["facts"])["contact"]
        assert (contact["customer"], facts["customer"]) == (pseudonym, pseudonym)
        assert facts["survey"]["answers"] == {"csat": "2"}
        (called,) = await kept(engine, tables.tables["campaign_cases"])
        assert (called["customer"], called["state"], called["alerts"][0]["phones"]) == (pseudonym, "completed", [])
        (card,) = await kept(engine, tables.tables["topic_alerts"])
        assert json.loads(card["facts"])["utterances"] == ["what does a visit cost"]

    on_a_store(url, tmp_path, test)


def test_under_a_legal_hold_every_row_stays_as_it_is(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        await plant(engine, rows())
        await store.holds.put(NUMBER, "fraud case 7", "root")
        before = await whole(engine)
        certificate = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        assert await whole(engine) == before
        assert [next(iter(one)) for one in certificate["kept"]] == [
            "call_id", "campaign_case", "recovery_case", "customer_hash",
        ]  # fmt: skip
        assert {one["reason"] for one in certificate["kept"]} == {"fraud case 7"}

    on_a_store(url, tmp_path, test)


def test_a_held_call_keeps_its_recovery_case_and_the_campaign_that_placed_it(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        planted = rows()
        planted["campaign_attempts"]["call_id"] = "p1"
        await plant(engine, planted)
        await store.holds.put("p1", "fraud case 8", "root")
        before = await whole(engine)
        certificate = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        after = await whole(engine)
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"survey_asked", "customer_values", "customer_scores", "webhook_outbox", "erasures_due"}
        assert [one["because"] for one in certificate["kept"]] == ["legal_hold"] * 3

    on_a_store(url, tmp_path, test)


def test_an_open_case_of_a_campaign_is_kept_until_it_is_settled(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        planted = rows()
        planted["campaign_cases"]["state"] = "scheduled"
        await plant(engine, planted)
        first = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        assert [(one.get("campaign_case"), one["because"]) for one in first["kept"]] == [("k1", "not_over")]
        cases = tables.tables["campaign_cases"]
        assert await eraser.finish_due() == 0
        async with engine.begin() as connection:
            await connection.execute(update(cases).values(state="cancelled", open_key=None))
        assert await eraser.finish_due() == 1, "by itself"
        assert NUMBER not in str(await kept(engine, cases))
        assert await eraser.finish_due() == 0

    on_a_store(url, tmp_path, test)


def test_who_is_on_the_line_is_erased_when_the_call_is_over_and_settled(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        calls = tables.tables["calls"]
        await plant(engine, rows())
        async with engine.begin() as connection:
            await connection.execute(update(calls).values(ended_at_ms=None))
        certificate = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        assert [one["because"] for one in certificate["kept"]] == ["not_over"]
        (noted,) = await kept(engine, tables.tables["erasures_due"])
        assert (noted["number"], noted["reason"]) == (NUMBER, "they asked")
        for ended, done in ((timedelta(0), 0), (SETTLED + timedelta(seconds=1), 1)):
            async with engine.begin() as connection:
                await connection.execute(update(calls).values(ended_at_ms=to_ms(NOON - ended)))
            assert await eraser.finish_due() == done
        for name, found in (await whole(engine)).items():
            if name not in STAYING:
                assert not [word for word in OF_THEM if word in str(found)], name
        assert [
            (one.deed.who, one.deed.action) for one in await store.audit.page(AuditFilter(action="caller.erase"))
        ] == [("ivr", "caller.erase"), ("root", "caller.erase")]

    on_a_store(url, tmp_path, test)


def test_what_waits_for_a_call_to_end_stays_while_a_legal_hold_is_on_them(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        planted = rows()
        planted["campaign_cases"]["state"] = "scheduled"
        await plant(engine, planted)
        assert await eraser.open_cases(Wanted(NUMBER, "they asked", "root")) == ("k1",)
        await store.holds.put(NUMBER, "fraud case 7", "root")
        assert await eraser.is_held(Wanted(NUMBER, "they asked", "root"))
        assert await eraser.open_cases(Wanted(NUMBER, "they asked", "root")) == ()
        held = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        assert (await eraser.finish_due(), held["erasure_id"] in await eraser.since(NOON)) == (0, False)
        await store.holds.lift(NUMBER, "root")
        done = await eraser.erase(Wanted("+15555550199", "somebody else", "root"))
        assert await eraser.since(NOON) == {done["erasure_id"]: done["subject_hash"]}

    on_a_store(url, tmp_path, test)


def test_a_customer_who_calls_from_two_telephones_is_erased_whole_only_when_named(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        second, contact = rows()["calls"], rows()["contacts"]
        await plant(engine, rows())
        await plant(engine, {"calls": second | {"call_id": "p2", "caller": "+4930111111"}})
        await plant(engine, {"contacts": contact | {"contact_id": "p2"}})
        first = await eraser.erase(Wanted(NUMBER, "they asked", "root"))
        assert [one["because"] for one in first["kept"]] == ["shared"]
        assert len(await kept(engine, tables.tables["customer_values"])) == 1
        named = await eraser.erase(Wanted(NUMBER, "they asked", "root", customer=CUSTOMER))
        assert (named["erased"]["calls"], named["kept"]) == (1, [])
        assert await kept(engine, tables.tables["customer_values"]) == []
        assert "+4930111111" not in str(await whole(engine))

    on_a_store(url, tmp_path, test)


def test_our_own_number_is_nobody_so_not_everybody_is_erased(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures, engine: AsyncEngine) -> None:
        await plant(engine, rows())
        certificate = await eraser.erase(Wanted("+15555550100", "a mistake", "root"))
        assert certificate["erased"]["calls"] == 0

    on_a_store(url, tmp_path, test)
