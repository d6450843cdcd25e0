"""Which case gets a line, and which must wait: told by the attempts that the desk begins."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from ivr.campaigns.calls import LiveAttempts
from ivr.campaigns.campaign import Campaign, TransferGuard
from ivr.campaigns.cases import attempt_id
from ivr.campaigns.desk import CampaignDesk
from ivr.model.campaign_ports import CampaignBook, Due
from ivr.model.campaigns import CampaignState, Case
from ivr.model.errors import StoreError
from tests.campaigns.kit import campaigns, until
from tests.campaigns.made import NOON, alert


@dataclass(slots=True)
class HandClock:
    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@dataclass(slots=True)
class Begun:
    """Implements `Durable`; is away so many times."""

    cases: list[str] = field(default_factory=list)
    away: int = 0

    async def begin(self, attempt_id: str, case_id: str) -> None:
        if self.away:
            self.away -= 1
            raise StoreError("away")
        self.cases.append(case_id)


@dataclass(slots=True)
class Shelf:
    """The part of a book that the desk reads at its start."""

    waiting: tuple[Due, ...] = ()

    async def states(self) -> dict[str, CampaignState]:
        return {}

    async def due(self) -> tuple[Due, ...]:
        return self.waiting


@dataclass(slots=True)
class World:
    desk: CampaignDesk
    clock: HandClock
    begun: Begun
    specialists: list[int]
    """On duty, and free."""

    def put(self, *names: str, campaign: str = "fraud_check", **more: Any) -> None:
        """Cases in the order of their names, the first received first."""
        for at, name in enumerate(names):
            received = NOON + timedelta(milliseconds=at)
            self.desk.changed(Case(name, campaign, alert(name, **more), received))

    async def settle(self) -> list[str]:
        """What has begun once the desk has nothing more to begin."""
        self.desk._changed.set()
        for _ in range(20):
            await asyncio.sleep(0)
        return self.begun.cases

    def landed(self, name: str, outcome: Any = "human") -> None:
        self.desk.landed(attempt_id(name, 1), name, None, outcome)


def working(
    act: Callable[[World], Awaitable[None]], lines: int = 50, waiting: tuple[Due, ...] = (), **more: Any
) -> None:
    """A desk with a fraud check as changed by `more`, and the routine campaign `notices`."""

    async def run() -> None:
        found: dict[str, Campaign] = campaigns(guard=None, **more)
        found["notices"] = replace(found["fraud_check"], name="notices", lane="routine", guard=None, most_lines=50)
        clock, begun, specialists = HandClock(), Begun(), [1, 1]
        book = cast(CampaignBook, Shelf(waiting))
        desk = CampaignDesk(
            found, book, LiveAttempts(book, clock), clock, lines, lambda queue: (specialists[0], specialists[1])
        )
        desk.durable = begun
        await desk.load()
        running = asyncio.create_task(desk.run())
        await act(World(desk, clock, begun, specialists))
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(run())


def test_urgent_cases_get_the_lines_that_routine_ones_must_leave() -> None:
    async def act(world: World) -> None:
        world.put(*(f"n{number}" for number in range(20)), campaign="notices")
        assert await world.settle() == [f"n{number}" for number in range(7)]
        world.put("u1", "u2", "u3", "u4")
        assert (await world.settle())[7:] == ["u1", "u2", "u3"]
        world.landed("n0")
        assert (await world.settle())[10:] == ["u4"]

    working(act, lines=10)


def test_a_server_that_stops_calls_nobody_more() -> None:
    async def act(world: World) -> None:
        world.put("a")
        assert await world.settle() == ["a"]
        world.desk.is_stopping = lambda: True
        world.put("b", "c")
        assert await world.settle() == ["a"]
        world.desk.is_stopping = lambda: False
        world.put("d")
        assert sorted(await world.settle()) == ["a", "b", "c", "d"]

    working(act)


def test_a_campaign_has_no_more_lines_and_no_more_calls_a_second_than_it_may() -> None:
    async def act(world: World) -> None:
        world.put("a", "b", "c", "d", "e")
        assert await world.settle() == ["a", "b"]
        world.clock.seconds = 0.5
        assert await world.settle() == ["a", "b", "c"]
        world.clock.seconds = 10.0
        assert await world.settle() == ["a", "b", "c", "d"]

    working(act, per_second=2.0, most_lines=4)


def test_calls_wait_while_those_handed_over_would_find_no_specialist() -> None:
    async def act(world: World) -> None:
        world.put("a", "b", "c", "d")
        assert await world.settle() == ["a", "b"]
        world.specialists[:] = 2, 2
        assert await world.settle() == ["a", "b", "c", "d"]

    async def nobody_on_duty(world: World) -> None:
        world.specialists[:] = 0, 0
        world.put("a", "b", "c", "d")
        assert await world.settle() == ["a", "b", "c", "d"]

    guard = TransferGuard("fraud", share=0.5, allowance=0)
    for each in (act, nobody_on_duty):
        working_with_guard(each, guard)


def working_with_guard(act: Callable[[World], Awaitable[None]], guard: TransferGuard) -> None:
    async def guarded(world: World) -> None:
        found = cast("dict[str, Campaign]", world.desk.campaigns)
        found["fraud_check"] = replace(found["fraud_check"], guard=guard)
        await act(world)

    working(guarded)


def test_a_trunk_that_fails_is_left_alone_and_then_tried_with_one_call() -> None:
    async def act(world: World) -> None:
        world.put("a", "b", "c", "d", "e")
        assert len(await world.settle()) == 5
        for name in ("a", "b", "c", "d", "e"):
            world.landed(name, "network_error")
        world.put("f", "g")
        assert len(await world.settle()) == 5
        world.clock.seconds = 31.0
        assert (await world.settle())[5:] == ["f"]
        world.landed("f")
        assert (await world.settle())[5:] == ["f", "g"]

    working(act)


def test_a_case_whose_deadline_comes_near_passes_those_that_can_wait() -> None:
    async def act(world: World) -> None:
        world.put("first")
        await world.settle()
        world.put("old", "older")
        world.put("expires", expires_at=NOON + timedelta(seconds=400))
        world.clock.seconds = 101.0
        await world.settle()
        world.landed("first")
        assert await world.settle() == ["first", "expires"]

    working(act, most_lines=1)


def test_a_case_that_is_due_later_waits_for_its_time() -> None:
    async def act(world: World) -> None:
        case = Case("k", "fraud_check", alert(), NOON, state="scheduled", next_at=NOON + timedelta(seconds=60))
        world.desk.changed(case)
        assert await world.settle() == []
        world.clock.seconds = 60.0
        assert await world.settle() == ["k"]

    working(act)


def test_a_paused_campaign_keeps_its_cases_waiting() -> None:
    async def act(world: World) -> None:
        world.desk.states["fraud_check"] = "paused"
        world.put("a")
        assert (await world.settle(), world.desk.waiting("fraud_check")) == ([], 1)
        world.desk.states["fraud_check"] = "running"
        assert (await world.settle(), world.desk.waiting("fraud_check")) == (["a"], 0)

    working(act)


def test_an_attempt_that_cannot_be_begun_waits_and_leaves_its_line() -> None:
    async def act(world: World) -> None:
        world.begun.away = 1
        world.put("a")
        await until(lambda: world.begun.away == 0)
        assert await world.settle() == ["a"]
        assert list(world.desk.flying.values()) == ["fraud_check"]

    working(act)


def test_what_an_earlier_run_was_calling_is_taken_up_first() -> None:
    left = Due("left", "fraud_check", "urgent", 0.0, NOON, None, in_progress=True, attempts=2)
    gone = Due("gone", "no_campaign_any_more", "urgent", 0.0, NOON, None)

    async def act(world: World) -> None:
        world.put("new")
        assert await world.settle() == ["left", "new"]

    working(act, waiting=(left, gone))
