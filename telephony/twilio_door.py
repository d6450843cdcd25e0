"""Who is let in from Twilio: signed webhooks, and media streams with a good token; and which call is where."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import structlog
from fastapi import HTTPException, Request, WebSocket

from ivr.model.calls import Leg
from ivr.model.errors import LineError, NotAllowed
from ivr.model.events import CallAnswered, TransferFinished
from telephony.decisions import CallBook, Decision, TransferTo, TwilioCall
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.stream_tokens import StreamTokens
from telephony.text_socket import wait_for_start
from telephony.twilio_legs import TwilioLegs
from telephony.twilio_line import TwilioLine
from telephony.twilio_messages import StreamStarted, TwilioStream
from telephony.twilio_security import Form, TwilioSignature
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_socket import StarletteSocket
from telephony.twiml import Twiml

MOST_BODY_BYTES = 65536
LONGEST_FACT = 200
"""Characters of a number or parameter that travels with a stream."""

POLICY_VIOLATION = 1008
TRY_LATER = 1013

log = structlog.get_logger(__name__)


class TwilioCalls(Protocol):
    """The call centre, as Twilio's webhooks see it."""

    def flow_for(self, called: str) -> str:
        """Which flow answers this number, in E.164; empty: none."""

    def has_room(self) -> bool:
        """One more call can be taken."""

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        """Hold a whole call; returns when it is over or was transferred away."""

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        """The caller is back from a transfer: go on with the call parked under this CallSid."""

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        """The carrier says how it ended: completed, busy, no_answer, failed, cancelled. Once per call;
        `attempt_id` is that of `Dialer.dial`, empty for calls that came in."""


class Counts(Protocol):
    """Who counts what goes wrong with the far end."""

    def refused(self, why: str) -> None: ...

    def ignored(self, kind: str, count: int) -> None: ...


class TwilioDoor:
    """All state of the router. `faults` counts by name what was turned away."""

    def __init__(
        self,
        settings: TwilioSettings,
        calls: TwilioCalls,
        plan: DialPlan,
        outgoing: OutgoingCalls,
        counts: Counts | None = None,
        rang: Callable[[str], None] = lambda attempt_id: None,
        legs: TwilioLegs | None = None,
    ) -> None:
        self._counts, self.rang, self.legs = counts, rang, legs or TwilioLegs()
        self.calls, self.twiml, self.book, self.outgoing = calls, Twiml(settings), CallBook(), outgoing
        self.faults: Counter[str] = Counter()
        self._settings, self._plan = settings, plan
        self._signature = TwilioSignature(settings)
        self._tokens = StreamTokens(settings.auth_token, settings.token_seconds)
        self._waiting: Counter[str] = Counter()
        self._streams = 0

    async def form(self, request: Request) -> Form:
        """Fields of a webhook that is really Twilio's; otherwise the request ends with 403 or 413."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BODY_BYTES:
                raise HTTPException(413)
        query = request.scope["query_string"].decode("latin-1")
        try:
            return self._signature.form(_path(request.scope), query, bytes(body), request.headers)
        except NotAllowed as error:
            self.refuse("bad_signature", str(error))
            raise HTTPException(403) from error

    def connect(self, call: TwilioCall) -> str:
        """TwiML that brings the call's sound to us, with a fresh token."""
        facts = {**call.parameters, "from": call.caller, "to": call.called, "direction": call.direction}
        facts = {name: value[:LONGEST_FACT] for name, value in facts.items()}
        token = self._tokens.issue(call.call_sid, facts, time.time(), secrets.token_hex(8))
        return self.twiml.connect({"t": token, **facts}, asks_again="leg" not in facts)

    async def admit(self, websocket: WebSocket) -> None:
        """Hold a stream from its upgrade to its end. Nothing is allocated for a call before its token is good."""
        address = websocket.client.host if websocket.client else ""
        if self._streams >= self._settings.most_streams or self._is_crowded(address):
            self.refuse("too_many_streams", "connection limit")
            return await websocket.close(TRY_LATER)
        try:
            self._signature.check_socket(_path(websocket.scope), websocket.headers)
        except NotAllowed as error:
            self.refuse("bad_socket_signature", str(error))
            return await websocket.close(POLICY_VIOLATION)
        self._waiting[address] += 1
        try:
            await websocket.accept()
            socket, stream = StarletteSocket(websocket), TwilioStream()
            started = await wait_for_start(socket, stream, self._settings.start_seconds)
            call = self._call_of(started)
        except (LineError, NotAllowed) as error:
            self.refuse("stream_refused", str(error))
            return await socket.close(POLICY_VIOLATION)
        finally:
            self._waiting[address] -= 1
            self._waiting += Counter()  # forgets addresses nobody waits at
        line = TwilioLine(socket, stream, self._settings, self._plan, partial(self._decide, call))
        await self._hold(call, line, Leg("twilio", {"call_sid": call.call_sid, "stream_sid": started.stream_sid}))

    async def _hold(self, call: TwilioCall, line: TwilioLine, leg: Leg) -> None:
        call.line, call.decision = line, None
        returning, call.returning = call.returning, None
        if call.machine:
            line.post(call.machine)
            call.machine = None
        self._streams += 1
        try:
            async with asyncio.TaskGroup() as group:
                carrying = group.create_task(line.carry())
                if key := call.parameters.get("leg", ""):
                    await (carrying if self.legs.answered(key, line) else line.hang_up())
                elif returning:
                    await self.calls.resume_call(call.call_sid, line, returning)
                else:
                    answered = CallAnswered(call.caller, call.called, call.direction, call.parameters)
                    await self.calls.run_call(line, answered, leg)
                carrying.cancel()
        finally:
            await line.drop()
            if call.line is line:
                call.line = None
            if self._counts:
                for kind, count in line.faults.items():
                    self._counts.ignored(kind, count)
            self._streams -= 1

    def _decide(self, call: TwilioCall, decision: Decision) -> None:
        if isinstance(decision, TransferTo):
            self.outgoing.begin(call.call_sid, time.monotonic())
        call.decision = decision

    def _call_of(self, started: StreamStarted) -> TwilioCall:
        facts = dict(started.parameters)
        refusal = self._tokens.refusal(facts.pop("t", ""), started.call_sid, facts, time.time())
        if refusal:
            raise NotAllowed(f"the stream token is {refusal}")
        call = self.book.open(call_from(started.call_sid, facts), time.monotonic())
        if call.line and not call.returning:
            raise NotAllowed("the call already has a stream")
        return call

    def _is_crowded(self, address: str) -> bool:
        return self._waiting[address] >= self._settings.most_waiting_per_address

    def refuse(self, fault: str, reason: str) -> None:
        """Count and log what is turned away."""
        self.faults[fault] += 1
        if self._counts:
            self._counts.refused(fault)
        log.warning("refused at the Twilio door", fault=fault, reason=reason)


def call_from(call_sid: str, facts: Mapping[str, str]) -> TwilioCall:
    """A call from what is known of it: `from`, `to`, `direction`; everything else is a parameter of its flow."""
    rest = {name: value for name, value in facts.items() if name not in ("from", "to", "direction")}
    is_ours = facts.get("direction", "").startswith("outbound")
    return TwilioCall(call_sid, facts.get("from", ""), facts.get("to", ""), "outbound" if is_ours else "inbound", rest)


def _path(scope: Mapping[str, object]) -> str:
    """The path without what a proxy's prefix or a mount put before it: IVR_PUBLIC_URL has the prefix."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
