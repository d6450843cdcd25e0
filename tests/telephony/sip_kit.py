"""Two ends of SIP calls over loopback: our server with a scripted call centre behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, CallEvent
from ivr.model.ports import Line
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.sip_door import SipDoor
from telephony.sip_server import SipServer
from telephony.sip_settings import SipSettings, SipTrunkSettings
from telephony.sip_trunk import SipTrunk

LOOPBACK = "127.0.0.1"
TRUNK = SipTrunkSettings("test", sources=(LOOPBACK,), keep_alive_seconds=0)
SETTINGS = SipSettings(host=LOOPBACK, port=0, rtp_ports=(30000, 39998), trunks=(TRUNK,), invites_per_second=50)
PLAN = DialPlan(("+1555",), (), (LOOPBACK,))

Hold = Callable[[Line], Awaitable[None]]


@dataclass(slots=True)
class Desk:
    """A call centre with one flow; `hold` is what it does with a call."""

    hold: Hold | None = None
    room: bool = True
    answered: list[CallAnswered] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)
    frames: list[AudioFrame] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def flow_for(self, called: str) -> str:
        return "test" if called.startswith("+1555") or called == "4001" else ""

    def has_room(self) -> bool:
        return self.room

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        self.answered.append(answered)
        self.legs.append(leg)
        async with asyncio.TaskGroup() as group:
            if self.hold:
                group.create_task(_quietly(self.hold(line)))
            async for item in line.incoming():
                if isinstance(item, AudioFrame):
                    self.frames.append(item)
                else:
                    self.events.append(item)
                self.changed.set()

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        self.outcomes.append((outcome, attempt_id))
        self.changed.set()

    async def until(self, is_true: Callable[["Desk"], object], seconds: float = 60.0) -> None:
        """Wait for something to have happened."""
        async with asyncio.timeout(seconds):
            while not is_true(self):
                self.changed.clear()
                await self.changed.wait()


async def _quietly(work: Awaitable[None]) -> None:
    await work


class Counted:
    """`Counts` that can be asked."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.kinds: dict[str, int] = {}

    def refused(self, why: str) -> None:
        self.refusals.append(why)

    def ignored(self, kind: str, count: int) -> None:
        self.kinds[kind] = self.kinds.get(kind, 0) + count


@dataclass(frozen=True, slots=True)
class End:
    """One end: server, door, and what stands behind."""

    server: SipServer
    door: SipDoor
    desk: Desk
    counted: Counted

    def trunk_to(self, other: "End", **settings: Any) -> SipTrunk:
        """A trunk from here to the other end."""
        trunk = replace(TRUNK, address=f"{LOOPBACK}:{other.server.port}", **settings)
        return SipTrunk(self.door, trunk)


@asynccontextmanager
async def an_end(
    desk: Desk | None = None, settings: SipSettings = SETTINGS, plan: DialPlan = PLAN
) -> AsyncIterator[End]:
    counted, desk = Counted(), desk or Desk()
    server = SipServer(settings, counted)
    door = SipDoor(server, desk, plan, OutgoingCalls(8, 3600))
    await server.open()
    try:
        yield End(server, door, desk, counted)
    finally:
        await door.close()
