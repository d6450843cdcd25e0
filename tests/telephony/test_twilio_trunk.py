"""Calls that go out through Twilio and come back as lines: router, dialer and trunk against the stand-in carrier."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from fastapi import FastAPI

from ivr.model.audio import AudioFrame
from ivr.model.errors import CallFailed, NotAllowed
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.standin.carrier import StandInCarrier
from telephony.standin.rest import PlacedCall, StandInRest
from telephony.standin.script import HangUp, Press, Speak, UntilLineCloses
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace
from telephony.standin.webhooks import Addresses
from telephony.twilio_legs import TwilioLegs
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_trunk import TwilioTrunk
from telephony.twilio_web import twilio_router
from tests.standin.sounds import clip
from tests.telephony.serving import PUBLIC, SECRET, SETTINGS, Desk, running

TO, OURS = "+14155552671", "+14155550100"


@dataclass
class Far:
    """The carrier, and who answers there."""

    trunk: TwilioTrunk
    rest: StandInRest
    desk: Desk
    outgoing: OutgoingCalls
    traces: "asyncio.Queue[CallTrace]" = field(default_factory=asyncio.Queue)

    def call(self, ring_seconds: float = 20.0) -> "asyncio.Task[list[AudioFrame | CallEvent]]":
        """Everything that came over the line, once it is over."""

        async def held() -> list[AudioFrame | CallEvent]:
            line = await self.trunk.call(TO, OURS, ring_seconds)
            playing = asyncio.create_task(line.play(1, loud()))
            items = [item async for item in line.incoming()]
            await playing
            return items

        return asyncio.create_task(held())

    async def status(self, wanted: str) -> PlacedCall:
        async with asyncio.timeout(60):
            while not self.rest.calls or self.rest.calls[0].status != wanted:  # noqa: ASYNC110 - the carrier tells us
                await asyncio.sleep(0.01)
        return self.rest.calls[0]


async def loud() -> AsyncIterator[AudioFrame]:
    for _ in range(25):
        yield AudioFrame(b"\x00\x20" * 160, 8000)


@asynccontextmanager
async def far(*steps: object, ends: str = "completed", ring_seconds: float = 0.05) -> AsyncIterator[Far]:
    legs, desk, outgoing = TwilioLegs(), Desk(), OutgoingCalls(2, 3600)
    app = FastAPI()
    app.include_router(twilio_router(SETTINGS, desk, DialPlan(("+1",)), outgoing, legs=legs))
    async with asyncio.timeout(60), running(app) as port:
        base = f"http://127.0.0.1:{port}"
        rest = StandInRest(Addresses(base, PUBLIC), SECRET, lambda to: ends, ring_seconds=ring_seconds)
        async with StandInCarrier(base, PUBLIC, SETTINGS.account_sid, SECRET) as carrier, running(rest.app) as twilio:
            dialer = TwilioDialer(replace(SETTINGS, rest_url=f"http://127.0.0.1:{twilio}"), DialPlan(("+1",)), outgoing)
            made = Far(TwilioTrunk(dialer, legs), rest, desk, outgoing)

            async def answered(call: PlacedCall) -> None:
                talker = Talker(steps)  # type: ignore[arg-type]
                trace = await carrier.answer_call(call.call_sid, call.sender, call.to, call.url, talker)
                made.traces.put_nowait(trace)

            rest.answer = answered
            try:
                yield made
            finally:
                await made.trunk.close()
                await dialer.close()
                await rest.close()


def ran(test: Callable[[Far], Awaitable[None]], *steps: object, ends: str = "completed", rings: float = 0.05) -> None:
    async def scenario() -> None:
        async with far(*steps, ends=ends, ring_seconds=rings) as made:
            await test(made)

    asyncio.run(scenario())


def test_who_answers_is_heard_and_hears_and_no_flow_is_asked() -> None:
    async def test(far: Far) -> None:
        items = await far.call()
        trace = await far.traces.get()
        assert items[-1] == CallerHungUp("caller")
        assert DigitPressed("5") in items
        assert any(isinstance(item, AudioFrame) and item.dbfs > -30 for item in items)
        assert trace.runs
        assert (trace.trouble, far.desk.answered) == ("", [])
        asked = far.rest.calls[0].asked
        assert (asked["To"], asked["From"], asked["Timeout"], asked["TimeLimit"]) == (TO, OURS, "20", "3600")
        assert "MachineDetection" not in asked

    ran(test, Speak(clip(0.5), after=0.2), Press("5"), HangUp())


def test_our_hanging_up_ends_the_call_at_the_carrier() -> None:
    async def test(far: Far) -> None:
        line = await far.trunk.call(TO, OURS, 20)
        await line.hang_up()
        trace = await far.traces.get()
        assert (trace.ended_by, trace.trouble) == ("server", "")
        ringing = (await far.status("completed")).ringing
        assert ringing
        await ringing
        assert far.desk.endings == []
        for key in ("a", "b"):  # both places are free again
            far.outgoing.begin(key, 0.0)

    ran(test, UntilLineCloses())


@pytest.mark.parametrize(
    ("ends", "outcome"), [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "no_answer")]
)
def test_who_does_not_answer_is_an_outcome(ends: str, outcome: str) -> None:
    async def test(far: Far) -> None:
        with pytest.raises(CallFailed) as told:
            await far.trunk.call(TO, OURS, 20)
        assert told.value.outcome == outcome
        assert far.desk.endings == []

    ran(test, ends=ends)


def test_a_telephone_that_rings_too_long_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.twilio_trunk.GRACE_SECONDS", 0.2)

    async def test(far: Far) -> None:
        with pytest.raises(CallFailed) as told:
            await far.trunk.call(TO, OURS, 0.5)
        assert told.value.outcome == "no_answer"
        await far.status("completed")

    ran(test, rings=60.0)


def test_cancelling_stops_the_ringing() -> None:
    async def test(far: Far) -> None:
        ringing = far.call()
        await far.status("ringing")
        ringing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ringing
        await far.status("completed")

    ran(test, rings=60.0)


def test_what_the_dial_plan_forbids_and_what_twilio_refuses_is_told() -> None:
    async def test(far: Far) -> None:
        with pytest.raises(NotAllowed):
            await far.trunk.call("+442079460000", OURS, 20)
        assert far.rest.calls == []
        far.rest.app.router.routes.clear()
        with pytest.raises(CallFailed) as told:
            await far.trunk.call(TO, OURS, 20)
        assert told.value.outcome == "failed"

    ran(test)


def test_an_answer_that_nobody_waits_for_any_more_is_hung_up() -> None:
    legs = TwilioLegs()

    async def scenario() -> None:
        answer = legs.expect("k")
        assert legs.is_expected("k")
        answer.cancel()
        assert not legs.answered("k", None)  # type: ignore[arg-type]
        assert not legs.is_expected("k")
        legs.ended("k", "busy")

    asyncio.run(scenario())
