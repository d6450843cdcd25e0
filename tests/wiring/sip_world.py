"""The whole server between two SIP telephones: one that calls it, and one that it calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ivr.config import DialPlan, Hearing, Recording, Sip, SipTrunk, Speaking
from ivr.environment import Environment
from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.calls import CallRecord
from ivr.model.events import CallEvent
from ivr.model.ports import Line
from ivr.store.archive import CallFilter
from ivr.wiring.centre import Centre
from ivr.wiring.server import open_centre
from telephony.dial_plan import DialPlan as Plan
from telephony.sip_settings import SipSettings
from tests.telephony.sip_kit import LOOPBACK, SETTINGS, Desk, End, an_end
from tests.wiring.kit import config

NUMBER = "+15555550199"
ANYBODY = Plan((NUMBER,), (), (LOOPBACK,))


def tone(hertz: float) -> AudioFrame:
    """20 ms that can be told from others; whole periods, so frames join without a click."""
    at = np.arange(round(PHONE_RATE * FRAME_SECONDS)) / PHONE_RATE
    return AudioFrame((np.sin(2 * np.pi * hertz * at) * 8000).astype("<i2").tobytes(), PHONE_RATE)


def holds(frame: AudioFrame, hertz: float) -> bool:
    """This tone is the loudest thing in it."""
    heard = np.abs(np.fft.rfft(frame.samples.astype(float)))
    return frame.dbfs > -40 and round(float(np.argmax(heard)) / FRAME_SECONDS) == hertz


async def endless(hertz: float) -> AsyncIterator[AudioFrame]:
    while True:
        yield tone(hertz)
        await asyncio.sleep(FRAME_SECONDS)


@dataclass
class Telephone:
    """One who talks a tone all the time, and listens."""

    line: Line
    hertz: float
    heard: list[AudioFrame] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        talking = asyncio.create_task(self.line.play(1, endless(self.hertz)))
        try:
            async for item in self.line.incoming():
                (self.heard if isinstance(item, AudioFrame) else self.events).append(item)  # type: ignore[arg-type]
                self.changed.set()
        finally:
            talking.cancel()

    async def until(self, is_true: Callable[[], object], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not is_true():
                self.changed.clear()
                await self.changed.wait()

    async def hears(self, hertz: float) -> None:
        await self.until(lambda: self.heard and holds(self.heard[-1], hertz))


@dataclass
class Someone:
    """Whoever our server calls: picks up as `picked_up` once it rings."""

    telephones: "asyncio.Queue[Telephone]" = field(default_factory=asyncio.Queue)
    hertz: float = 700.0

    async def hold(self, line: Line) -> None:
        self.telephones.put_nowait(Telephone(line, self.hertz))
        await line.play(1, endless(self.hertz))


@dataclass(frozen=True)
class World:
    centre: Centre
    caller: End
    called: End
    someone: Someone

    async def call(self) -> Telephone:
        assert self.centre.sip.server
        trunk = self.caller.trunk_to(replace(self.called, server=self.centre.sip.server))
        return Telephone(await trunk.call(NUMBER, "+15555550001", 5), 400.0)

    @asynccontextmanager
    async def calling(self, keys: str) -> AsyncIterator[Telephone]:
        """A caller who presses these keys as soon as they hear something; ends when their line does."""
        caller = await self.call()
        running = asyncio.create_task(caller.run())
        await caller.until(lambda: any(frame.dbfs > -40 for frame in caller.heard))
        await caller.line.send_digits(keys)
        yield caller
        await running

    async def record(self) -> CallRecord:
        """Of the only call there is, once it is over and written."""
        async with asyncio.timeout(60):
            while True:
                page = await self.centre.store.archive.page(CallFilter())
                if page.calls and page.calls[0].ended_at:
                    return await self.centre.store.archive.call(page.calls[0].call_id)
                await asyncio.sleep(0.05)


@asynccontextmanager
async def a_world(
    folder: Path, flow: str, settings: SipSettings = SETTINGS, address: str = "", **more: object
) -> AsyncIterator[World]:
    """
    Args:
        flow: its text; every number leads to it.
        settings: of the telephone that is called.
        address: where calls out go to instead of that telephone.
        more: sections of the configuration.
    """
    someone = Someone()
    desk = Desk(someone.hold)
    async with asyncio.timeout(110), an_end(Desk(), plan=ANYBODY) as caller, an_end(desk, settings) as called:
        address = address or f"{LOOPBACK}:{called.server.port}"
        trunk = SipTrunk(name="test", sources=[LOOPBACK], address=address, keep_alive_seconds=0)
        sections: dict[str, object] = {
            "sip": Sip(enabled=True, sip_port=0, rtp_ports=(20000, 29998), trunks=[trunk]),
            "dial_plan": DialPlan(allow=["+1555"], caller_id="+15555550100"),
            "hearing": Hearing(recognizers={"en": ["moonshine"]}),
            "recording": Recording(folder=folder / "recordings"),
            "speaking": Speaking(voices={"en": ["hibari"]}, cache=folder / "prompts", warm=False),
        }
        whole = config(folder, flow, **(sections | more))
        async with open_centre(whole, Environment(), "http://127.0.0.1:1") as centre:
            await centre.warm()
            yield World(centre, caller, called, someone)
