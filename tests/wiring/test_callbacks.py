"""A caller keeps their place, hangs up, and is called back by the whole server, agent first and customer first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ivr.config import Sip, SipTrunk
from ivr.config_queues import Agent, Queue
from ivr.environment import Environment
from ivr.model.calls import CallRecord
from ivr.routing.happenings import AgentLoggedIn
from ivr.store.archive import CallFilter
from ivr.wiring.callbacks import calls_customers
from tests.telephony.sip_kit import SETTINGS
from tests.telephony.test_sip_calls import until
from tests.wiring.kit import config, text
from tests.wiring.sip_world import World, a_world, holds

pytestmark = pytest.mark.voice

FLOW = (
    text(person="people")
    + """\
  people: { queue: people, on: { callback: bye }, otherwise: bye }
"""
)
CUSTOMER, ANN = "+15555550177", "+15555550107"


def centre(mode: str) -> dict[str, Any]:
    rules = {"mode": mode, "initial_delay": 0.0, "max_attempts": 2, "retry_delay": 0.1}
    queue = Queue.model_validate({"name": "people", "callback": rules, "join_empty": True, "wrap_up": {"kind": "none"}})
    return {
        "queues": [queue],
        "agents": [Agent(id="ann", name="Ann", skills={"lang:en": 5}, queues=["people"], phone=ANN)],
    }


async def keeps_their_place(world: World) -> None:
    """A caller waits while nobody is there, asks to be called back, and is let go."""
    dispatcher = world.centre.routing.dispatcher
    async with world.calling("2"):
        floor = dispatcher.centre.floor
        await until(lambda: floor.entries)
        entry = next(iter(floor.entries.values()))
        await dispatcher.leave(entry.call_id, "callback", CUSTOMER)
        await world.record()
    assert [one.callback_number for one in floor.entries.values()] == [CUSTOMER]


async def records(world: World, count: int) -> list[CallRecord]:
    """All there are, once so many are over; oldest first."""
    async with asyncio.timeout(60):
        while True:
            page = await world.centre.store.archive.page(CallFilter())
            if sum(bool(call.ended_at) for call in page.calls) == count:
                found = [await world.centre.store.archive.call(call.call_id) for call in page.calls]
                return sorted(found, key=lambda call: call.arrived_at)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("mode", ["agent_first", "customer_first"])
def test_the_customer_and_the_agent_meet_and_the_record_says_so(tmp_path: Path, mode: str) -> None:
    async def run() -> None:
        async with a_world(tmp_path, FLOW, **centre(mode)) as world:
            await keeps_their_place(world)
            await world.centre.routing.dispatcher.ask(AgentLoggedIn("ann", available=True))
            first, second = await world.someone.telephones.get(), await world.someone.telephones.get()
            called = [answered.called for answered in world.called.desk.answered]
            assert called == ([ANN, CUSTOMER] if mode == "agent_first" else [CUSTOMER, ANN])
            agent, customer = (first, second) if mode == "agent_first" else (second, first)
            await until(lambda: world.centre.routing.meetings.live)
            talk = next(iter(world.centre.routing.meetings.live.values()))
            await until(lambda: talk.view.phase == "talking")
            frames = world.called.desk.frames
            frames.clear()  # both telephones of this desk say 700 Hz: each hears it from the other
            await until(lambda: sum(holds(frame, 700.0) for frame in frames) > 20)
            await agent.line.hang_up()
            before, back = await records(world, 2)
            await customer.line.hang_up()
            assert (before.end_reason, back.end_reason) == ("self_service_completed", "agent_completed")
            assert (back.call_id, back.direction, back.caller) == (f"{before.call_id}-back", "outbound", CUSTOMER)
            assert (back.stats["agents"], back.handled_by) == (["ann"], "agent")
            assert back.recording
            assert not world.centre.routing.dispatcher.centre.floor.entries
            assert world.centre.routing.dispatcher.centre.floor.agents["ann"].state == "available"

    asyncio.run(run())


def test_a_customer_who_cannot_be_reached_is_tried_so_often_and_the_agent_is_free_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_world(tmp_path, FLOW, SETTINGS, **centre("customer_first")) as world:
            await keeps_their_place(world)
            world.called.desk.room = False
            dispatcher = world.centre.routing.dispatcher
            await dispatcher.ask(AgentLoggedIn("ann", available=True))
            await until(lambda: not dispatcher.centre.floor.entries)
            assert not world.called.desk.answered
            assert dispatcher.centre.floor.agents["ann"].state == "available"

    asyncio.run(run())


def test_callbacks_are_promised_only_where_something_calls_out(tmp_path: Path) -> None:
    trunk = SipTrunk(name="test", sources=["127.0.0.1"])
    calling, answering = (
        Sip(enabled=True, trunks=[each]) for each in (trunk.model_copy(update={"address": "a"}), trunk)
    )
    twilio = Environment(twilio_account_sid="AC1", twilio_auth_token="t", public_url="https://a")
    assert calls_customers(config(tmp_path, sip=calling), Environment())
    assert calls_customers(config(tmp_path), twilio)
    assert not calls_customers(config(tmp_path, sip=answering), Environment())
    assert not calls_customers(config(tmp_path, numbers=[]), twilio)
