"""A generated history: the same from the same seed, as the server itself would have written it, and told apart."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.history.calls import feelings
from ivr.history.plan import Planned, planned
from ivr.history.rows import TABLES, columns_of, family_of, marked, rows_of_calls, written
from ivr.history.staff import SHIFT, staff_for
from ivr.history.world import LINES
from ivr.history.writing import History, refuse_real_calls, write_history
from ivr.insight.reports import Wanted
from ivr.insight.shifts_from import shifts_from
from ivr.model.errors import NotNow
from ivr.store.archive import CallFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.flow_versions import open_engine
from ivr.store.insight_tables import contacts
from ivr.store.satisfied import SatisfactionBook
from ivr.store.tables import calls, tables
from ivr.web.reporting import Reports
from ivr.web.survey_figures import kano_of
from ivr.wiring.contacts import ContactMaker
from ivr.wiring.rollups import RollupMaker
from tests.postgres import database_for
from tests.store.samples import ended_call

UNTIL = datetime(2026, 11, 20, 18, tzinfo=UTC)
DAYS = 9
ROOT = Path(__file__).parents[2]


def some(calls: int = 600, seed: int = 4) -> list[Planned]:
    return planned(calls, UNTIL, DAYS, seed, staff_for(calls / DAYS, random.Random(seed)))


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    first, again = (rows_of_calls(marked(some(80), UNTIL - timedelta(days=3)), UNTIL) for _ in range(2))
    assert first == again
    assert {row[0] for row in first["calls"]}.isdisjoint(call.call_id for call in some(80, seed=5))


def test_calls_follow_the_hours_of_the_week_and_end_in_many_ways() -> None:
    drawn = some(4000)
    by_hour = Counter(call.at.hour for call in drawn)
    assert by_hour[10] > 5 * by_hour[4]
    assert {call.ending for call in drawn} == {"bot", "left", "agent"}
    assert {call.talk.outcome for call in drawn if call.talk} >= {"connected", "abandoned", "closed"}
    assert 0.05 < sum(call.again for call in drawn) / len(drawn) < 0.4
    assert {call.language for call in drawn} == {"en", "zh"}
    assert [call.at for call in drawn] == sorted(call.at for call in drawn)


def test_nobody_talks_with_two_callers_at_once() -> None:
    staff = staff_for(4000 / DAYS, random.Random(4))
    drawn = planned(4000, UNTIL, DAYS, 4, staff)
    talks: dict[str, list[tuple[datetime, datetime]]] = {}
    for call in drawn:
        if call.talk and call.talk.agent:
            begun = call.at + timedelta(seconds=call.bot_seconds + call.talk.wait)
            talks.setdefault(call.talk.agent, []).append(
                (begun, begun + timedelta(seconds=call.talk.talk + call.talk.hold))
            )
    assert len(talks) > 5
    for mine in talks.values():
        mine.sort()
        assert all(end <= begin for (_, end), (begin, _) in zip(mine, mine[1:], strict=False))
    since = UNTIL - timedelta(days=DAYS)
    for shift in shifts_from(staff.changes, since, UNTIL):
        assert shift.logged_in <= DAYS * SHIFT.total_seconds() * 1.2


def test_what_is_said_of_a_call_beforehand_is_what_counting_finds() -> None:
    drawn = some(300)
    rows = rows_of_calls(marked(drawn, UNTIL - timedelta(days=1)), UNTIL)
    names = written(contacts)
    found = {row[names.index("contact_id")]: row[names.index("issue_family")] for row in rows["contacts"]}
    assert found == {call.call_id: family_of(call) for call in drawn}
    assert len(rows["surveys"]) == len(drawn)
    assert 0 < len({row[0] for row in rows["journal"]}) < len(drawn) / 2


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return database_for(request, tmp_path)


async def told(store: SqlCallStore, wanted: Wanted) -> dict[str, dict[str, tuple[float, float]]]:
    reports = Reports(store.contacts, store.rollups, store.agent_time)
    found = await reports.report(UNTIL - timedelta(days=DAYS), UNTIL, wanted, UTC, UNTIL)
    # Sums of the same seconds in another order differ in their last digits.
    return {
        key: {name: (round(one.numerator, 6), round(one.denominator, 6)) for name, one in each.items()}
        for key, each in found.groups
    }


def test_the_server_makes_the_same_contacts_of_the_calls_and_reports_are_added_up(url: str) -> None:
    async def run() -> None:
        async with asyncio.timeout(90), open_store(url) as store:
            engine = make_engine(database_url(url))
            await refuse_real_calls(engine)
            history = History(250, DAYS, UNTIL, seed=4, journal_days=DAYS)
            written_calls = await write_history(engine, history, 1, lambda done, of: None)
            maker = RollupMaker(store.contacts, store.rollups, store.agent_time)
            assert await maker.catch_up(UNTIL) > 9
            whole, agents = await told(store, Wanted("flow")), await told(store, Wanted("agent"))
            assert sum(one["access_rate"][1] for one in whole.values()) == written_calls
            assert await maker.rebuild(UNTIL) > 9
            assert (await told(store, Wanted("flow")), await told(store, Wanted("agent"))) == (whole, agents)
            with pytest.raises(NotNow, match="generated"):
                await refuse_real_calls(engine)
            await made_again(store, written_calls)
            await store.finish(ended_call("real"))
            with pytest.raises(NotNow, match="real calls"):
                await refuse_real_calls(engine)
            await engine.dispose()

    async def made_again(store: SqlCallStore, written_calls: int) -> None:
        """The server's own way from the calls to the contacts comes to what was generated."""
        page = await store.archive.page(CallFilter(limit=1))
        before = await store.contacts.called([page.calls[0].call_id], UNTIL)
        engine = make_engine(database_url(url))
        async with engine.begin() as connection:
            await connection.execute(contacts.delete().where(contacts.c.contact_id == page.calls[0].call_id))
            assert await connection.scalar(select(func.count()).select_from(calls)) == written_calls
        await engine.dispose()
        facts = {line.flow: line.facts for line in LINES}
        remade = ContactMaker(store.contacts, store.agent_time, facts.__getitem__)
        await store.contacts.keep_mark("contacts", (UNTIL - timedelta(days=1)).isoformat())
        assert await remade.run(UNTIL + timedelta(hours=1)) == 1
        after = await store.contacts.called([page.calls[0].call_id], UNTIL)
        assert (after[0].steps, after[0].contact.visits, after[0].contact.bot) == (
            before[0].steps, before[0].contact.visits, before[0].contact.bot,
        )  # fmt: skip

    asyncio.run(run())


def test_every_row_has_the_columns_of_its_table() -> None:
    rows = rows_of_calls(marked(some(40), UNTIL - timedelta(days=9)), UNTIL)
    assert {table.name for table in TABLES} == set(rows)
    for table in TABLES:
        assert {len(row) for row in rows[table.name]} <= {len(written(table))}
    assert tables.tables["queue_events"].c.id.name not in written(tables.tables["queue_events"])
    assert columns_of(tables.tables["flow_live"], dict.fromkeys(tables.tables["flow_live"].c.keys(), "x"))


def test_the_command_fills_a_database_and_refuses_to_do_it_twice(tmp_path: Path) -> None:
    def ran(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ivr", "generate-history", "--calls", "60", "--days", "2", *more]
        environment = {**os.environ, "IVR_DATABASE_URL": sqlite_url(tmp_path / "h.db")}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)

    first, second = ran("--until", "2026-11-20T18:00"), ran()
    assert (first.returncode, second.returncode) == (0, 2), first.stderr
    assert "reports are added up" in first.stdout
    assert "--among-real-calls" in second.stderr

    async def tiers() -> Mapping[str, int]:
        async with open_engine(sqlite_url(tmp_path / "h.db")) as engine:
            return await SatisfactionBook(engine).tiers()

    assert asyncio.run(tiers())["vip"] >= 1
    assert sum(asyncio.run(tiers()).values()) >= 20


def test_features_are_asked_about_and_come_to_what_they_are() -> None:
    pairs = [feelings(random.Random(seed)) for seed in range(900)]
    found = kano_of(pairs)
    assert {name: one.category for name, one in found.items()} == {"wait": "A", "same_person": "O", "callback": "M"}
    assert not any(one.faults for one in found.values())
