"""Sums are kept beside the contacts, made anew where something changed, and reports come to the same either way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from ivr.insight.counting import counted
from ivr.insight.reports import Wanted, figures
from ivr.insight.shifts_from import shifts_from
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import Contact, QueueVisit
from ivr.model.counts import DAY, HOUR, QUARTER
from ivr.model.insight import KeptContact, StepPart
from ivr.model.routing import KeptState
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.rollup_tables import contact_counts, rollup_spans, rollups
from ivr.store.tables import calls
from ivr.web.reporting import Reports
from ivr.wiring.rollups import RollupMaker
from tests.store.samples import NOON, ended_call

UTC = ZoneInfo("UTC")
BEGAN = NOON - timedelta(days=9)
AFTER = NOON + timedelta(days=1)

Test = Callable[[SqlCallStore, RollupMaker, Reports], Awaitable[None]]


def on_a_store(url: str, test: Test) -> None:
    async def run() -> None:
        async with asyncio.timeout(60), open_store(url, utc=lambda: NOON) as store:
            maker = RollupMaker(store.contacts, store.rollups, store.agent_time)
            await test(store, maker, Reports(store.contacts, store.rollups, store.agent_time))

    asyncio.run(run())


def contact(number: int, at: datetime, customer: str = "", **more: object) -> KeptContact:
    queue = "cards" if number % 2 else "sales"
    visit = QueueVisit(queue, at, at + timedelta(seconds=number), "connected" if number % 3 else "abandoned")
    whole = Contact(
        f"c{number}", at, customer=customer, flow="bank", flow_version="v1",
        intent="balance" if number % 2 else "hours", agent="ann" if number % 4 else "bo",
        end_reason="agent_completed", handled_by="agent", visits=(visit,),
        talk_seconds=60.0 + number, answered_by_ivr_at=at, first_contact=True if customer else None,
        survey=SurveyRecord("completed", answers={"csat": str(1 + number % 5)}),
    )  # fmt: skip
    return KeptContact(replace(whole, **more), (StepPart("greet", 1, 2, number % 2),))  # type: ignore[arg-type]


async def kept(store: SqlCallStore, *contacts: KeptContact, came_back: dict[str, datetime] | None = None) -> None:
    for one in contacts:
        await store.finish(ended_call(one.contact.contact_id, arrived_at=one.contact.arrived_at))
    await store.contacts.keep(contacts, came_back or {}, [part for one in contacts for part in counted(one.contact)])


async def assert_reports_agree(store: SqlCallStore, reports: Reports, now: datetime) -> None:
    """Every kind of report, over whole days, parts of them and everything."""
    ways = [
        Wanted(), Wanted("queue"), Wanted("intent"), Wanted("flow_version"), Wanted("agent"), Wanted("hour"),
        Wanted("interval", minutes=60), Wanted("step"), Wanted("agent", queue="cards"), Wanted("hour", agent="bo"),
    ]  # fmt: skip
    for since, until in ((BEGAN - timedelta(days=2), AFTER), (BEGAN + timedelta(minutes=7), NOON - timedelta(days=1))):
        everything = [
            one for one in await store.contacts.read(BEGAN - timedelta(days=3), AFTER, now)
            if since <= one.contact.arrived_at < until
        ]  # fmt: skip
        for wanted in ways:
            found = await reports.report(since, until, wanted, UTC, now)
            exact = figures(everything, (), wanted, UTC)
            assert found.contacts == len(everything)
            assert [key for key, _ in found.groups] == [key for key, _ in exact], wanted
            for (_, mine), (_, theirs) in zip(found.groups, exact, strict=True):
                plain = {name: (one.numerator, one.denominator) for name, one in mine.items() if name in theirs}
                assert plain == {name: (one.numerator, one.denominator) for name, one in theirs.items()}, wanted


def month() -> list[KeptContact]:
    return [contact(number, BEGAN + timedelta(hours=number * 3, minutes=number)) for number in range(60)]


def test_reports_come_to_the_same_before_and_after_anything_is_added_up(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        await kept(store, *month())
        await assert_reports_agree(store, reports, NOON)
        assert await maker.run(NOON) > 60
        assert await maker.run(NOON) == 0, "nothing has changed"
        await assert_reports_agree(store, reports, NOON)
        assert await maker.rebuild(NOON) > 60
        await assert_reports_agree(store, reports, NOON)

    on_a_store(url, test)


def test_what_is_added_up_is_read_and_not_the_contacts(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        await kept(store, *month())
        await maker.run(NOON)
        engine = make_engine(database_url(url))
        async with engine.begin() as connection:
            await connection.execute(delete(contact_counts))
            await connection.execute(delete(calls))
        await engine.dispose()
        day = BEGAN.replace(hour=0, minute=0)
        found = await reports.report(day, day + timedelta(days=8), Wanted("intent", ("offered",)), UTC, NOON)
        assert sum(each["offered"].numerator for _, each in found.groups) == found.contacts > 50

    on_a_store(url, test)


def test_a_survey_that_comes_late_and_a_customer_who_comes_back_change_the_sums(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        young = NOON - timedelta(days=1)
        one, two = contact(1, young, "mia"), contact(2, young + timedelta(minutes=40), "mia", survey=None)
        await kept(store, one)
        await maker.run(NOON)
        await kept(store, two, came_back={"c1": two.contact.arrived_at})
        assert await store.contacts.to_count(NOON, 9) == [], "that counts only when the week is over"
        await maker.run(NOON)

        async def value(name: str, now: datetime = NOON) -> tuple[float, float]:
            found = (await reports.report(young, NOON, Wanted(names=(name,)), UTC, now)).groups[0][1][name]
            return found.numerator, found.denominator

        assert (await value("repeat_contact_rate"), await value("csat")) == ((0, 0), (0, 1))
        late = replace(two, contact=replace(two.contact, survey=SurveyRecord("completed", answers={"csat": "5"})))
        await store.contacts.change([late])
        assert await maker.run(NOON) == 2, "its quarter hour and its hour"
        assert await value("csat") == (1, 2)
        ripe = NOON + timedelta(days=7)
        assert await maker.run(ripe) >= 1
        assert await value("repeat_contact_rate", ripe) == (1, 2), "nobody came back for a week"
        assert await maker.run(ripe + timedelta(days=1)) == 0

    on_a_store(url, test)


def test_who_came_back_and_becomes_known_only_after_the_week_is_counted_once_more(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        one, two = contact(1, BEGAN, "mia"), contact(2, BEGAN + timedelta(hours=1), "mia")
        await kept(store, one)
        await maker.run(NOON)
        await kept(store, two, came_back={"c1": two.contact.arrived_at})
        assert [one.contact.contact_id for one in await store.contacts.to_count(NOON, 9)] == ["c1", "c2"]
        await maker.run(NOON)
        await assert_reports_agree(store, reports, NOON)

    on_a_store(url, test)


def test_a_stretch_that_changes_while_it_is_added_up_is_added_up_again(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        await kept(store, contact(1, BEGAN))
        spans = await store.rollups.to_add_up(QUARTER, NOON, 10)
        await kept(store, contact(2, BEGAN))
        await store.rollups.keep_cells(spans, {"all": []})
        assert [one.begin_s for one in await store.rollups.to_add_up(QUARTER, NOON, 10)] == [spans[0].begin_s]
        await assert_reports_agree(store, reports, NOON)

    on_a_store(url, test)


def test_contacts_of_an_older_version_are_counted_with_the_first_look(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        await kept(store, *month())
        engine = make_engine(database_url(url))
        async with engine.begin() as connection:
            await connection.execute(delete(rollup_spans))
            await connection.execute(update(contact_counts).values(sums=b"", spread=b"", agent="", recount_at_ms=0))
        assert await maker.run(NOON) > 60
        await assert_reports_agree(store, reports, NOON)
        async with engine.connect() as connection:
            assert {one.seconds for one in await connection.execute(select(rollups.c.seconds))} == {QUARTER, HOUR, DAY}
        await engine.dispose()

    on_a_store(url, test)


def test_the_time_of_agents_is_the_same_by_hours_and_from_what_they_did(url: str) -> None:
    async def test(store: SqlCallStore, maker: RollupMaker, reports: Reports) -> None:
        states = ("available", "ringing", "on_call", "on_hold", "on_call", "wrap_up", "break", "offline")
        for number in range(80):
            moment = (BEGAN + timedelta(minutes=37 * number)).timestamp()
            for agent in ("ann", "bo"):
                state = KeptState(agent, states[(number + len(agent)) % 8], since=moment)  # type: ignore[arg-type]
                store.routing.keep_state(state)
        await store.finish(ended_call("behind them"))
        since, until = BEGAN + timedelta(minutes=20), BEGAN + timedelta(hours=49, minutes=10)
        exact = shifts_from(await store.agent_time.changes(since, until), since, until)
        assert list(await reports.shifts(since, until, NOON)) == list(exact)
        await maker.run(NOON)
        found = await reports.shifts(since, until, NOON)
        for mine, theirs in zip(found, exact, strict=True):
            for kind in ("agent", "talk", "hold", "wrap_up", "ring", "idle", "away"):
                assert getattr(mine, kind) == getattr(theirs, kind)

    on_a_store(url, test)
