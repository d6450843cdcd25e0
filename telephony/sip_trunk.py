"""Calls that go out through a trunk: `SipTrunk` implements the ports `Trunk` and `Dialer`.

Early media (183 with a description) is taken and given to a tap, so that announcements of the carrier can be kept and
read; it never counts as an answer.
"""

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog

from ivr.model.calls import Leg
from ivr.model.errors import CallFailed, NotAllowed
from ivr.model.events import CallAnswered
from ivr.model.ports import Tap
from telephony.rtp_leg import open_leg
from telephony.sip_dialling import Dialling, answer_in_time
from telephony.sip_dialog import new_dialog
from telephony.sip_door import SipDoor
from telephony.sip_line import SipLine
from telephony.sip_numbers import sip_address
from telephony.sip_settings import SipTrunkSettings

RING_SECONDS = 30.0
"""For `dial`, which names no time."""

log = structlog.get_logger(__name__)


class ClosingTap(Tap, Protocol):
    """A tap that is told when nothing more comes."""

    def close(self) -> None: ...


EarlyTap = Callable[[str], ClosingTap | None]
"""Who keeps what the far end sends before it answers, by SIP Call-ID."""


class SipTrunk:
    """One trunk that calls go out through."""

    def __init__(
        self,
        door: SipDoor,
        trunk: SipTrunkSettings,
        early_tap: EarlyTap = lambda call_id: None,
        now: Callable[[], float] = time.monotonic,
        rang: Callable[[str], None] = lambda attempt_id: None,
    ) -> None:
        """`rang` is told of attempts that `dial` began, when their telephone rings."""
        self._door, self._trunk, self._early_tap, self._now = door, trunk, early_tap, now
        self._rang = rang

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> SipLine:
        """Ring `to` (E.164 or SIP address) and return its line once it was answered; cancelling hangs up.

        Raises:
            NotAllowed: the dial plan forbids the destination, or too many calls are out.
            CallFailed: nobody answered; `outcome` says why.
        """
        line, dialling = await self._prepare(to, caller_id, secrets.token_hex(8))
        return await self._ring(line, dialling, ring_seconds)

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        """Start one call and return its Call-ID. Once it is answered the flow holds it; if not, `SipCalls.ended` says
        how it went.

        Raises:
            NotAllowed: the dial plan forbids the destination, or too many calls are out.
            CallFailed: no port for its sound, or the trunk's address is unknown.
        """
        line, dialling = await self._prepare(to, caller_id, attempt_id)
        dialling.rang = partial(self._rang, attempt_id)
        answered = CallAnswered(caller_id, to, "outbound", {"flow": flow, "attempt": attempt_id})
        self._door.run(self._hold(line, dialling, answered))
        return dialling.dialog.call_id

    async def _prepare(self, to: str, caller_id: str, key: str) -> tuple[SipLine, Dialling]:
        door, trunk = self._door, self._trunk
        dialled = door.plan.check(to)
        try:
            address, sender = sip_address(dialled, trunk), sip_address(caller_id or trunk.user or "anonymous", trunk)
        except ValueError as error:
            raise NotAllowed(str(error)) from error
        door.outgoing.begin(key, self._now())
        line = door.new_line(trunk)
        try:
            peer = await door.server.reach(trunk)
            port = await open_leg(line.leg, door.server.settings.host, door.server.settings.rtp_ports)
        except CallFailed:
            door.outgoing.end(key)
            raise
        server = door.server
        near, unique = server.near(trunk.transport), secrets.token_hex(12)
        dialog = new_dialog(near, server.settings.user_agent, peer, sender, address, unique, trunk.transport)
        call = door.new_call(dialog, line, port)
        door.lines.add(line)

        def gone() -> None:
            door.server.forget(dialog.local_tag)
            door.outgoing.end(key)
            door.done_with(line)

        call.on_gone = gone
        return line, Dialling(call, line, trunk, door.server.settings)

    async def _ring(self, line: SipLine, dialling: Dialling, ring_seconds: float) -> SipLine:
        tap = self._early_tap(dialling.dialog.call_id)
        line.listen_early(tap)
        try:
            await answer_in_time(dialling, ring_seconds)
        finally:
            line.listen_early(None)
            if tap:
                tap.close()
            if not dialling.is_answered:
                line.drop("system")
                dialling.call.on_gone()
        return line

    async def _hold(self, line: SipLine, dialling: Dialling, answered: CallAnswered) -> None:
        call_id, attempt = dialling.dialog.call_id, answered.parameters["attempt"]
        try:
            await self._ring(line, dialling, RING_SECONDS)
        except CallFailed as error:
            log.info("a call was not answered", outcome=error.outcome)
            return await self._door.calls.ended(call_id, error.outcome, attempt)
        await self._door.hold(line, answered, Leg("sip", {"call_sid": call_id, "trunk": self._trunk.name}))
