"""An agent with a SIP telephone: rung through the trunk by the whole server, told who comes, heard, and hung up."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from ivr.call.hold_audio import HoldAudio
from ivr.config_queues import Agent, Queue
from ivr.console.desk_acts import Target
from ivr.model.audio import PHONE_RATE, AudioFrame
from ivr.model.events import CallerHungUp
from ivr.routing.happenings import AgentLoggedIn
from ivr.wiring.centre import Centre
from tests.telephony.sip_kit import LOOPBACK, Desk
from tests.telephony.test_sip_calls import Phone, until
from tests.wiring.kit import text
from tests.wiring.sip_world import Telephone, World, a_world, holds, tone

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
SAMPLES = PHONE_RATE // 50
"""Of a frame."""

PIECE = 10
"""Frames by which music is known."""


def a_tone(path: Path, hertz: float) -> Path:
    """Eight seconds of it."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, PHONE_RATE, 0, "NONE", ""))
        file.writeframes(tone(hertz).pcm * 400)
    return path


def plays(piece: HoldAudio, frames: list[AudioFrame]) -> bool:
    """These are of the first ten seconds of this piece, as a telephone brings it."""
    sound = np.concatenate([frame.samples for frame in frames]).astype(float)
    begin = np.concatenate([piece.frame(PHONE_RATE, index) for index in range(500)]).astype(float)
    sums = np.concatenate(([0.0], np.cumsum(begin**2)))
    power = (sums[sound.size :] - sums[: -sound.size]).clip(1.0)
    size = 2 * begin.size
    alike = np.fft.irfft(np.fft.rfft(begin, size) * np.fft.rfft(sound, size).conj(), size)[: power.size]
    return bool((alike / np.sqrt(power * (sound @ sound).clip(1.0))).max() > 0.95)


async def hears(caller: Telephone, piece: HoldAudio) -> None:
    """For a second and a half in all."""
    times = 0
    while times * PIECE < 75:
        known = len(caller.heard)
        await caller.until(lambda known=known: len(caller.heard) >= known + PIECE)  # type: ignore[misc]
        times += plays(piece, caller.heard[-PIECE:])


def heard_by_the_caller(recording: Path) -> list[AudioFrame]:
    with wave.open(str(recording)) as file:
        right = np.frombuffer(file.readframes(file.getnframes()), "<i2")[1::2]
    return [AudioFrame(right[at : at + SAMPLES].tobytes(), PHONE_RATE) for at in range(0, right.size, SAMPLES)]


async def state_becomes(centre: Centre, state: str) -> None:
    await until(lambda: centre.routing.dispatcher.centre.floor.agents["ann"].state == state)


@asynccontextmanager
async def ringing_at(folder: Path, *queues: Queue) -> AsyncIterator[tuple[World, Phone]]:
    """A world in which Ann has a telephone whose every message is written by the test."""
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(lambda: Phone(0), local_addr=(LOOPBACK, 0))
    try:
        async with a_world(
            folder, FLOW, address=f"{LOOPBACK}:{phone.port}", agents=[ANN], queues=list(queues)
        ) as world:
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


def test_a_caller_hears_the_music_of_the_queue_and_stops_the_telephone_that_rings_by_leaving(tmp_path: Path) -> None:
    queue = Queue(name="people", hold_audio=a_tone(tmp_path / "music.wav", 900.0))

    async def run() -> None:
        async with ringing_at(tmp_path, queue) as (world, phone):
            around, music = world.centre.reception.around, world.centre.routing.music
            assert (around.hold, around.queue_hold) == (music.own, music.of_queues)
            async with world.calling("2") as caller:
                invite = await phone.hears()
                assert invite.startswith(f"INVITE {PHONE} SIP/2.0")
                phone.replies(invite, 180, "Ringing")
                await state_becomes(world.centre, "ringing")
                piece = music.of_queues["people"]
                await hears(caller, piece)
                await caller.line.hang_up()
                async with asyncio.timeout(60):
                    while not (heard := await phone.hears()).startswith("CANCEL"):
                        pass
                phone.replies(heard, 200, "OK")
                phone.replies(invite, 487, "Request Terminated")
                record = await world.record()
            assert record.end_reason == "abandoned_in_queue"
            kept = heard_by_the_caller(Path(record.recording))
            assert any(plays(piece, kept[at : at + PIECE]) for at in range(0, len(kept) - PIECE, PIECE))
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


LAWYER = "+15555550188"


async def somebody_hears(desk: Desk, hertz: float) -> None:
    """From now on, on one of the legs that we called."""
    since = len(desk.frames)
    await desk.until(lambda desk: any(holds(one, hertz) for one in desk.frames[since:]), 15)


def test_a_number_outside_is_consulted_over_sip_and_takes_the_caller_over(tmp_path: Path) -> None:
    """Three real legs: the caller talks 400 Hz, the agent's telephone 700, whoever is outside 1000."""

    async def run() -> None:
        async with a_world(tmp_path, FLOW, agents=[ANN.model_copy(update={"phone": "+15555550107"})]) as world:
            desks, acts, desk = world.centre.desks.desks, world.centre.desks.acts, world.called.desk
            desks.attach("ann", "her page", lambda: None)
            await acts.be_available("ann")
            async with world.calling("2") as caller:
                agent = await world.someone.telephones.get()
                await caller.hears(700.0)
                seat = desks.desk("ann")
                await until(lambda: seat.talk and seat.talk.phase == "talking")
                world.someone.hertz = 1000.0
                acts.consult("ann", Target("number", LAWYER))
                outside = await world.someone.telephones.get()
                await until(lambda: seat.talk and seat.talk.phase == "consulting")
                assert [leg.called for leg in desk.answered][-1] == LAWYER
                for hertz in (700.0, 1000.0):
                    await somebody_hears(desk, hertz)
                waits = len(caller.heard)
                await caller.until(lambda: len(caller.heard) > waits + PIECE)
                assert not any(holds(one, hertz) for one in caller.heard[waits:] for hertz in (700.0, 1000.0))
                acts.complete("ann")
                await caller.hears(1000.0)
                await state_becomes(world.centre, "wrap_up")
                await somebody_hears(desk, 400.0)
                await until(lambda: any(isinstance(one, CallerHungUp) for one in desk.events))
                await outside.line.hang_up()
                record = await world.record()
            assert agent.line is not outside.line
            assert record.path[-3:] == ("hours.people", "hours.thanks", "hours.bye")
            assert record.stats["agents"][0] == "ann"

    asyncio.run(run())
