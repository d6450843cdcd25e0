"""A caller on one SIP telephone is transferred to another one by the whole server: REFER refused, joined here."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.model.calls import CallRecord
from ivr.model.events import CallerHungUp
from telephony.sip_settings import SipSettings
from tests.telephony.sip_kit import SETTINGS
from tests.wiring.kit import text
from tests.wiring.sip_world import Telephone, World, a_world

pytestmark = pytest.mark.voice

FLOW = (
    text(person="specialist")
    + """\
  specialist:
    transfer: specialist
    timeout_seconds: 5
    on: { completed: thanks, busy: taken }
    otherwise: bye
  thanks: { say: Thank you for talking with us., then: bye }
  taken: { say: They are on the telephone., then: bye }
"""
)
TARGET = "+15555550107"


Scene = Callable[[World, Telephone], Awaitable[None]]


def transferred(folder: Path, scene: Scene, settings: SipSettings = SETTINGS) -> CallRecord:
    """A caller who presses 2; `settings` are those of whom they are transferred to."""

    async def run() -> CallRecord:
        async with a_world(folder, FLOW, settings, directory={"specialist": TARGET}) as world:
            async with world.calling("2") as caller:
                await scene(world, caller)
                record = await world.record()
            assert world.centre.routing.meetings.live == {}
            return record

    return asyncio.run(run())


def test_both_hear_each_other_and_the_caller_is_with_the_flow_again_when_the_other_one_hangs_up(tmp_path: Path) -> None:
    async def scene(world: World, caller: Telephone) -> None:
        other = await world.someone.telephones.get()
        await caller.hears(700.0)
        await world.called.desk.until(lambda desk: any(frame.dbfs > -40 for frame in desk.frames))
        await other.line.hang_up()

    record = transferred(tmp_path, scene)
    assert record.path[-3:] == ("hours.specialist", "hours.thanks", "hours.bye")
    assert (record.end_reason, record.handled_by) == ("self_service_completed", "both")
    assert record.recording


def test_a_caller_who_hangs_up_frees_the_other_leg(tmp_path: Path) -> None:
    async def scene(world: World, caller: Telephone) -> None:
        await world.someone.telephones.get()
        await caller.hears(700.0)
        await caller.line.hang_up()
        await world.called.desk.until(lambda desk: CallerHungUp("caller") in desk.events)

    record = transferred(tmp_path, scene)
    assert (record.end_reason, record.disconnect_by) == ("transferred_out", "customer")


def test_a_number_that_is_engaged_is_an_outcome_of_the_flow(tmp_path: Path) -> None:
    async def scene(world: World, caller: Telephone) -> None:
        assert not world.called.desk.answered

    record = transferred(tmp_path, scene, replace(SETTINGS, most_calls=0))
    assert record.path[-3:] == ("hours.specialist", "hours.taken", "hours.bye")
