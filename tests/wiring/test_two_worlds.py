"""A caller on a telephone and an agent in a browser, brought together by the whole server: each hears the other.

The telephones are a stand-in for Twilio with its media stream, and a SIP telephone; the agent's browser is aiortc,
which answers with the ticket that the desk gives."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import httpx
import numpy as np
import pytest

from ivr.config import DialPlan, Hearing, Number, Recording, Sip, SipTrunk, Speaking
from ivr.config_queues import Agent, Queue, QueueWrapUp
from ivr.environment import Environment
from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.g711 import mulaw_decode
from ivr.model.ports import Line
from ivr.wiring.centre import Centre
from ivr.wiring.server import open_centre
from ivr.wiring.web import web_app
from telephony.dial_plan import DialPlan as Plan
from telephony.standin.carrier import StandInCarrier
from telephony.standin.clip import Clip
from telephony.standin.script import Press, Speak
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace, Noted
from telephony.standin.voices import CallerVoices, Speaker
from tests.telephony.browser import Browser, calling, loopback
from tests.telephony.serving import running
from tests.telephony.sip_kit import LOOPBACK, Desk, End, an_end
from tests.wiring.kit import FLOW, config, text
from tests.wiring.test_webrtc import words_of

__all__ = ["loopback"]
pytestmark = [
    pytest.mark.usefixtures("loopback"), pytest.mark.voice, pytest.mark.xdist_group("webrtc"), pytest.mark.timeout(240),
]  # fmt: skip

ACCOUNT, SECRET, PUBLIC, CALLED = "AC" + "0" * 32, "secret", "https://ivr.example.test", "+15555550100"
CALLER_SAYS = "Good morning, my washing machine shows an error number in the middle."
AGENT_SAYS = "Thank you, I am looking at your account on my screen."
PATIENT = 60.0
"""Seconds for what is there in two on a machine with nothing else to do."""

OUR_NUMBER = Plan((CALLED,), (), (LOOPBACK,))
ANN = Agent(id="ann", name="Ann", skills={"lang:en": 5}, queues=["people"])
SECOND = round(1 / FRAME_SECONDS)
"""Packets."""


class Caller(Protocol):
    async def call(self) -> None:
        """Ring, ask for a person with a key, and stay until the line ends."""

    def say(self, clip: Clip) -> None: ...

    def has_said(self) -> bool: ...

    def heard_since(self, at: float) -> bytes:
        """PCM of what they heard from a moment on, once the call is over."""


@dataclass
class TwilioCaller:
    carrier: StandInCarrier
    talker: Talker = field(default_factory=lambda: Talker([Press("2", after=0.2)]))
    trace: CallTrace | None = None
    opened: float = 0.0

    async def call(self) -> None:
        self.trace = await self.carrier.place_call("+15555550001", CALLED, self.talker, tell=self._told)

    def _told(self, noted: Noted) -> None:
        if noted.what == "stream_opened":
            self.opened = time.monotonic()

    def say(self, clip: Clip) -> None:
        self.talker.go_on(Speak(clip))

    def has_said(self) -> bool:
        return self.talker.is_done

    def heard_since(self, at: float) -> bytes:
        assert self.trace
        assert self.trace.trouble == ""
        first = round((at - self.opened) * PHONE_RATE)
        ends = max(begin + len(sound) for begin, sound in self.trace.heard)
        whole = np.zeros(max(first, ends), "<i2")
        for begin, sound in self.trace.heard:
            whole[begin : begin + len(sound)] = np.frombuffer(mulaw_decode(sound), "<i2")
        return whole[first:].tobytes()


@dataclass
class SipCaller:
    end: End
    house: End
    line: Line | None = None
    heard: list[tuple[float, AudioFrame]] = field(default_factory=list)
    saying: "asyncio.Task[None] | None" = None

    async def call(self) -> None:
        self.line = await self.end.trunk_to(self.house).call(CALLED, "+15555550002", 5)
        asked = False
        async for item in self.line.incoming():
            if isinstance(item, AudioFrame):
                self.heard.append((time.monotonic(), item))
                if not asked and item.dbfs > -40:
                    asked = True
                    await self.line.send_digits("2")

    def say(self, clip: Clip) -> None:
        self.saying = asyncio.create_task(self._say(clip))

    async def _say(self, clip: Clip) -> None:
        assert self.line
        await self.line.play(1, frames_of(clip))

    def has_said(self) -> bool:
        return self.saying is not None and self.saying.done()

    def heard_since(self, at: float) -> bytes:
        return b"".join(frame.pcm for when, frame in self.heard if when >= at)


async def frames_of(clip: Clip) -> AsyncIterator[AudioFrame]:
    size = PHONE_RATE // SECOND
    for at in range(0, clip.samples.size, size):
        yield AudioFrame(clip.samples[at : at + size].astype("<i2").tobytes().ljust(2 * size, b"\0"), PHONE_RATE)
        await asyncio.sleep(FRAME_SECONDS)


@dataclass
class House:
    """The whole server, and Ann at her desk in it."""

    centre: Centre
    http: httpx.AsyncClient
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def at_work(self) -> None:
        assert self.centre.desks
        self.centre.desks.desks.attach("ann", "page", self.changed.set)
        await self.centre.desks.acts.be_available("ann")

    async def rings(self, calling: "asyncio.Task[None]") -> None:
        desk = self.centre.desks.desks.desk("ann")
        async with asyncio.timeout(PATIENT):
            while not desk.offer:
                assert not calling.done(), calling.exception()
                self.changed.clear()
                await self.changed.wait()

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[Browser]:
        """Ann's browser, once the caller is with her."""
        token, desk = self.centre.desks.acts.ticket("ann"), self.centre.desks.desks.desk("ann")

        async def signalling(sdp: str) -> str:
            answer = await self.http.post("/webrtc/offer", json={"token": token, "sdp": sdp, "type": "offer"})
            assert answer.status_code == 200, answer.text
            return str(answer.json()["sdp"])

        async with calling(signalling) as browser:
            await browser.until(lambda: bool(desk.talk and desk.talk.phase == "talking"), PATIENT)
            yield browser
            self.centre.desks.acts.hang_up("ann")

    async def talk(self, caller: Caller, clips: tuple[Clip, Clip]) -> tuple[str, str]:
        """One call, from its ringing to its end: what Ann heard, and what the caller heard."""
        ringing = asyncio.create_task(caller.call())
        ringing.add_done_callback(lambda done: self.changed.set())
        await self.rings(ringing)
        async with self.answering() as ann:
            before = ann.heard().size
            caller.say(clips[0])
            await ann.until(caller.has_said, PATIENT)
            await another_second(ann)
            by_ann = await words_of(ann.heard()[before:].tobytes())
            since = time.monotonic()
            ann.microphone.say(clips[1].samples.astype("<i2").tobytes())
            for _ in range(round(clips[1].seconds) + 1):
                await another_second(ann)
        async with asyncio.timeout(PATIENT):
            await ringing
        return by_ann, await words_of(caller.heard_since(since))


async def another_second(browser: Browser) -> None:
    """By the clock of the sound that comes."""
    packets = len(browser.packets)
    await browser.until(lambda: len(browser.packets) >= packets + SECOND, PATIENT)


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[tuple[House, StandInCarrier]]:
    """Reached by Twilio, by a trunk and by browsers."""
    settings = config(
        folder,
        text(person="people") + "  people: { queue: people, otherwise: bye }\n",
        numbers=[Number(number=CALLED, flow=FLOW)],
        agents=[ANN],
        queues=[Queue(name="people", wrap_up=QueueWrapUp(kind="none"))],
        sip=Sip(enabled=True, sip_port=0, rtp_ports=(20000, 29998), trunks=[SipTrunk(name="test", sources=[LOOPBACK])]),
        dial_plan=DialPlan(allow=["+1555"]),
        speaking=Speaking(voices={"en": ["hibari"]}, cache=folder / "prompts", warm=False),
        hearing=Hearing(recognizers={"en": ["moonshine"]}),
        recording=Recording(folder=folder / "recordings"),
    )
    environment = Environment(twilio_account_sid=ACCOUNT, twilio_auth_token=SECRET, public_url=PUBLIC, api_key="k")
    async with open_centre(settings, environment, "http://127.0.0.1:1") as centre, running(web_app(centre)) as port:
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base) as http, StandInCarrier(base, PUBLIC, ACCOUNT, SECRET) as carrier:
            yield House(centre, http), carrier


def test_callers_on_twilio_and_on_a_trunk_and_an_agent_in_a_browser_hear_each_other(tmp_path: Path) -> None:
    voices = CallerVoices(tmp_path / "clips")
    clips = voices.say(CALLER_SAYS, Speaker()), voices.say(AGENT_SAYS, Speaker(0.05))

    async def scenario() -> list[tuple[str, str]]:
        async with asyncio.timeout(200), an_end(Desk(), plan=OUR_NUMBER) as end, a_house(tmp_path) as (house, carrier):
            server = house.centre.sip.server
            assert server
            assert house.centre.twilio
            routing = house.centre.routing
            ways_out = {routing.telephones.trunk, routing.bridging.trunk}
            assert ways_out == {house.centre.twilio.trunk}, "no trunk has an address"
            await house.at_work()
            callers: list[Caller] = [TwilioCaller(carrier), SipCaller(end, replace(end, server=server))]
            return [await house.talk(caller, clips) for caller in callers]

    for by_agent, by_caller in asyncio.run(scenario()):
        assert {"machine", "error", "middle"} & set(by_agent.replace(",", "").split())
        assert {"looking", "account", "screen"} & set(by_caller.replace(",", "").split())
