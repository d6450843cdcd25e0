"""The routing of a server, put together: callers and agents meet in a real room, and nothing is lost when it breaks."""

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.config import Config
from ivr.console.desk_names import Names
from ivr.model.audio import AudioFrame, silence
from ivr.model.commands import JoinQueue
from ivr.model.errors import CallFailed, NotAllowed
from ivr.model.events import CallerHungUp, QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import Line, Seat
from ivr.routing.happenings import AgentLoggedIn, Tick
from ivr.store.calls import open_store
from ivr.wiring.routing import RoutingWires, epoch_clock, open_routing, opening
from ivr.wiring.telephones import AgentTelephones, whispered
from tests.call.fakes import ScriptLine, ToneVoice
from tests.databases import new_database
from tests.routing.fakes import Caller
from tests.routing.kit import profile

CONFIG = {
    "queues": [
        {"name": "general", "wrap_up": {"kind": "none"}, "ordering": "strict"},
        {"name": "closed", "hours": {"weekly": {}}},
    ],
    "agents": [
        {"id": "ann", "name": "Ann", "skills": {"lang:en": 5}, "queues": ["general", {"queue": "closed"}]},
        {"id": "mute", "queues": ["general"]},
    ],
}


class Sitter(Caller):
    """A caller who sits down in the room, and hears until the seat is left."""

    async def sit(self, seat: Seat) -> None:
        async for _ in seat.sound():
            seat.put(AudioFrame(silence(0.02, 8000), 8000))


class DeskLine(ScriptLine):
    """An agent's line: hears the room, and hangs up when the test says so."""

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        async for _ in audio:
            pass


def with_routing(folder: Path, run: Callable[[RoutingWires], Awaitable[None]], config: object = CONFIG) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), open_store(new_database(folder / "ivr.db")) as store:
            settings = Config.model_validate(config)
            async with open_routing(settings, store.routing, ToneVoice()) as wires:
                await run(wires)

    asyncio.run(whole())


def test_a_caller_and_an_agent_meet_in_a_room_and_the_caller_is_ours_again(tmp_path: Path) -> None:
    async def run(wires: RoutingWires) -> None:
        line, caller, shown = DeskLine(), Sitter("c1"), []

        async def desk(offer_id: str, handoff: Handoff, seconds: float) -> Line:
            shown.append((handoff.summary, seconds))
            return line

        wires.telephones.desks["ann"] = desk
        await wires.dispatcher.ask(AgentLoggedIn("ann", available=True))
        joined = asyncio.create_task(wires.dispatcher.join("c1", JoinQueue("general"), caller))
        while (await caller.told.get()).__class__.__name__ != "AgentJoined":
            pass
        line.arrivals.put_nowait(CallerHungUp("caller"))
        assert await joined == QueueLeft("connected", "ann")
        assert (shown, line.hung_up) == ([("wants a card", 20.0)], 1)
        assert wires.dispatcher.centre.floor.agents["ann"].state == "available"

    with_routing(tmp_path, run)


def test_each_queue_has_its_own_music_decoded_once_for_all_who_wait_and_for_whom_an_agent_holds(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "piece.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\x00\x10" * 8000 * 6)
    piece = str(tmp_path / "piece.wav")
    queues = [{"name": "a", "hold_audio": piece}, {"name": "b"}, {"name": "c", "hold_audio": piece}]

    async def run(wires: RoutingWires) -> None:
        music = wires.music.of_queues
        assert sorted(music) == ["a", "c"]
        assert music["a"] is music["c"] is wires.meetings.queue_music["a"]
        assert wires.music.own is wires.meetings.music

    with_routing(tmp_path, run, {"queues": queues})


def test_agents_of_the_file_are_taken_over_once_and_then_the_database_counts(tmp_path: Path) -> None:
    async def first(wires: RoutingWires) -> None:
        assert set(wires.dispatcher.centre.floor.agents) == {"ann", "mute"}
        await wires.book.keep_agent(profile("ann", "sales"))

    async def second(wires: RoutingWires) -> None:
        assert [row.queue for row in wires.dispatcher.centre.floor.agents["ann"].profile.queues] == ["sales"]

    with_routing(tmp_path, first)
    with_routing(tmp_path, second)


def test_the_whisper_names_the_queue_that_serves_the_caller_and_where_they_came_from() -> None:
    known = Handoff("c1", queue="card_emergency", reason="direct_request")
    assert whispered(known, Names()) == "Call for card emergency. Asked for a person"
    moved = replace(known, queue="general", came_from="card_emergency", intent="lost_card")
    assert whispered(moved, Names()) == "Call for general, from card emergency. lost card"
    assert whispered(replace(moved, language="zh"), Names()) == "general来电,由card emergency转来。lost card"
    assert whispered(replace(known, language="fr"), Names()) == whispered(known, Names())


def test_no_call_back_is_offered_where_none_can_be_made(tmp_path: Path) -> None:
    async def run(wires: RoutingWires) -> None:
        assert wires.dispatcher.centre.floor.queues["general"].callback.offer_over == 0.0
        await wires.dispatcher.ask(AgentLoggedIn("ann", available=True))
        never: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

        async def desk(offer_id: str, handoff: Handoff, seconds: float) -> Line:
            return await never

        wires.telephones.desks["ann"] = desk
        joined = asyncio.create_task(wires.dispatcher.join("c1", JoinQueue("general"), Caller("c1")))
        await asyncio.sleep(0)
        await wires.dispatcher.ask(Tick())
        await wires.dispatcher.leave("c1", "callback", "+15555550100")
        assert await joined == QueueLeft("exited_with_key")

    with_routing(tmp_path, run)


def test_a_routing_that_breaks_begins_again_with_everybody_in_it(tmp_path: Path) -> None:
    async def run(wires: RoutingWires) -> None:
        broken = wires.dispatcher.centre
        broken.floor.agents["odd"] = None  # type: ignore[assignment]
        with pytest.raises(AttributeError):
            broken.handle(Tick(), wires.dispatcher.now())
        del broken.floor.agents["odd"]
        wires.dispatcher.post(None)  # type: ignore[arg-type]
        await wires.dispatcher.ask(Tick())
        assert wires.dispatcher.centre is not broken
        assert set(wires.dispatcher.centre.floor.agents) == {"ann", "mute"}
        assert wires.dispatcher.centre.floor.next_offer() != broken.floor.next_offer()

    with_routing(tmp_path, run)


def test_an_agent_is_rung_at_the_desk_else_at_the_telephone_else_not_at_all() -> None:
    line = DeskLine()

    class Carrier:
        async def call(self, to: str, caller_id: str, ring_seconds: float) -> Line:
            if to.startswith("sip:"):
                return line
            raise NotAllowed("the dial plan forbids it")

    known = {"sip": profile("sip", phone="sip:a@b"), "far": profile("far", phone="+999555555"), "desk": profile("desk")}

    async def run() -> None:
        phones, handoff = AgentTelephones(known.get, Carrier(), "+15555550100"), Handoff("c1")
        assert await phones.ring("sip", "o1", handoff, 20.0) is line
        for agent in ("far", "desk", "nobody"):
            with pytest.raises(CallFailed) as failed:
                await phones.ring(agent, "o1", handoff, 20.0)
            assert failed.value.outcome == "unreachable"
        with pytest.raises(CallFailed, match="no desk open"):
            await AgentTelephones(known.get).ring("sip", "o1", handoff, 20.0)

    asyncio.run(run())


def test_hours_are_those_of_the_file_and_the_clock_never_goes_back() -> None:
    is_open = opening(Config.model_validate(CONFIG))
    assert (is_open("general", 0.0), is_open("closed", 0.0), is_open("unknown", 0.0)) == (True, False, True)
    now = epoch_clock()
    assert 1_700_000_000.0 < now() <= now()
