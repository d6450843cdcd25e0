"""Transfers that no carrier takes: whole calls, with whom they are connected to on a line of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import cast

import pytest

from ivr.call.attendance import Attendant
from ivr.call.bridging import Bridged, Bridging
from ivr.call.meeting import Meetings
from ivr.call.rooms import Rooms
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord, SurveyRecord
from ivr.model.errors import CallFailed, NotAllowed
from ivr.model.events import AgentJoined, CallerHungUp, CallStalled, HearingFailed, PlaybackFinished, TransferFinished
from ivr.model.ports import Line
from tests.call.fakes import FRAME, Memory, ScriptEars, ScriptLine, ToneVoice, around
from tests.call.people import MUSIC, SteadyVoice
from tests.call.test_conductor import SURVEY, heard, listening
from tests.call.test_reception import Call
from tests.call.waiting_room import Tune


class FarLine(ScriptLine):
    """Whom the caller is connected to: hears until they are hung up on."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[AudioFrame] = []
        self.hears = asyncio.Event()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        async for frame in audio:
            self.heard.append(frame)
            self.hears.set()


class OneTrunk:
    """Rings until the test says what becomes of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self.rings = asyncio.Event()
        self.answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self.given_up = 0

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> Line:
        self.asked.append((to, caller_id, ring_seconds))
        self.rings.set()
        try:
            return await self.answer
        except asyncio.CancelledError:
            self.given_up += 1
            raise


class Waiter:
    """Who is connected, and the room they meet in: only whether they met."""

    call_id = "c1"
    met, hears_music = 0, False

    def music(self, playing: bool) -> None:
        self.hears_music = playing

    async def meet(self, guest: Bridged, attendant: Attendant) -> None:
        self.met += 1


Scene = Callable[[Call, OneTrunk, Tune], Awaitable[None]]


def connected(scene: Scene, *words: str) -> CallRecord:
    """A caller who wants to be transferred, and says `words` afterwards."""

    async def scenario() -> CallRecord | None:
        voice, store, trunk, tune = ToneVoice(), Memory(), OneTrunk(), Tune()
        bridging = Bridging(Meetings(Rooms(), SteadyVoice(), MUSIC), trunk, "+15550100")
        world = replace(around(voice, store), bridging=bridging, hold=tune)
        call = Call(ScriptEars("outside", *words), survey=SURVEY, voice=voice, store=store, surroundings=world)
        taking = asyncio.create_task(call.take())
        await call.speaking(2, FRAME)
        await scene(call, trunk, tune)
        record = await taking
        assert bridging.meetings.live == {}
        assert bridging.meetings.rooms.live == 0
        return record

    record = asyncio.run(scenario())
    assert record is not None
    return record


def test_the_caller_hears_music_then_the_person_and_comes_back_to_the_survey() -> None:
    seen: list[object] = []

    async def scene(call: Call, trunk: OneTrunk, tune: Tune) -> None:
        far = FarLine()
        await trunk.rings.wait()
        await tune.playing.wait()
        trunk.answer.set_result(far)
        await far.hears.wait()
        far.arrivals.put_nowait(CallerHungUp("caller"))
        await asyncio.wait_for(call.line.played.get(), 5)  # "One moment"
        while call.voice.said[-1] != "How satisfied are you?":
            await asyncio.wait_for(call.line.played.get(), 5)
        call.line.arrivals.put_nowait(FRAME)
        seen.extend([trunk.asked, far.hung_up, [entry.event for entry in call.store.journal]])

    record = connected(scene, "five")
    asked, hung_up, events = seen
    assert asked == [("+15550111", "+15550100", 30.0)]
    assert hung_up == 1
    assert isinstance(events, list)
    assert [event for event in events if isinstance(event, AgentJoined | TransferFinished)] == [
        AgentJoined("transfer:desk"), TransferFinished("completed"),
    ]  # fmt: skip
    assert record.survey == SurveyRecord("partial", answers={"csat": "5"})
    assert (record.end_reason, record.handled_by) == ("agent_completed", "both")


def test_the_keys_of_an_extension_are_pressed_before_both_talk() -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    class Switchboard(FarLine):
        def __init__(self) -> None:
            super().__init__()
            self.pressed: list[tuple[str, int]] = []

        async def send_digits(self, digits: str) -> None:
            self.pressed.append((digits, len(self.heard)))

    async def scenario() -> None:
        trunk, far, guest = OneTrunk(), Switchboard(), Waiter()
        bridging = Bridging(cast(Meetings, guest), trunk, "+15550100", wait)
        trunk.answer.set_result(far)
        assert await bridging.connect(cast(Bridged, guest), "desk", "+15550111,,2,04", 30.0) == "completed"
        assert trunk.asked == [("+15550111", "+15550100", 30.0)]
        assert (waited, far.pressed, guest.met) == ([4.0, 2.0], [("2", 0), ("04", 0)], 1)

    asyncio.run(scenario())


def test_a_caller_who_gives_up_during_the_extension_leaves_nobody_rung() -> None:
    async def scenario() -> None:
        trunk, far, guest, waits = OneTrunk(), FarLine(), Waiter(), asyncio.Event()

        async def wait(seconds: float) -> None:
            waits.set()
            await asyncio.Event().wait()

        trunk.answer.set_result(far)
        bridging = Bridging(cast(Meetings, guest), trunk, "+15550100", wait)
        connecting = asyncio.create_task(bridging.connect(cast(Bridged, guest), "desk", "+15550111,2", 30.0))
        await waits.wait()
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert (far.hung_up, guest.met, guest.hears_music) == (1, 0, False)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (CallFailed("busy"), "busy"),
        (CallFailed("no_answer"), "no_answer"),
        (CallFailed("rejected"), "rejected"),
        (CallFailed("unreachable"), "failed"),
        (NotAllowed("not in the dial plan"), "failed"),
    ],
)
def test_who_does_not_answer_is_an_outcome_of_the_flow(error: Exception, outcome: str) -> None:
    finished: list[object] = []

    async def scene(call: Call, trunk: OneTrunk, tune: Tune) -> None:
        await trunk.rings.wait()
        trunk.answer.set_exception(error)
        while call.voice.said[-1] != "Busy.":
            await asyncio.wait_for(call.line.played.get(), 5)
        finished.extend(e.event for e in call.store.journal if isinstance(e.event, TransferFinished))
        call.line.arrivals.put_nowait(FRAME)

    record = connected(scene, "quiet")
    assert finished == [TransferFinished(outcome)]
    assert record.end_reason == "self_service_completed"


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    trunks: list[OneTrunk] = []

    async def scene(call: Call, trunk: OneTrunk, tune: Tune) -> None:
        trunks.append(trunk)
        await trunk.rings.wait()
        call.line.arrivals.put_nowait(CallerHungUp("caller"))

    record = connected(scene)
    assert trunks[0].given_up == 1
    assert (record.end_reason, record.disconnect_by) == ("transferred_out", "customer")


def test_a_caller_who_hangs_up_in_the_middle_of_the_talk_frees_the_other_one() -> None:
    lines: list[FarLine] = []

    async def scene(call: Call, trunk: OneTrunk, tune: Tune) -> None:
        lines.append(FarLine())
        trunk.answer.set_result(lines[0])
        await lines[0].hears.wait()
        call.line.arrivals.put_nowait(CallerHungUp("caller"))

    record = connected(scene)
    assert lines[0].hung_up == 1
    assert (record.end_reason, record.handled_by) == ("transferred_out", "both")


def test_without_a_trunk_a_transfer_fails_as_the_flow_expects() -> None:
    async def scenario() -> str:
        bridging = Bridging(Meetings(Rooms(), SteadyVoice(), MUSIC))
        return await bridging.connect(cast(Bridged, Nobody()), "desk", "+15550111", 1.0)

    assert asyncio.run(scenario()) == "failed"


class Nobody:
    """A guest who is asked nothing."""

    call_id, rate = "c1", 8000

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def test_what_breaks_in_us_does_not_end_a_transfer() -> None:
    conductor = listening()
    conductor.handle(heard("outside"))
    for number in (3, 4, 5):
        conductor.handle(PlaybackFinished(number))
    assert conductor.handle(CallStalled("caller")) == []
    assert conductor.handle(HearingFailed("engine")) == []
    assert conductor.handle(TransferFinished("completed")) != []
