"""From ended calls in the database to figures over HTTP: made into contacts once, in batches, and never twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ivr.model.errors import StoreError
from ivr.model.insight import FlowFacts, KeptCall
from ivr.model.routing import KeptState
from ivr.store.calls import SqlCallStore
from ivr.store.engine import database_url, make_engine
from ivr.store.migrate import schema_differences
from ivr.web.reporting import Reports
from ivr.web.reports import reports_router
from ivr.web.security import guard_with
from ivr.wiring.contacts import ContactMaker
from tests.databases import new_database
from tests.insight.kept_calls import BANK, NINE, Script, happened
from tests.web.served import KEY, Served, served

LATER = NINE + timedelta(hours=1)
DAY = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}


@dataclass
class Desk:
    web: Served
    maker: ContactMaker

    @property
    def store(self) -> SqlCallStore:
        return self.web.store

    async def kept(self, *calls: KeptCall) -> None:
        for call in calls:
            await self.store.begin(call.record)
            for entry in call.journal:
                self.store.append(call.record.call_id, entry)
            for event in call.routing:
                self.store.routing.note(event)
            await self.store.finish(call.record)

    async def report(self, path: str = "", **query: Any) -> dict[str, Any]:
        found = await self.web.get(f"/api/metrics{path}", params={**DAY, **query})
        assert found.status_code == 200, found.text
        body = found.json()
        assert isinstance(body, dict)
        return body


@asynccontextmanager
async def desk(folder: Path) -> Any:
    async with served(folder) as plain:
        store = plain.store
        reports = Reports(store.contacts, store.rollups, store.agent_time)
        async with served(
            folder / "web",
            routers=[reports_router(reports, guard_with(KEY), "UTC", lambda: LATER)],
        ) as web:
            web.store = store
            yield Desk(web, ContactMaker(store.contacts, store.agent_time, lambda flow: BANK, batch=2))


def at_a_desk(folder: Path, run: Callable[[Desk], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), desk(folder) as it:
            await run(it)

    asyncio.run(whole())


def call(number: int, caller: str = "", at: datetime = NINE, **more: Any) -> KeptCall:
    script = Script(f"c{number}", caller or f"+1555010{number}", at).says("my balance", "hotline.b", "balance")
    return script.call(**more)


def value(report: dict[str, Any], name: str, key: str = "") -> Any:
    group = next(group for group in report["groups"] if group["key"] == key)
    return next(each for each in group["figures"] if each["name"] == name)


def test_calls_become_contacts_once_in_batches_when_they_have_settled(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.kept(*(call(number) for number in range(5)))
        told: list[int] = []
        it.maker.made.append(lambda calls, kept: told.append(len(kept)))
        assert await it.maker.run(NINE + timedelta(seconds=30)) == 0
        assert await it.maker.run(LATER) == 5
        assert told == [2, 2, 1]
        assert await it.maker.run(LATER) == 0
        await it.kept(call(7, at=NINE + timedelta(seconds=-60)))
        assert await it.maker.run(LATER) == 1, "ended a little earlier, written a little later"
        assert len(await it.store.contacts.read(NINE - timedelta(days=1), LATER, LATER)) == 6
        assert await it.store.contacts.read(NINE, LATER, LATER, "shop/other") == []

    at_a_desk(tmp_path, run)


def test_one_call_that_cannot_be_counted_does_not_stop_the_others(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        def facts(flow: str) -> FlowFacts:
            raise KeyError(flow)

        it.maker.facts_of = facts
        await it.kept(call(1), call(2))
        assert await it.maker.run(LATER) == 2
        assert value(await it.report(), "survey_coverage")["denominator"] == 2

    at_a_desk(tmp_path, run)


def test_figures_come_with_formula_numerator_denominator_interval_and_target(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.kept(*(call(number) for number in range(3)))
        await it.maker.run(LATER)
        whole = await it.report()
        assert (whole["contacts"], whole["time_zone"], whole["service_level"]["mode"]) == (3, "UTC", "standard")
        rate = value(whole, "bot_match_rate")
        assert (rate["value"], rate["numerator"], rate["denominator"], rate["on_target"]) == (1.0, 3.0, 3.0, True)
        assert [round(edge, 3) for edge in rate["interval"]] == [0.438, 1.0]
        assert value(whole, "avg_response")["percentiles"] == {"0.5": 1.0, "0.9": 1.0, "0.95": 1.0}
        described = next(each for each in whole["metrics"] if each["name"] == "bot_match_rate")
        assert described["formula"] == "matched_questions / valid_questions"
        steps = await it.report(by="step")
        assert value(steps, "step_visits", "hotline.b")["value"] == 3
        one = await it.report("/asa", by="queue")
        assert one["groups"] == []

    at_a_desk(tmp_path, run)


def test_queues_and_agents_come_from_what_the_routing_wrote(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        begin = NINE.timestamp()
        for after, state in ((0, "available"), (20, "ringing"), (30, "on_call"), (90, "wrap_up"), (120, "available")):
            it.store.routing.keep_state(KeptState("ann", state, since=begin + after))  # type: ignore[arg-type]
        routing = happened(
            "c1", (10, "queue.entered", {}), (30, "queue.connected", {"agent": "ann", "ring": 10.0, "hold": 20.0}),
            (90, "call.completed", {"agent": "ann", "talk": 60.0, "hold": 0.0, "by": "customer"}),
        )  # fmt: skip
        script = Script("c1").says("a person", control="agent")
        script.clock = 90.0
        await it.kept(script.call("agent_completed", *routing, handled_by="both", stats={"queues": ["cards"]}))
        await it.maker.run(LATER)
        queues = await it.report(by="queue")
        assert [value(queues, name, "cards")["value"] for name in ("offered", "service_level", "asa")] == [1, 1.0, 20.0]
        agents = await it.report(by="agent", names="aht,occupancy")
        assert value(agents, "aht", "ann")["value"] == 90.0
        assert value(agents, "occupancy", "ann")["numerator"] == 90.0

    at_a_desk(tmp_path, run)


def test_who_comes_back_within_a_week_was_not_served_at_first(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.kept(call(1, "+15550100"), call(2, "+15550100", NINE + timedelta(minutes=20)), call(3, "+15550199"))
        await it.maker.run(LATER)
        kept = await it.store.contacts.read(NINE, LATER, NINE + timedelta(days=8))
        assert [(one.contact.contact_id, one.contact.first_contact, one.contact.repeated) for one in kept] == [
            ("c1", True, True), ("c3", True, False), ("c2", False, False),
        ]  # fmt: skip
        young = await it.store.contacts.read(NINE, LATER, LATER)
        assert [one.contact.repeated for one in young] == [None, None, None], "a share of failures alone would be 0 %"

    at_a_desk(tmp_path, run)


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        for path, status in (
            ("/api/metrics?time_zone=Mars/Base", 400), ("/api/metrics?names=nothing", 404), ("/api/metrics/none", 404),
            ("/api/metrics?since=2026-11-20T00:00:00Z&until=2026-11-19T00:00:00Z", 400),
            ("/api/metrics?since=2026-01-20T00:00:00Z&until=2026-11-19T00:00:00Z", 400),
            ("/api/metrics?by=interval&minutes=7", 400), ("/api/metrics/registry", 200),
        ):  # fmt: skip
            assert (await it.web.get(path)).status_code == status, path
        assert (await it.web.http.get("/api/metrics")).status_code == 401

    at_a_desk(tmp_path, run)


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.kept(call(1))
        engine = make_engine(database_url(new_database(tmp_path / "ivr.db")))
        assert await schema_differences(engine) == []
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE contacts")
        await engine.dispose()
        for failing in (it.maker.run(LATER), it.store.contacts.keep([], {"c1": NINE})):
            try:
                await failing
            except StoreError:
                continue
            raise AssertionError("it went on as if nothing were wrong")

    at_a_desk(tmp_path, run)
