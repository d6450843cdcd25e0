"""A stand-in for Twilio: places calls to our server and does what its TwiML says until the call is over."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self, assert_never
from urllib.parse import urljoin
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

from telephony.standin import twiml
from telephony.standin.phone import Notebook, Phone, StreamIds
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace, EndedBy, Noted
from telephony.standin.twiml import TwimlError, Verb
from telephony.standin.webhooks import Addresses, WebhookError, Webhooks

LONGEST_CALL_SECONDS = 300.0

MOST_DOCUMENTS = 30
"""A call that is redirected more often than this goes round in circles."""

Tell = Callable[[Noted], None]


@dataclass(frozen=True, slots=True)
class Agent:
    """Whom a `<Dial>` reaches."""

    outcome: str = "completed"
    """DialCallStatus: completed, busy, no-answer, failed, canceled."""

    seconds: float = 3.0
    """From dialling until it is over: ringing and talk."""

    caller_hangs_up: bool = False
    """The caller leaves while with the agent: nothing is asked of the server but the status callback."""


@dataclass(slots=True)
class _Call:
    """One call under way."""

    form: dict[str, str]
    talker: Talker
    book: Notebook
    longest: float
    waiting: list[Verb] = field(default_factory=list)
    document: str = ""
    """Address of the document under way: relative addresses in it are relative to this."""

    documents: int = 0

    @property
    def trace(self) -> CallTrace:
        return self.book.trace


class StandInCarrier:
    """Use as `async with StandInCarrier(…) as carrier:`; any number of calls at once."""

    def __init__(
        self,
        base_url: str,
        public_url: str,
        account_sid: str,
        auth_token: str,
        *,
        agent: Agent = Agent(),  # noqa: B008 - frozen
        agents: Mapping[str, Agent] | None = None,
        status_path: str = "/twilio/status",
    ) -> None:
        """
        Args:
            base_url: where the server listens, `http://127.0.0.1:8080`.
            public_url: its `IVR_PUBLIC_URL`.
            agent: who answers a transfer; `agents` says it for single targets.
            status_path: where the end of each call is told; in real life set at the number.
        """
        self._account = account_sid
        self._agent = agent
        self._agents = dict(agents or {})
        self._status_path = status_path
        self._client = httpx.AsyncClient(limits=httpx.Limits(max_connections=200))
        self._addresses = Addresses(base_url, public_url)
        self._webhooks = Webhooks(self._addresses, auth_token, self._client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def place_call(
        self,
        caller_number: str,
        called_number: str,
        talker: Talker,
        *,
        tell: Tell | None = None,
        longest_seconds: float = LONGEST_CALL_SECONDS,
    ) -> CallTrace:
        """One call from the first webhook to the last status callback. Never raises for what the server does:
        `trouble` of the trace says it.

        Args:
            tell: hears of everything as it happens, on the event loop.
        """
        trace = CallTrace(f"CA{uuid4().hex}", caller_number, called_number)
        call = _Call(self._form(trace), talker, Notebook(trace, monotonic, tell), longest_seconds)
        call.book.note("calling", called_number)
        await self._hold(call, self._addresses.below("/twilio/voice"))
        await self._report_end(call)
        return trace

    async def answer_call(
        self, call_sid: str, caller_number: str, called_number: str, url: str, talker: Talker
    ) -> CallTrace:
        """A call that the server placed (`telephony.standin.rest`) is picked up: what it says at `url` is done. How it
        ends is told by who placed it."""
        trace = CallTrace(call_sid, caller_number, called_number)
        form = {**self._form(trace), "Direction": "outbound-api", "CallStatus": "in-progress"}
        await self._hold(_Call(form, talker, Notebook(trace, monotonic, None), LONGEST_CALL_SECONDS), url)
        return trace

    async def _hold(self, call: _Call, url: str) -> None:
        """From the first document to the end; what goes wrong is written into the trace."""
        trace = call.trace
        try:
            trace.ended_by = await self._carry(call, url)
        except TwimlError as error:
            trace.ended_by, trace.trouble = "carrier", str(error)
        except (WebhookError, InvalidHandshake) as error:
            refused = getattr(error, "status", 0) in (403, 429, 503) or isinstance(error, InvalidHandshake)
            trace.ended_by, trace.trouble = "refused" if refused else "broken", str(error)
        except OSError as error:
            trace.ended_by, trace.trouble = "broken", f"{type(error).__name__}: {error}"
        if trace.trouble:
            call.book.note("trouble", trace.trouble)
        for what in trace.missed:
            call.book.note("missed", what)
        call.book.note("hung_up", trace.ended_by)

    async def _carry(self, call: _Call, url: str) -> EndedBy:
        await self._read(call, url, {})
        while call.waiting:
            if ended := await self._do(call, call.waiting.pop(0)):
                return ended
        return "server"

    async def _read(self, call: _Call, url: str, more: Mapping[str, str]) -> None:
        """Go on with another document; what was left of the one before is forgotten."""
        call.documents += 1
        if call.documents > MOST_DOCUMENTS:
            raise TwimlError("the call is redirected in circles")
        call.document = urljoin(call.document, url)
        call.waiting = list(twiml.parse(await self._webhooks.post(call.document, {**call.form, **more})))
        call.form["CallStatus"] = "in-progress"

    async def _do(self, call: _Call, verb: Verb) -> EndedBy:
        match verb:
            case twiml.Connect():
                return await self._connect(call, verb)
            case twiml.Redirect(url=url):
                await self._read(call, url, {})
            case twiml.Dial():
                return await self._dial(call, verb)
            case twiml.Announce(text=text):
                call.book.note("announced", text)
            case twiml.Pause(seconds=seconds):
                await asyncio.sleep(seconds)
            case twiml.HangUp():
                return "server"
            case twiml.Reject(reason=reason):
                call.trace.trouble = f"the call was rejected: {reason}"
                return "refused"
            case _:
                assert_never(verb)
        return ""

    async def _connect(self, call: _Call, verb: twiml.Connect) -> EndedBy:
        url, headers = self._webhooks.socket(verb.url)
        ids = StreamIds(self._account, call.trace.call_sid, f"MZ{uuid4().hex}")
        await self._report_stream(call, verb, ids.stream, "stream-started")
        async with connect(url, additional_headers=headers, compression=None, max_size=2**20) as socket:
            phone = Phone(socket, ids, call.talker, call.book, call.longest)
            end = await phone.talk(dict(verb.parameters))
        call.talker.line_closed()
        await self._report_stream(call, verb, ids.stream, "stream-stopped")
        if end == "server":
            if verb.action:
                await self._read(call, verb.action, {})
            return ""
        if end == "caller" and call.book.now() > call.longest:
            call.trace.trouble = f"the call lasted longer than {call.longest:.0f} s"
            return "carrier"
        return end

    async def _dial(self, call: _Call, verb: twiml.Dial) -> EndedBy:
        agent = self._agents.get(verb.targets[0], self._agent)
        call.book.note("dialled", verb.targets[0])
        rings_out = agent.outcome == "no-answer"
        await asyncio.sleep(min(agent.seconds, verb.timeout_seconds) if rings_out else agent.seconds)
        if agent.caller_hangs_up:
            call.trace.left_at = call.book.now()
            return "caller"
        call.book.note("agent_left", agent.outcome)
        if verb.action:
            told = {"DialCallStatus": agent.outcome, "DialCallSid": f"CA{uuid4().hex}"}
            if agent.outcome == "completed":
                told["DialCallDuration"] = str(round(agent.seconds))
            await self._read(call, verb.action, told)
        return ""

    async def _report_stream(self, call: _Call, verb: twiml.Connect, stream: str, event: str) -> None:
        if verb.status_callback:
            await self._report(call, verb.status_callback, {"StreamSid": stream, "StreamEvent": event})

    async def _report_end(self, call: _Call) -> None:
        if call.form["CallStatus"] == "ringing":
            return  # the server never took the call: there is nobody to tell
        status = "busy" if call.trace.ended_by == "refused" else "completed"
        ended = {"CallStatus": status, "CallDuration": str(round(call.book.now())), "SequenceNumber": "3"}
        await self._report(call, self._addresses.below(self._status_path), ended)

    async def _report(self, call: _Call, url: str, more: Mapping[str, str]) -> None:
        """Callbacks tell; nothing of the call hangs on their answer."""
        try:
            await self._webhooks.post(urljoin(call.document, url), {**call.form, **more})
        except WebhookError as error:
            call.book.note("trouble", str(error))

    def _form(self, trace: CallTrace) -> dict[str, str]:
        return {
            "CallSid": trace.call_sid,
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "From": trace.caller,
            "Caller": trace.caller,
            "To": trace.called,
            "Called": trace.called,
            "Direction": "inbound",
            "CallStatus": "ringing",
        }
