"""Who is let in by SIP: a new INVITE is checked, answered or refused with the right number, and held to its end."""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from ivr.model.calls import Leg
from ivr.model.errors import LineError
from ivr.model.events import CallAnswered
from ivr.model.ports import Line
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.rtp_leg import open_leg
from telephony.sip_call import SipCall
from telephony.sip_dialog import SipDialog, dialog_of_invite
from telephony.sip_line import LinePolicy, SipLine
from telephony.sip_messages import SDP, session_interval, user_of
from telephony.sip_numbers import to_e164
from telephony.sip_sdp import AgreedSound, BadSdp, NoCommonSound, read_sound
from telephony.sip_server import SipServer
from telephony.sip_settings import SipTrunkSettings
from telephony.sip_transactions import ServerTransaction

KNOWN_EXTENSIONS = frozenset({"timer"})
MOST_PARAMETERS = 20
LONGEST_PARAMETER = 200

log = structlog.get_logger(__name__)


class SipCalls(Protocol):
    """The call centre, as the SIP line sees it."""

    def flow_for(self, called: str) -> str:
        """Which flow answers this number, in E.164; empty: none."""

    def has_room(self) -> bool:
        """One more call can be taken."""

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        """Hold a whole call; returns when it is over or was transferred away."""

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        """A call that `dial` placed was not answered: busy, no_answer, rejected, unreachable, failed."""


class Refusal(LineError):
    """Answer with this status."""

    code = "line.sip_refusal"

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class SipDoor:
    """`Reception` of a `SipServer`, and where lines of both directions are made and held."""

    def __init__(self, server: SipServer, calls: SipCalls, plan: DialPlan, outgoing: OutgoingCalls) -> None:
        self.server, self.calls, self.outgoing, self.plan = server, calls, outgoing, plan
        self.is_closing = False
        self.lines: set[SipLine] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        server.reception = self

    def invited(self, transaction: ServerTransaction, trunk: SipTrunkSettings) -> None:
        self.run(self._admit(transaction, trunk))

    def cancelled(self, invite: ServerTransaction) -> None:
        """487 is on its way; `_admit` sees that the INVITE is answered."""
        self.server.refuse("cancelled", is_news=False)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """A call of its own: what breaks in it is logged and touches no other."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """No new calls; the ones on the line are told goodbye."""
        self.is_closing = True
        for line in list(self.lines):
            line.drop("system")
        await self.server.close()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=5)
            for task in late:
                task.cancel()

    def new_line(self, trunk: SipTrunkSettings) -> SipLine:
        return SipLine(LinePolicy(self.server.settings, trunk, self.plan, self.outgoing))

    def new_call(self, dialog: SipDialog, line: SipLine, rtp_port: int) -> SipCall:
        """The signalling of a line, found by our tag from now on."""
        server = self.server
        call = SipCall(
            dialog,
            server.transactions,
            server.send,
            line,
            (server.settings.advertised, rtp_port),
            server.settings.codecs,
            lambda: server.forget(dialog.local_tag),
        )
        server.calls[dialog.local_tag] = call
        line.connect(call)
        return call

    async def hold(self, line: SipLine, answered: CallAnswered, leg: Leg) -> None:
        """The call itself, to its end."""
        try:
            await self.calls.run_call(line, answered, leg)
        finally:
            line.drop("system")
            self.done_with(line)

    def done_with(self, line: SipLine) -> None:
        """The line is over: what was wrong with it is counted, once."""
        if line in self.lines:
            self.lines.discard(line)
            for kind, count in line.faults.items():
                self.server.counts.ignored(kind, count)

    async def _admit(self, invite: ServerTransaction, trunk: SipTrunkSettings) -> None:
        try:
            called = self._called(invite, trunk)
            agreed = self._offered(invite)
            interval, refresher = self._session(invite)
        except Refusal as refusal:
            self.server.refuse(refusal.why)
            return self.server.answer(invite, refusal.status, refusal.headers)
        line = self.new_line(trunk)
        self.lines.add(line)
        try:
            port = await open_leg(line.leg, self.server.settings.host, self.server.settings.rtp_ports)
        except LineError:
            self.lines.discard(line)
            self.server.refuse("no_rtp_port")
            return self.server.answer(invite, 503, {"Retry-After": str(self.server.settings.retry_after_seconds)})
        if invite.is_answered:  # cancelled while the port was bound
            self.lines.discard(line)
            return line.leg.close()
        settings, seen = self.server.settings, invite.essentials
        transport = self.server.transport_to(invite.source)
        near, tag = self.server.near(transport), secrets.token_hex(8)
        dialog = dialog_of_invite(invite.request, seen, near, invite.source, settings.user_agent, tag, transport)
        self.new_call(dialog, line, port).accept(invite, agreed, interval, refresher)
        line.answered()
        caller = invite.request.from_addr
        number = to_e164(caller.uri.user or "", trunk) if caller else ""
        answered = CallAnswered("" if "anonymous" in number.lower() else number, called, "inbound", self._facts(invite))
        await self.hold(line, answered, Leg("sip", {"call_sid": seen.call_id, "trunk": trunk.name}))

    def _called(self, invite: ServerTransaction, trunk: SipTrunkSettings) -> str:
        called = to_e164(user_of(invite.request.uri), trunk)
        if not called or not self.calls.flow_for(called):
            raise Refusal(404, "unknown_number")
        retry = str(self.server.settings.retry_after_seconds)
        if self.is_closing or not self.calls.has_room():
            raise Refusal(503, "no_room", Retry_After=retry)
        if len(self.lines) >= self.server.settings.most_calls:
            raise Refusal(486, "no_room", Retry_After=retry)
        if any(call.dialog.call_id == invite.essentials.call_id for call in self.server.calls.values()):
            raise Refusal(482, "same_call_twice")  # forked on its way to us, or replayed
        return called

    def _offered(self, invite: ServerTransaction) -> AgreedSound | None:
        request = invite.request
        required = {each.strip().lower() for each in request.headers.get("require")} - KNOWN_EXTENSIONS
        if required:
            raise Refusal(420, "unknown_extension", Unsupported=", ".join(sorted(required)))
        if not request.body:
            return None
        if (request.content_type or "").partition(";")[0].strip().lower() != SDP:
            raise Refusal(415, "unknown_body", Accept=SDP)
        try:
            return read_sound(request.text, self.server.settings.codecs)
        except BadSdp as error:
            raise Refusal(400, "bad_sdp") from error
        except NoCommonSound as error:
            raise Refusal(488, "no_common_sound") from error

    def _session(self, invite: ServerTransaction) -> tuple[int, str]:
        """Seconds of the session timer (0: none) and who refreshes: the peer where it can (RFC 4028 §9)."""
        interval, refresher = session_interval(invite.request.get_header("session-expires") or "")
        least = self.server.settings.least_session_seconds
        supports = "timer" in {each.strip().lower() for each in invite.request.headers.get("supported")}
        if interval and interval < least:
            if supports:
                raise Refusal(422, "short_session", Min_SE=str(least))
            interval = least
        return interval, "uas" if interval and (refresher == "uas" or not supports) else "uac"

    def _facts(self, invite: ServerTransaction) -> dict[str, str]:
        """X- headers, for flows; a peer behind a PBX names its queue or customer there."""
        named = [(name.lower(), values[0]) for name, values in invite.request.headers.items() if values]
        kept = [(name, value[:LONGEST_PARAMETER]) for name, value in named if name.startswith("x-")]
        return dict(kept[:MOST_PARAMETERS])

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a SIP call failed", exc_info=error)
