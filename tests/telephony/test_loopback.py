"""Calls to simulated customers: real sound both ways, keys, every way not to be answered, and the guards of a trunk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.errors import CallFailed, NotAllowed, VoiceError
from ivr.model.events import CallAnswered, CallerHungUp, CallEvent, DigitPressed, PlaybackFinished
from ivr.model.ports import Line
from telephony.dial_plan import DialPlan
from telephony.loopback import LoopbackTrunk, PickUp
from telephony.outgoing import OutgoingCalls
from telephony.standin.clip import tone
from telephony.standin.script import CutSocket, HangUp, Press, Speak, StaySilent, Step, UntilLineCloses, WaitForSilence
from telephony.standin.talker import Talker

NUMBER, OURS = "+15555550161", "+15555550100"
PLAN = DialPlan(("+1555555",))


@dataclass
class Office:
    """The call centre: holds calls as `hold` does, and remembers what it was told."""

    hold: Callable[[Line], object] | None = None
    answered: list[tuple[CallAnswered, Leg]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    rang: list[str] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)
    heard: list[AudioFrame] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        self.answered.append((answered, leg))
        async for item in line.incoming():
            (self.heard if isinstance(item, AudioFrame) else self.events).append(item)  # type: ignore[arg-type]
        self.over.set()

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        self.failed.append((outcome, attempt_id))
        self.over.set()


def trunk(office: Office, *steps: Step, most: int = 2, longest: float = 30.0, **how: object) -> LoopbackTrunk:
    who = PickUp(**{"ring_seconds": 0.0, "talker": lambda: Talker(steps), **how})  # type: ignore[arg-type]
    return LoopbackTrunk(
        lambda number: who, office, PLAN, OutgoingCalls(most, 60.0), office.rang.append, longest
    )  # fmt: skip


async def dialled(office: Office, line: LoopbackTrunk) -> None:
    assert (await line.dial(NUMBER, OURS, "fraud", "a1")).startswith("loopback-")
    async with asyncio.timeout(60):
        await office.over.wait()
    await line.close()


async def sound(seconds: float) -> AsyncIterator[AudioFrame]:
    pcm = tone(440.0, seconds).samples.tobytes()
    for at in range(0, len(pcm), 320):
        yield AudioFrame(pcm[at : at + 320], 8000)


def test_a_customer_who_answers_speaks_presses_keys_and_hangs_up() -> None:
    async def run() -> Office:
        office = Office()
        await dialled(office, trunk(office, Speak(tone(1000.0, 0.3)), Press("5#", gap=0.02), HangUp()))
        return office

    office = asyncio.run(run())
    answered, leg = office.answered[0]
    assert answered == CallAnswered(OURS, NUMBER, "outbound", {"flow": "fraud", "attempt": "a1"})
    assert leg.kind == "loopback"
    assert office.rang == ["a1"]
    assert office.events == [DigitPressed("5"), DigitPressed("#"), CallerHungUp("caller")]
    assert sum(frame.dbfs > -30 for frame in office.heard) >= 14
    assert office.failed == []


def test_the_customer_hears_us_and_waits_until_we_have_spoken() -> None:
    async def run() -> tuple[list[CallEvent], int]:
        office = Office()
        line = await trunk(office, WaitForSilence(0.1), Press("1"), UntilLineCloses()).call(NUMBER, OURS, 5.0)
        playing = asyncio.create_task(line.play(1, sound(0.4)))
        events: list[CallEvent] = []
        async for item in line.incoming():
            if not isinstance(item, AudioFrame):
                events.append(item)
            if isinstance(item, DigitPressed):
                await line.send_digits("1")
                assert not await line.transfer("+1", 1.0)
                await line.stop_playing()
                line.listen_along(None, 0.0)
                await line.hang_up()
        await playing
        return events, sum(len(piece) for _, piece in line.heard.sound())

    events, heard = asyncio.run(run())
    assert [type(event).__name__ for event in events] == [
        "PlaybackStarted", "PlaybackFinished", "DigitPressed", "CallerHungUp",
    ]  # fmt: skip
    assert events[1] == PlaybackFinished(1, False, 0.4)
    assert events[-1] == CallerHungUp("system")
    assert heard == 3200


@pytest.mark.parametrize("outcome", ["busy", "rejected", "unreachable", "failed"])
def test_who_does_not_take_the_call_is_told_as_a_carrier_would(outcome: str) -> None:
    async def run() -> Office:
        office = Office()
        await dialled(office, trunk(office, outcome=outcome))
        return office

    office = asyncio.run(run())
    assert (office.failed, office.rang, office.answered) == ([(outcome, "a1")], [], [])


def test_nobody_answers_and_too_late_is_not_at_all() -> None:
    async def run() -> tuple[Office, str]:
        office = Office()
        await dialled(office, trunk(office, outcome="no_answer"))
        with pytest.raises(CallFailed) as failed:
            await trunk(office, ring_seconds=0.2).call(NUMBER, OURS, 0.01)
        return office, failed.value.outcome

    office, outcome = asyncio.run(run())
    assert (office.failed, office.rang, outcome) == ([("no_answer", "a1")], ["a1"], "no_answer")


def test_a_customer_without_a_voice_is_a_failed_call() -> None:
    def dumb() -> Talker:
        raise VoiceError("not installed")

    async def run() -> Office:
        office = Office()
        await dialled(office, trunk(office, talker=dumb))
        return office

    assert asyncio.run(run()).failed == [("failed", "a1")]


def test_a_network_that_breaks_and_a_call_that_is_too_long_end() -> None:
    async def run() -> list[CallEvent]:
        events: list[CallEvent] = []
        for steps, longest in (([StaySilent(0.04), CutSocket()], 30.0), ([UntilLineCloses()], 0.1)):
            office = Office()
            await dialled(office, trunk(office, *steps, longest=longest))
            events += office.events
        return events

    assert asyncio.run(run()) == [CallerHungUp("network"), CallerHungUp("system")]


def test_only_numbers_of_the_dial_plan_are_called_and_only_so_many_at_once() -> None:
    async def run() -> None:
        office = Office()
        one = trunk(office, UntilLineCloses(), most=1)
        for calls in (one.dial("+4420000000", OURS, "fraud", "a1"), one.call("+4420000000", OURS, 1.0)):
            with pytest.raises(NotAllowed):
                await calls
        await one.dial(NUMBER, OURS, "fraud", "a1")
        with pytest.raises(NotAllowed):
            await one.dial(NUMBER, OURS, "fraud", "a2")
        with pytest.raises(NotAllowed):
            await one.call(NUMBER, OURS, 1.0)
        async with asyncio.timeout(60):
            while not office.answered:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await one.close()
        assert office.events == [CallerHungUp("system")]
        await one.dial(NUMBER, OURS, "fraud", "a3")
        await one.close()

    asyncio.run(run())


def test_a_line_that_failed_to_be_answered_leaves_room_for_the_next() -> None:
    async def run() -> None:
        office = Office()
        busy = trunk(office, outcome="busy", most=1)
        for _ in range(2):
            with pytest.raises(CallFailed):
                await busy.call(NUMBER, OURS, 1.0)

    asyncio.run(run())


def test_a_tone_is_at_its_level() -> None:
    clip = tone(1000.0, 0.5, -20.0)
    assert clip.words == "(beep)"
    assert 20 * np.log10(np.sqrt(np.mean(clip.samples.astype(float) ** 2)) / 32768) == pytest.approx(-20, abs=0.2)
