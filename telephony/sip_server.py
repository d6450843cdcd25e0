"""The SIP sockets: what comes in is let through the gate, read, and brought to the call it belongs to.

The gate looks at the source before anything is parsed. aiosipua's own UDP transport is not used: it parses first, and
its `connection_made` asserts a class that asyncio's transports do not have in Python 3.11.
"""

import asyncio
import secrets
import ssl
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog
from aiosipua.message import SipRequest, SipResponse

from ivr.model.errors import CallFailed, LineError
from telephony.sip_call import SipCall
from telephony.sip_gate import SipGate
from telephony.sip_messages import ALLOW, SDP, Address, BadMessage, Essentials, read, reply, reply_target, stamp_source
from telephony.sip_names import resolve
from telephony.sip_settings import SipSettings, SipTrunkSettings, Transport
from telephony.sip_streams import SipStreams, server_tls
from telephony.sip_transactions import Later, ServerTransaction, Transactions, on_loop

GOODBYE_SECONDS = 2.0
"""How long the BYEs of a shutdown may take."""

log = structlog.get_logger(__name__)


class Counts(Protocol):
    """Who counts what goes wrong with the far end (`telephony.twilio_door.Counts` fits)."""

    def refused(self, why: str) -> None: ...

    def ignored(self, kind: str, count: int) -> None: ...


class NoCounts:
    def refused(self, why: str) -> None:
        """Nobody counts."""

    def ignored(self, kind: str, count: int) -> None:
        """Nobody counts."""


class Reception(Protocol):
    """Who takes new calls."""

    def invited(self, transaction: ServerTransaction, trunk: SipTrunkSettings) -> None: ...

    def cancelled(self, invite: ServerTransaction) -> None: ...

    @property
    def is_closing(self) -> bool: ...


class SipServer(asyncio.DatagramProtocol):
    """One for the machine. `faults` counts by name what was turned away."""

    def __init__(
        self,
        settings: SipSettings,
        counts: Counts | None = None,
        later: Later = on_loop,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.gate = settings, SipGate(settings)
        self.streams = SipStreams(self)
        self.transactions = Transactions(self.send, later, lambda target: target in self.streams.open)
        self.calls: dict[str, SipCall] = {}
        """Dialogues by our tag."""

        self.faults: Counter[str] = Counter()
        self.counts: Counts = counts or NoCounts()
        self.reception: Reception | None = None
        self.port = settings.port
        self._later, self._now = later, now
        self._transport: asyncio.DatagramTransport | None = None

    def near(self, transport: Transport = "udp") -> str:
        """`host:port` as peers are told."""
        port = {"udp": self.port, "tcp": self.streams.port, "tls": self.streams.tls_port}[transport]
        return f"{self.settings.advertised}:{port or self.port}"

    async def open(self) -> None:
        """
        Raises:
            LineError: the address cannot be listened on.
        """
        settings = self.settings
        try:
            await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: self, local_addr=(settings.host, settings.port)
            )
            await self.streams.listen(settings.host, settings.port)
            if settings.certificate:
                secured = server_tls(settings.certificate, settings.key)
                await self.streams.listen(settings.host, settings.tls_port, secured)
        except OSError as error:
            raise LineError(
                f"SIP cannot listen on {settings.host}:{settings.port} ({error.strerror}); see sip.listen, sip.sip_port"
                " and sip.tls"
            ) from error

    async def reach(self, trunk: SipTrunkSettings) -> Address:
        """The trunk's address, with a connection to it where it wants one.

        Raises:
            CallFailed: unreachable.
        """
        peer = await resolve(trunk)
        if trunk.transport == "udp":
            return peer
        self.gate.allow(peer[0], trunk)
        secured = ssl.create_default_context(cafile=self.settings.ca or None) if trunk.transport == "tls" else None
        try:
            await self.streams.connect(peer, secured, trunk.target[0])
        except OSError as error:
            raise CallFailed("unreachable", f"no connection to trunk {trunk.name}: {error}") from error
        return peer

    def forget(self, tag: str) -> None:
        """The dialogue with this tag of ours is over."""
        self.calls.pop(tag, None)

    async def close(self) -> None:
        """Say goodbye on every call and stop listening."""
        for call in list(self.calls.values()):
            call.lost()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                while self.calls:  # noqa: ASYNC110 - answers to BYE empty it, one by one
                    await asyncio.sleep(0.02)
        self.streams.close()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio's class hierarchy says too little in 3.11
        self.port = transport.get_extra_info("sockname")[1]

    def error_received(self, exc: Exception) -> None:
        self.faults["unreachable"] += 1

    def send(self, message: SipRequest | SipResponse, target: Address) -> None:
        raw = bytes(message)
        if not self.streams.send(raw, target) and self._transport and not self._transport.is_closing():
            self._transport.sendto(raw, target)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.arrived(data, addr)

    def lets_in(self, address: str) -> bool:
        return self.gate.trunk_of(address) is not None

    def arrived(self, data: bytes, addr: Address) -> None:
        """One message, as a datagram or cut out of a stream."""
        if refusal := self.gate.refusal(data, addr[0], self._now()):
            return self.refuse(refusal, is_news=refusal != "keep_alive")
        try:
            message, seen = read(data)
            if isinstance(message, SipRequest):
                stamp_source(message, addr)
        except BadMessage as error:
            self.refuse("malformed")
            if error.request is not None:
                stamp_source(error.request, addr)
                self.send(reply(error.request, 400, secrets.token_hex(4)), self._way_back(error.request, addr))
            return
        if isinstance(message, SipRequest):
            self._take_request(message, seen, addr)
        elif not self.transactions.receive_response(message, seen):
            self.refuse("unknown_reply")

    def refuse(self, why: str, *, is_news: bool = True) -> None:
        """Count what is turned away; said in the log the first time and then at every thousandth, as floods come."""
        self.faults[why] += 1
        self.counts.refused(why)
        if is_news and self.faults[why] % 1000 == 1:
            log.warning("refused at the SIP door", fault=why, count=self.faults[why])

    def _take_request(self, request: SipRequest, seen: Essentials, addr: Address) -> None:
        if request.method == "ACK":
            return self._acknowledged(request, seen, addr)
        transaction = self.transactions.receive_request(request, seen, addr, self._way_back(request, addr))
        if transaction is None:
            return
        if request.method == "CANCEL":
            return self._cancelled(transaction)
        if seen.to_tag:
            call = self.calls.get(seen.to_tag)
            if call is None or call.dialog.call_id != seen.call_id or not call.dialog.accepts(seen):
                return self.answer(transaction, 481)
            return call.take(transaction)
        match request.method:
            case "INVITE":
                self._invited(transaction, addr)
            case "OPTIONS":
                closing = self.reception is None or self.reception.is_closing
                self.answer(transaction, 503 if closing else 200, {"Allow": ALLOW, "Accept": SDP})
            case _:
                self.answer(transaction, 405, {"Allow": ALLOW})

    def _way_back(self, request: SipRequest, source: Address) -> Address:
        """Over the connection it came on, else to where its Via says."""
        return source if source in self.streams.open else reply_target(request, source)

    def transport_to(self, peer: Address) -> Transport:
        """What messages to it go over now."""
        connection = self.streams.open.get(peer)
        return "udp" if connection is None else connection.transport

    def answer(self, transaction: ServerTransaction, status: int, headers: dict[str, str] | None = None) -> None:
        """A reply outside of any dialogue."""
        transaction.answer(reply(transaction.request, status, secrets.token_hex(4), headers))

    def _invited(self, transaction: ServerTransaction, addr: Address) -> None:
        trunk = self.gate.trunk_of(addr[0])
        if self.reception is None or trunk is None:
            return self.answer(transaction, 503)
        self.answer(transaction, 100)
        self.reception.invited(transaction, trunk)

    def _acknowledged(self, ack: SipRequest, seen: Essentials, addr: Address) -> None:
        if (invite := self.transactions.invite_of(seen, addr)) is not None:
            return invite.acknowledged()
        call = self.calls.get(seen.to_tag)
        if call is not None and call.dialog.accepts(seen):
            call.acknowledge(ack, seen.number)

    def _cancelled(self, transaction: ServerTransaction) -> None:
        invite = self.transactions.invite_of(transaction.essentials, transaction.source)
        if invite is None:
            return self.answer(transaction, 481)
        self.answer(transaction, 200)
        if not invite.is_answered:
            self.answer(invite, 487)
            if self.reception:
                self.reception.cancelled(invite)
