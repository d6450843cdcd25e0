"""An agent with a SIP telephone: rung through the trunk by the whole server, told who comes, heard, and hung up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.config_queues import Agent
from ivr.routing.happenings import AgentLoggedIn
from ivr.wiring.centre import Centre
from tests.telephony.sip_kit import LOOPBACK
from tests.telephony.test_sip_calls import Phone, until
from tests.wiring.kit import text
from tests.wiring.sip_world import World, a_world, holds

pytestmark = pytest.mark.voice

FLOW = (
    text(person="people")
    + """\
  people: { queue: people, on: { connected: thanks }, otherwise: bye }
  thanks: { say: Thank you for talking with us., then: bye }
"""
)
PHONE = "sip:ann@127.0.0.1"
ANN = Agent(id="ann", name="Ann", skills={"lang:en": 5}, queues=["people"], phone=PHONE)


async def state_becomes(centre: Centre, state: str) -> None:
    await until(lambda: centre.routing.dispatcher.centre.floor.agents["ann"].state == state)


@asynccontextmanager
async def ringing_at(folder: Path) -> AsyncIterator[tuple[World, Phone]]:
    """A world in which Ann has a telephone whose every message is written by the test."""
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(lambda: Phone(0), local_addr=(LOOPBACK, 0))
    try:
        async with a_world(folder, FLOW, address=f"{LOOPBACK}:{phone.port}", agents=[ANN]) as world:
            assert world.centre.sip.server
            phone.answers_to(world.centre.sip.server.port)
            await world.centre.routing.dispatcher.ask(AgentLoggedIn("ann", available=True))
            yield world, phone
    finally:
        phone.close()


def test_the_telephone_rings_is_told_who_comes_both_are_heard_and_the_caller_comes_back(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_world(tmp_path, FLOW, agents=[ANN.model_copy(update={"phone": "+15555550107"})]) as world:
            await world.centre.routing.dispatcher.ask(AgentLoggedIn("ann", available=True))
            async with world.calling("2") as caller:
                agent = await world.someone.telephones.get()
                await caller.hears(700.0)
                desk = world.called.desk
                await desk.until(lambda desk: holds(desk.frames[-1], 400.0))
                first = next(at for at, frame in enumerate(desk.frames) if holds(frame, 400.0))
                whispered = [frame for frame in desk.frames[:first] if frame.dbfs > -40]
                assert len(whispered) > 25, "half a second of words at least, before the caller is heard"
                assert not any(holds(frame, 400.0) for frame in whispered)
                await agent.line.hang_up()
                record = await world.record()
            assert record.path[-3:] == ("hours.people", "hours.thanks", "hours.bye")
            assert record.stats["agents"] == ["ann"]
            await state_becomes(world.centre, "wrap_up")

    asyncio.run(run())


def test_a_caller_who_leaves_while_the_telephone_rings_stops_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with ringing_at(tmp_path) as (world, phone):
            async with world.calling("2") as caller:
                invite = await phone.hears()
                assert invite.startswith(f"INVITE {PHONE} SIP/2.0")
                phone.replies(invite, 180, "Ringing")
                await state_becomes(world.centre, "ringing")
                await caller.line.hang_up()
                async with asyncio.timeout(1):
                    while not (heard := await phone.hears()).startswith("CANCEL"):
                        pass
                phone.replies(heard, 200, "OK")
                phone.replies(invite, 487, "Request Terminated")
                record = await world.record()
            assert record.end_reason == "abandoned_in_queue"
            await state_becomes(world.centre, "available")

    asyncio.run(run())


def test_a_telephone_that_is_engaged_is_left_alone_for_a_while_and_the_caller_waits(tmp_path: Path) -> None:
    async def run() -> None:
        async with ringing_at(tmp_path) as (world, phone), world.calling("2") as caller:
            phone.replies(await phone.hears(), 486, "Busy Here")
            floor = world.centre.routing.dispatcher.centre.floor
            await until(lambda: [entry.state for entry in floor.entries.values()] == ["waiting"])
            await until(lambda: floor.agents["ann"].state != "ringing")
            assert not any(agent.entry_id for agent in floor.agents.values())
            await caller.line.hang_up()
            await world.record()

    asyncio.run(run())
