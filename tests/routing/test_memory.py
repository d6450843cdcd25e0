"""Callers who are known from before, in the routing: looked up before anybody is rung for them."""

import asyncio

import pytest

from ivr.model.acquaintance import Acquaintance
from ivr.model.events import QueueLeft
from ivr.model.people import Handoff
from tests.routing.fakes import Caller, House, in_a_house


class SlowMemory:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[asyncio.Future[Acquaintance]] = asyncio.Queue()

    async def of(self, handoff: Handoff) -> Acquaintance:
        answer: asyncio.Future[Acquaintance] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait(answer)
        return await answer

    async def next(self) -> "asyncio.Future[Acquaintance]":
        async with asyncio.timeout(60):
            return await self.asked.get()


@pytest.mark.parametrize(
    ("known", "rung"),
    [
        (Acquaintance(), "ann"),
        (Acquaintance(last_agent="bob"), "bob"),
        (Acquaintance(avoid=frozenset({"ann"})), "bob"),
    ],
)
def test_the_known_agent_is_rung_and_the_avoided_one_is_not(known: Acquaintance, rung: str) -> None:
    memory = SlowMemory()

    async def run(house: House) -> None:
        for agent in ("ann", "bob"):
            await house.agent(agent)
        house.join(Caller("c1"))
        (await memory.next()).set_result(known)
        assert (await house.phones.next()).agent_id == rung

    in_a_house(run, memory=memory)


def test_a_known_customer_has_a_head_start_and_is_shown_as_who_they_are() -> None:
    memory = SlowMemory()

    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c1"))
        (await memory.next()).set_result(Acquaintance("C-7", "gold", is_repeat=True))
        ringing = await house.phones.next()
        shown = ringing.handoff
        assert (shown.customer, shown.tier, shown.authentication_level) == ("C-7", "gold", 1)
        (entry,) = house.dispatcher.centre.floor.entries.values()
        assert (entry.base_priority, entry.tier) == (60 + 45, "gold")

    in_a_house(run, memory=memory)


def test_a_caller_who_wants_back_while_they_are_looked_up_never_comes_to_the_queue() -> None:
    memory = SlowMemory()

    async def run(house: House) -> None:
        await house.agent("ann")
        joined = house.join(Caller("c1"))
        answer = await memory.next()
        await house.dispatcher.leave("c1", "exited_with_key")
        answer.set_result(Acquaintance())
        assert await joined == QueueLeft("exited_with_key")
        await house.settle()
        assert (house.names(), house.dispatcher.centre.floor.entries, house.state("ann")) == ([], {}, "available")

    in_a_house(run, memory=memory)


def test_a_caller_who_hangs_up_while_they_are_looked_up_leaves_nothing_behind() -> None:
    memory = SlowMemory()

    async def run(house: House) -> None:
        await house.agent("ann")
        joined = house.join(Caller("c1"))
        await memory.next()
        joined.cancel()
        await asyncio.gather(joined, return_exceptions=True)
        await house.settle()
        assert (house.names(), house.dispatcher.centre.floor.entries, house.state("ann")) == ([], {}, "available")

    in_a_house(run, memory=memory)
