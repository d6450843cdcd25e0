"""The audit is a chain: what is in it cannot be changed, taken out or put in unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.audit import GENESIS, AuditEntry, Break, ChainEnd, Deed, check, check_end
from ivr.model.errors import StoreError
from ivr.store.audit import AuditFilter, AuditLog
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.flow_versions import By, FlowVersion
from ivr.store.migrate import _config, upgrade
from tests.store.samples import NOON, ended_call

LOOK = Deed("key:ab", "call.read", "c1", "127.0.0.1")


def chain(length: int) -> list[AuditEntry]:
    end, entries = ChainEnd(), []
    for number in range(length):
        entries.append(end.add(number, Deed("amy", "call.read", f"c{number}", detail={"n": number})))
        end = ChainEnd(entries[-1].number, entries[-1].hash)
    return entries


def first_break(entries: list[AuditEntry]) -> Break | None:
    end = ChainEnd()
    for entry in entries:
        if broken := check(end, entry):
            return broken
        end = ChainEnd(entry.number, entry.hash)
    return None


def test_an_entry_is_bound_to_all_it_says_and_to_the_one_before() -> None:
    first, second = chain(2)
    assert (first.number, first.previous, second.previous) == (1, GENESIS, first.hash)
    assert len(first.hash) == 64
    deed = first.deed
    for other in (
        replace(first, at_ms=9), replace(first, number=9), replace(first, previous="1" * 64),
        replace(first, deed=replace(deed, who="x")), replace(first, deed=replace(deed, action="x")),
        replace(first, deed=replace(deed, subject="x")), replace(first, deed=replace(deed, address="x")),
        replace(first, deed=replace(deed, detail={"n": 9})),
    ):  # fmt: skip
        assert other.computed() != first.hash


def test_the_first_entry_that_is_wrong_is_named() -> None:
    whole = chain(5)
    assert first_break(whole) is None
    forged = replace(whole[2], deed=replace(whole[2].deed, who="eve"))
    assert first_break([*whole[:2], forged, *whole[3:]]) == Break(3, "changed")
    # Rehashed, so that it fits itself: the next one remembers another.
    rehashed = replace(forged, hash=forged.computed())
    assert first_break([*whole[:2], rehashed, *whole[3:]]) == Break(3, "changed")
    assert first_break([*whole[:2], *whole[3:]]) == Break(3, "missing")
    assert first_break(whole[1:]) == Break(1, "missing")
    assert first_break([whole[0], whole[0]]) == Break(2, "added")
    headless = replace(whole[0], previous="1" * 64)
    assert first_break([replace(headless, hash=headless.computed())]) == Break(1, "changed")


def test_the_end_of_the_chain_is_held_against_what_was_noted() -> None:
    whole = chain(3)
    end = ChainEnd(3, whole[2].hash)
    assert check_end(end, end) is None
    assert check_end(ChainEnd(2, whole[1].hash), end) == Break(3, "cut")
    assert check_end(end, ChainEnd(2, whole[1].hash)) == Break(3, "added")
    assert check_end(end, ChainEnd(3, "0" * 64)) == Break(3, "changed")


def with_store(url: str, act: Callable[[SqlCallStore, AsyncEngine], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = make_engine(database_url(url))
        async with open_store(url, utc=lambda: NOON) as store:
            await act(store, engine)
        await engine.dispose()

    asyncio.run(run())


async def tampered(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(statement)


def test_looks_and_deeds_are_one_chain_without_gaps(url: str) -> None:
    async def act(store: SqlCallStore, engine: AsyncEngine) -> None:
        await store.keep_look("key:ab", "call.read", "c1\0", "127.0.0.1")
        await store.audit.keep(
            Deed("amy", "login", "amy"), Deed("\ud800", "x", detail={"n": 1, "on": True, "t": "a\0"})
        )
        await store.finish(ended_call())
        entries = await store.audit.page(AuditFilter())
        assert [entry.number for entry in entries] == [3, 2, 1]
        assert entries[2].deed.subject == "c1\ufffd"
        assert entries[0].deed == Deed("?", "x", "", "", {"n": 1, "on": True, "t": "a\ufffd"})
        verdict = await store.audit.verify()
        assert (verdict.entries, verdict.broken, verdict.end) == (3, None, ChainEnd(3, entries[0].hash))

    with_store(url, act)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE number = 3", Break(3, "changed")),
        ("UPDATE audit SET detail = '{\"n\":2}' WHERE number = 2", Break(2, "changed")),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 1", Break(1, "changed")),
        ("DELETE FROM audit WHERE number = 2", Break(2, "missing")),
        ("DELETE FROM audit WHERE number = 1", Break(1, "missing")),
        ("DELETE FROM audit WHERE number > 3", Break(4, "cut")),
        ("DELETE FROM audit", Break(1, "cut")),
        ("UPDATE audit SET number = 9 WHERE number = 5", Break(5, "missing")),
        ("UPDATE audit SET hash = previous WHERE number = 5", Break(5, "changed")),
        ("UPDATE audit_end SET number = 4", Break(5, "added")),
        ("UPDATE audit_end SET hash = ''", Break(5, "changed")),
        ("DELETE FROM audit_end", Break(1, "added")),
        ("INSERT INTO audit SELECT 0, at_ms, who, action, subject, address, detail, previous, hash FROM audit "
         "WHERE number = 1", Break(1, "added")),
    ],
)  # fmt: skip
def test_tampering_is_found_and_named(url: str, statement: str, found: Break) -> None:
    async def act(store: SqlCallStore, engine: AsyncEngine) -> None:
        await store.audit.keep(*(replace(LOOK, subject=f"c{number}", detail={"n": 1}) for number in range(5)))
        assert (await store.audit.verify()).broken is None
        await tampered(engine, statement)
        verdict = await store.audit.verify()
        assert (verdict.broken, verdict.entries) == (found, found.number - 1)

    with_store(url, act)


def test_a_whole_new_chain_does_not_end_as_the_one_that_was_noted(url: str) -> None:
    async def act(store: SqlCallStore, engine: AsyncEngine) -> None:
        await store.audit.keep(LOOK, LOOK, LOOK)
        noted = (await store.audit.verify()).end
        await store.audit.keep(LOOK)
        assert (await store.audit.verify(noted)).broken is None
        await tampered(engine, "DELETE FROM audit")
        await tampered(engine, f"UPDATE audit_end SET number = 0, hash = '{GENESIS}'")
        assert (await store.audit.verify(noted)).broken == Break(1, "cut")
        await store.audit.keep(*(replace(LOOK, who="eve") for _ in range(4)))
        assert (await store.audit.verify()).broken is None
        assert (await store.audit.verify(noted)).broken == Break(3, "changed")

    with_store(url, act)


def test_several_writers_never_fork_the_chain(url: str) -> None:
    async def run() -> None:
        async with open_store(url, node="a") as one, open_store(url, node="b") as other:
            looks = [
                store.keep_look("key:ab", "call.read", f"c{number}", "")
                for store in (one, other)
                for number in range(20)
            ]
            flows = [
                store.flows.publish(FlowVersion("shop", str(number), {"a": "b"}), By("amy"))
                for number, store in enumerate((one, other, one, other))
            ]
            await asyncio.gather(*looks, *flows, *(one.audit.keep(LOOK) for _ in range(5)))
            verdict = await one.audit.verify()
            assert (verdict.entries, verdict.broken) == (49, None)

    asyncio.run(run())


def test_the_audit_is_filtered_and_paged(url: str) -> None:
    async def act(store: SqlCallStore, engine: AsyncEngine) -> None:
        await store.audit.keep(LOOK, replace(LOOK, action="call.journal"), Deed("amy", "login", "amy"), LOOK)

        async def numbers(wanted: AuditFilter) -> list[int]:
            return [entry.number for entry in await store.audit.page(wanted)]

        assert await numbers(AuditFilter(who="amy")) == [3]
        assert await numbers(AuditFilter(action="call.")) == [4, 2, 1]
        assert await numbers(AuditFilter(action="call.read")) == [4, 1]
        assert await numbers(AuditFilter(subject="c1", limit=2)) == [4, 2]
        assert await numbers(AuditFilter(before=2)) == [1]
        assert await numbers(AuditFilter(since=NOON)) == [4, 3, 2, 1]
        assert await numbers(AuditFilter(until=NOON)) == []

    with_store(url, act)


def test_nothing_is_shown_or_published_when_the_chain_cannot_go_on(url: str) -> None:
    async def act(store: SqlCallStore, engine: AsyncEngine) -> None:
        await tampered(engine, "DELETE FROM audit_end")
        with pytest.raises(StoreError, match="nothing is shown"):
            await store.keep_look("key:ab", "call.read", "c1", "")
        with pytest.raises(StoreError, match="ivr audit verify"):
            await store.flows.publish(FlowVersion("shop", "1", {"a": "b"}), By("amy"))
        assert await store.flows.live() == {}
        await store.finish(ended_call())
        assert (await store.archive.call("c1")).call_id == "c1"

    with_store(url, act)


def test_what_was_noted_before_the_chain_is_chained_and_can_be_taken_back(bare_url: str) -> None:
    async def run() -> None:
        engine = make_engine(database_url(bare_url))
        async with engine.begin() as connection:
            await connection.run_sync(lambda plain: command.upgrade(_config(plain), "0002"))
            for number in (3, 7, 8):
                await connection.execute(text(
                    "INSERT INTO audit (id, at_ms, who, action, subject, address) "
                    f"VALUES ({number}, {number}, 'key:ab', 'call.read', 'c{number}', '')"
                ))  # fmt: skip
        await upgrade(engine)
        log = AuditLog(engine, lambda: NOON)
        await log.keep(LOOK)
        assert [(entry.number, entry.deed.subject) for entry in await log.page(AuditFilter())] == [
            (4, "c1"), (3, "c8"), (2, "c7"), (1, "c3"),
        ]  # fmt: skip
        assert (await log.verify()).broken is None
        async with engine.begin() as connection:
            await connection.run_sync(lambda plain: command.downgrade(_config(plain), "0002"))
            rows = (await connection.execute(text("SELECT id, subject FROM audit ORDER BY id"))).all()
        assert [tuple(row) for row in rows] == [(1, "c3"), (2, "c7"), (3, "c8"), (4, "c1")]
        await upgrade(engine)
        assert (await log.verify()).entries == 4
        await engine.dispose()

    asyncio.run(run())
