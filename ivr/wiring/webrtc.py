"""Browser calls: the door, the gate before it, and who talks with whom behind it."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog

from ivr.call.reception import Reception
from ivr.config import Config
from ivr.environment import Environment
from ivr.model.calls import Leg
from ivr.model.commands import Command, JoinQueue, Say
from ivr.model.errors import NotAllowed
from ivr.model.events import (
    AgentJoined,
    AgentSaid,
    CallAnswered,
    CallEvent,
    Heard,
    LineHeld,
    PartialHeard,
    QueueLeft,
    TransferFinished,
)
from ivr.model.tickets import Tickets
from ivr.web.knocks import Knocks
from ivr.web.metrics import Meters
from ivr.web.webrtc_gate import Claims, DoorRules, WebRtcGate
from telephony.webrtc_door import WebRtcDoor
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_settings import WebRtcSettings

Handler = Callable[[Claims, WebRtcLine], Awaitable[None]]
"""Takes the line of an agent or supervisor once sound can pass; the line is hung up when it returns."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class BrowserCaptions:
    """Implements `ivr.call.live.Watcher`: what is said in a call, for the browser it came from to show."""

    lines: dict[str, WebRtcLine] = field(default_factory=dict)
    """By our call id."""

    def saw(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        line = self.lines.get(call_id)
        if line is None:
            return
        match what:
            case Heard(text=text) if text:
                line.show_caption("caller", text)
            case PartialHeard(text=text) if text:
                line.show_caption("caller", text, final=False)
            case Say(text=text):
                line.show_caption("bot", text)
            case AgentSaid(text=text):
                line.show_caption("agent", text)
            case JoinQueue():
                line.show_state("queued")
            case AgentJoined(name=name):
                line.show_state("with_agent", name)
            case LineHeld(held=held):
                line.show_state("held" if held else "with_agent")
            case QueueLeft() | TransferFinished():
                line.show_state("active")
            case _:
                pass


@dataclass(slots=True)
class BrowserCalls:
    """Implements `ivr.web.webrtc_gate.Browsers`. Each call has a task, which `close` waits for."""

    config: Config
    reception: Reception
    door: WebRtcDoor
    captions: BrowserCaptions
    meters: Meters
    handlers: dict[str, Handler] = field(default_factory=dict)
    """For agents and supervisors, by role; `handle` sets them."""

    _held: dict[asyncio.Task[None], WebRtcLine] = field(default_factory=dict)

    def handle(self, role: str, handler: Handler) -> None:
        """From now on `handler` takes lines of this role: agent or supervisor."""
        self.handlers[role] = handler

    def flow_for(self, called: str) -> str:
        number = self.config.number_for(called)
        return number.flow if number else ""

    def has_room(self, role: str) -> bool:
        return self.door.has_room and not (role == "caller" and self.reception.is_full)

    async def turn(self) -> bool:
        return await self.door.turn()

    def ice_servers(self, who: str) -> list[dict[str, Any]]:
        return self.door.settings.ice_servers(who, time.time())

    async def connect(self, claims: Claims, sdp: str) -> tuple[str, str]:
        if claims.role != "caller" and claims.role not in self.handlers:
            raise NotAllowed(f"nobody here expects somebody in the role {claims.role}")
        call_id = uuid4().hex
        answer, line = await self.door.connect(sdp)
        task = asyncio.create_task(self._hold(claims, line, call_id), name="browser call")
        self._held[task] = line
        task.add_done_callback(self._held.pop)
        return answer, call_id

    async def close(self) -> None:
        """Hang up on everybody; their calls end as calls do, with their records."""
        for line in self._held.values():
            await line.hang_up()
        await asyncio.gather(*self._held, return_exceptions=True)

    async def _hold(self, claims: Claims, line: WebRtcLine, call_id: str) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                carrying = group.create_task(line.carry())
                if await line.is_connected():
                    await self._talk(claims, line, call_id)
                await line.hang_up()
                await carrying
        except Exception:
            log.exception("a browser call failed", call_id=call_id)
        finally:
            self.captions.lines.pop(call_id, None)
            for kind, count in line.faults.items():
                self.meters.ignored(f"webrtc_{kind}", count)

    async def _talk(self, claims: Claims, line: WebRtcLine, call_id: str) -> None:
        if claims.role != "caller":
            line.closing_means = "network"
            return await self.handlers[claims.role](claims, line)
        self.captions.lines[call_id] = line
        answered = CallAnswered(claims.caller, claims.called, parameters=claims.params)
        await self.reception.take(line, answered, Leg("webrtc", {"connection": call_id}), call_id)


@dataclass(frozen=True, slots=True)
class WebRtcWires:
    calls: BrowserCalls
    gate: WebRtcGate


def webrtc_settings(config: Config, environment: Environment) -> WebRtcSettings:
    """
    Raises:
        ConfigError: TURN servers without their secret.
    """
    wanted = config.webrtc
    return WebRtcSettings(
        codecs=tuple(wanted.codecs),
        stun_urls=tuple(wanted.stun_urls),
        turn_urls=tuple(wanted.turn_urls),
        turn_secret=environment.turn_secret,
        turn_seconds=wanted.turn_seconds,
        most_connections=wanted.max_connections,
        setups_per_second=wanted.setups_per_second,
        connect_seconds=wanted.connect_seconds,
        vanished_seconds=wanted.vanished_seconds,
        comfort_noise=wanted.comfort_noise,
    )


@asynccontextmanager
async def webrtc_wires(
    config: Config, environment: Environment, reception: Reception, captions: BrowserCaptions, meters: Meters
) -> AsyncIterator[WebRtcWires | None]:
    """Browser calls while the block runs, if they are wanted; at its end all of them are hung up and their records
    finished.

    Raises:
        ConfigError: TURN servers without their secret.
    """
    if not config.webrtc.enabled:
        yield None
        return
    door = WebRtcDoor(webrtc_settings(config, environment))
    # Several nodes share the API key, so each takes the others' tickets; without one there is only this node.
    secret = environment.api_key or secrets.token_hex(16)
    tickets = Tickets(secret, "webrtc ticket", config.webrtc.token_seconds)
    rules = DoorRules(
        tuple(config.webrtc.allowed_origins),
        environment.public_url,
        is_public=config.phone.public,
        numbers=tuple(config.public_numbers()),
    )
    calls = BrowserCalls(config, reception, door, captions, meters)
    try:
        yield WebRtcWires(calls, WebRtcGate(calls, tickets, rules, meters, Knocks(config.phone.tokens_per_minute)))
    finally:
        await calls.close()
