"""What goes on after calls by itself: overdue cases escalate level by level, missed calls are judged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from ivr.config import Config, Store
from ivr.config_surveys import Recovery, Survey
from ivr.environment import Environment
from ivr.model.calls import SurveyRecord
from ivr.model.errors import ConfigError
from ivr.model.recovery import RecoveryCase
from ivr.store.calls import open_store
from ivr.store.customer_values import CustomerFacts
from ivr.surveys.recovery import contacted
from ivr.web.live import LiveCalls
from ivr.wiring.durable import durable
from ivr.wiring.recovery import RecoveryDesk, escalate_overdue, judge_missed, recovering, rescore_customers
from ivr.wiring.surveys import SurveyDesk
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call

HOUR = timedelta(hours=1)


@dataclass
class SetClock:
    at: datetime = NOON

    def now(self) -> float:
        return self.at.timestamp()

    def utc(self) -> datetime:
        return self.at


@dataclass
class Desk:
    desk: RecoveryDesk
    clock: SetClock
    seen: list[tuple[str, str]] = field(default_factory=list)

    async def go(self, workflow: Any) -> None:
        await workflow(self.clock.at, None)


@asynccontextmanager
async def at_work(folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    clock, live = SetClock(), LiveCalls()
    config = Config(store=Store(path=folder / "ivr.db"))
    recovery = Recovery(escalate_to=["eve", "max"], **settings)
    async with open_store(new_database(folder / "ivr.db"), utc=clock.utc) as store:
        surveys = SurveyDesk(Survey(), recovery, store.surveys, store.cases, clock)
        desk = RecoveryDesk(recovery, store.cases, surveys, store.values, live, clock)
        found = Desk(desk, clock)
        desk.live.happened = lambda kind, call_id, **fields: found.seen.append((kind, call_id))  # type: ignore[method-assign]
        async with recovering(desk), durable(config, Environment()):
            yield found


def case(**changes: object) -> RecoveryCase:
    whole = RecoveryCase("r-c1", "c1", "+861", ("low_score",), NOON, NOON + HOUR, "ann", "bob")
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_an_overdue_case_goes_one_level_up_at_a_time_and_is_told(tmp_path: Path) -> None:
    async def run() -> None:
        async with at_work(tmp_path) as found:
            cases = found.desk.cases
            await cases.open(case())
            await found.go(escalate_overdue)
            assert found.seen == []
            found.clock.at = NOON + HOUR
            await found.go(escalate_overdue)
            await found.go(escalate_overdue)
            assert ((await cases.case("r-c1")).owner, found.seen) == ("eve", [("recovery_case_escalated", "c1")])
            found.clock.at = NOON + 2 * HOUR
            await found.go(escalate_overdue)
            assert (await cases.case("r-c1")).owner == "max"
            await cases.change("r-c1", lambda known: contacted(known, NOON))
            found.clock.at = NOON + 9 * HOUR
            await found.go(escalate_overdue)
            assert ((await cases.case("r-c1")).escalations, len(found.seen)) == (2, 2)

    asyncio.run(run())


def test_a_call_that_nobody_judged_is_judged_later_and_a_low_score_opens_its_case(tmp_path: Path) -> None:
    async def run() -> None:
        url = new_database(tmp_path / "ivr.db")
        async with at_work(tmp_path, owners=["bob", "ann"]) as found, open_store(url, node="other") as store:
            low = SurveyRecord("completed", "", {"csat": "2", "resolved": "yes", "comment": "我要投诉"})
            await store.begin(live_call("c9"))
            await store.finish(ended_call("c9", survey=low, stats={"agents": ["bob"], "queues": ["desk"]}))
            found.clock.at = NOON + HOUR
            await found.go(judge_missed)
            await found.go(judge_missed)
            kept = await found.desk.cases.case("r-c9")
            assert (kept.reasons, kept.owner, kept.agent) == (("low_score", "complaint"), "ann", "bob")
            assert found.seen == [("recovery_case", "c9")]

    asyncio.run(run())


def test_customers_are_scored_up_at_once_and_down_after_two(tmp_path: Path) -> None:
    async def run() -> None:
        async with at_work(tmp_path) as found:
            values = found.desk.values
            everybody = [CustomerFacts(f"k{n}", "crm", money=float(n), recency_days=100.0 - n) for n in range(100)]
            await values.keep_facts([*everybody, CustomerFacts("empty", "crm")])
            await found.go(rescore_customers)
            assert (await values.standing("k99")).tier == "vip"
            assert (await values.standing("k50")).tier == "standard"
            assert (await values.standing("empty")).history == ()
            await values.keep_facts([CustomerFacts("k99", "crm", money=-1.0, recency_days=900.0)])
            tiers = []
            for months in (1, 2):
                found.clock.at = NOON + months * timedelta(days=30)
                await found.go(rescore_customers)
                tiers.append((await values.standing("k99")).tier)
            assert tiers == ["vip", "standard"]
            assert len((await values.standing("k99")).history) == 3

    asyncio.run(run())


WITNESS: list[str] = []
MOVED: list[asyncio.Event] = []
"""Set whenever a workflow comes further."""


def witness(what: str) -> None:
    WITNESS.append(what)
    for event in MOVED:
        event.set()


@DBOS.workflow()
async def two_steps(what: str) -> None:
    await one_step(f"{what} begins")
    if WITNESS.count(f"{what} begins") == 1 and "crash" not in WITNESS:
        witness("crash")
        await asyncio.Event().wait()  # where the program dies
    await one_step(f"{what} ends")


@DBOS.step()
async def one_step(what: str) -> None:
    witness(what)


def test_what_a_crash_interrupts_goes_on_at_the_next_start_and_does_nothing_twice(tmp_path: Path) -> None:
    config = Config(store=Store(path=tmp_path / "ivr.db"))
    WITNESS.clear()

    async def until(what: str) -> None:
        MOVED[:] = [asyncio.Event()]
        async with asyncio.timeout(60):
            while what not in WITNESS:
                MOVED[0].clear()
                await MOVED[0].wait()

    async def first() -> None:
        async with durable(config, Environment()):
            await DBOS.start_workflow_async(two_steps, "work")
            await until("crash")

    async def second() -> None:
        async with durable(config, Environment()):
            await until("work ends")

    asyncio.run(first())
    asyncio.run(second())
    assert WITNESS == ["work begins", "crash", "work ends"]


def test_one_program_keeps_the_promises_of_one_call_centre(tmp_path: Path) -> None:
    config = Config(store=Store(path=tmp_path / "ivr.db"))

    async def run() -> None:
        async with durable(config, Environment()):
            with pytest.raises(ConfigError, match="one call centre at a time"):
                async with durable(config, Environment()):
                    pass
        assert await asyncio.to_thread(lambda: "threads still work") == "threads still work"

    asyncio.run(run())
