"""Several servers on one database: one dispatches the queues, and another takes over when it is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ivr.config import Config
from ivr.model.commands import JoinQueue
from ivr.model.errors import CallFailed, NotNow, StoreError
from ivr.model.events import CallerHungUp, QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import Line
from ivr.routing.happenings import AgentLoggedIn
from ivr.store.calls import open_store
from ivr.wiring.leading import Lock
from ivr.wiring.routing import open_routing
from tests.call.fakes import ToneVoice
from tests.databases import new_database
from tests.routing.fakes import Caller
from tests.wiring.test_routing import CONFIG, DeskLine, Sitter

SETTINGS = Config.model_validate(CONFIG)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the other server tells nobody
            await asyncio.sleep(0.01)


class Server:
    """One of several on a database, until it stops."""

    def __init__(self, folder: Path, name: str = "a", lock: Lock | None = None) -> None:
        self._url, self._name, self._lock = new_database(folder / "ivr.db"), name, lock
        self._open = AsyncExitStack()

    async def start(self) -> "Server":
        async with self._open as opening:
            store = await opening.enter_async_context(open_store(self._url, node=self._name))
            lock = self._lock or store.lock("routing")
            routing = open_routing(SETTINGS, store.routing, ToneVoice(), lock=lock)
            self.wires = await opening.enter_async_context(routing)
            self._open = opening.pop_all()
        self.lead, self.dispatcher = self.wires.lead, self.wires.dispatcher
        self.lead.look_seconds = 0.02
        return self

    async def stop(self) -> None:
        self.dispatcher.keep_places()
        await self._open.aclose()


def within(run: Awaitable[None]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60):
            await run

    asyncio.run(whole())


async def answers(server: Server, agent: str, *, and_hangs_up: bool = True) -> list[DeskLine]:
    """Somebody at work at this server, who answers whatever rings: their lines."""
    lines: list[DeskLine] = []

    async def desk(offer_id: str, handoff: Handoff, seconds: float) -> Line:
        lines.append(DeskLine())
        if and_hangs_up:
            lines[-1].arrivals.put_nowait(CallerHungUp("caller"))
        return lines[-1]

    server.wires.telephones.desks[agent] = desk
    await server.dispatcher.ask(AgentLoggedIn(agent, available=True))
    return lines


def test_one_of_two_servers_dispatches_and_the_other_says_that_it_stands_by(tmp_path: Path) -> None:
    async def run() -> None:
        first, second = await Server(tmp_path, "a").start(), await Server(tmp_path, "b").start()
        assert [one.lead.ours.is_set() for one in (first, second)] == [True, False]
        assert (await first.lead.ready(), await second.lead.ready()) == (
            "", "another server dispatches the queues; this one takes over if it goes",
        )  # fmt: skip
        assert (set(first.dispatcher.centre.floor.agents), second.dispatcher.centre.floor.agents) == (
            {"ann", "mute"},
            {},
        )
        with pytest.raises(NotNow, match="stands by"):
            await second.dispatcher.ask(AgentLoggedIn("ann"))
        second.lead.wait_seconds = 0.01
        assert await second.lead.join("c1", JoinQueue("general"), Caller("c1")) == QueueLeft("closed")
        await second.stop()
        await first.stop()

    within(run())


def test_when_the_first_is_gone_the_second_takes_over_with_places_kept_and_callers_who_came_meanwhile(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        first, second = await Server(tmp_path, "a").start(), await Server(tmp_path, "b").start()
        await first.dispatcher.ask(AgentLoggedIn("ann", available=True))
        rung = asyncio.Event()

        async def never(offer_id: str, handoff: Handoff, seconds: float) -> Line:
            rung.set()
            raise CallFailed("no_answer")

        first.wires.telephones.desks["ann"] = never
        cut_off = asyncio.create_task(first.lead.join("c1", JoinQueue("general"), Caller("c1", "+15555550101")))
        async with asyncio.timeout(60):
            await rung.wait()
        (place,) = first.dispatcher.centre.floor.entries.values()
        came_at = place.enqueued_at
        meanwhile = asyncio.create_task(second.lead.join("c2", JoinQueue("general"), Sitter("c2", "+15555550102")))
        await first.stop()
        cut_off.cancel()
        await until(second.lead.ours.is_set)
        again = asyncio.create_task(second.lead.join("c3", JoinQueue("general"), Sitter("c3", "+15555550101")))
        await until(lambda: len(second.dispatcher.centre.floor.entries) == 2)
        place_of = {one.call_id: one.enqueued_at for one in second.dispatcher.centre.floor.entries.values()}
        assert place_of["c3"] == pytest.approx(came_at, abs=0.002)
        assert place_of["c2"] > place_of["c3"]
        await answers(second, "ann")
        assert [await again, await meanwhile] == [QueueLeft("connected", "ann")] * 2
        await asyncio.gather(cut_off, return_exceptions=True)
        await second.stop()

    within(run())


class Session:
    """A lock in a database session that a test breaks; others may take it then."""

    def __init__(self) -> None:
        self.is_ours, self.is_away, self.is_taken = False, False, False
        self.looks = 0

    async def try_acquire(self) -> bool:
        self._asked()
        self.is_ours = not self.is_taken
        return self.is_ours

    async def is_held(self) -> bool:
        self._asked()
        return self.is_ours

    def _asked(self) -> None:
        self.looks += 1
        if self.is_away:
            raise StoreError("away")


def test_who_loses_the_lead_lets_callers_go_on_and_talks_come_to_their_end(tmp_path: Path) -> None:
    async def run() -> None:
        lock = Session()
        server = await Server(tmp_path, lock=lock).start()
        lines, talker, waiter = await answers(server, "ann", and_hangs_up=False), Sitter("c1"), Caller("c2")
        talking = asyncio.create_task(server.lead.join("c1", JoinQueue("general"), talker))
        while (await talker.told.get()).__class__.__name__ != "AgentJoined":
            pass
        waiting = asyncio.create_task(server.lead.join("c2", JoinQueue("general"), waiter))
        await until(lambda: len(server.dispatcher.centre.floor.entries) == 2)
        lock.is_ours, lock.is_taken = False, True
        assert await waiting == QueueLeft("closed")
        assert (server.dispatcher.stands_by, server.dispatcher.centre.floor.agents) == (True, {})
        lines[0].arrivals.put_nowait(CallerHungUp("caller"))
        assert (await talking).outcome == "connected"
        lock.is_taken = False
        await until(server.lead.ours.is_set)
        assert set(server.dispatcher.centre.floor.agents) == {"ann", "mute"}
        await server.stop()

    within(run())


@pytest.mark.parametrize("comes_back", ["held", "free"])
def test_while_the_database_is_away_whoever_dispatches_goes_on(tmp_path: Path, comes_back: str) -> None:
    async def run() -> None:
        lock = Session()
        server = await Server(tmp_path, lock=lock).start()
        lock.is_away = True
        await until(lambda before=lock.looks: lock.looks > before + 2)  # type: ignore[misc]
        assert (server.lead.ours.is_set(), await server.lead.ready()) == (True, "")
        lock.is_away, lock.is_ours = False, comes_back == "held"
        await until(lambda before=lock.looks: lock.looks > before + 2)  # type: ignore[misc]
        assert (server.lead.ours.is_set(), lock.is_ours, set(server.dispatcher.centre.floor.agents)) == (
            True, True, {"ann", "mute"},
        )  # fmt: skip
        await server.stop()

    within(run())


def test_a_caller_may_leave_while_it_is_not_known_who_dispatches(tmp_path: Path) -> None:
    async def run() -> None:
        lock = Session()
        lock.is_taken = True
        server = await Server(tmp_path, lock=lock).start()
        joined = asyncio.create_task(server.lead.join("c1", JoinQueue("general"), Caller("c1")))
        await asyncio.sleep(0)
        await server.lead.leave("c1", "exited_with_key")
        assert await joined == QueueLeft("closed")
        await server.lead.leave("c1", "exited_with_key")
        await server.stop()

    within(run())


def test_a_server_does_not_start_without_its_database(tmp_path: Path) -> None:
    async def run() -> None:
        lock = Session()
        lock.is_away = True
        with pytest.raises(StoreError):
            await Server(tmp_path, lock=lock).start()

    within(run())
