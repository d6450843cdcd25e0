"""SIP over UDP loses messages: here they are repeated until they are answered, and repetitions are answered alike.

aiosipua sends each request once, takes a repeated INVITE for another call and never acknowledges a refusal, so the
transactions of RFC 3261 §17 are ours. Nothing here knows what a call is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from aiosipua.message import SipRequest, SipResponse

from telephony.sip_messages import Address, Essentials, ack_of

T1 = 0.5
T2 = 4.0
GIVE_UP_SECONDS = 64 * T1
"""RFC 3261 §17.1.1.1: first repetition, longest pause between two, and the end of patience."""

Send = Callable[[SipRequest | SipResponse, Address], None]


class Handle(Protocol):
    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], object]], Handle]
Key = TypeVar("Key")


def on_loop(seconds: float, call: Callable[[], object]) -> Handle:
    return asyncio.get_running_loop().call_later(seconds, call)


@dataclass(slots=True, eq=False)
class Repeating:
    """A message that is sent again and again, with growing pauses, until `stop`."""

    send: Callable[[], None]
    """The first time, and again where nothing else sees to it that it arrives."""

    later: Later
    on_give_up: Callable[[], None]
    longest: float = T2
    is_reliable: bool = False
    """It goes over a stream: it is not sent again, but an answer is waited for as long."""

    _pause: float = T1
    _spent: float = 0.0
    _handle: Handle | None = None

    def start(self) -> None:
        self.send()
        self._handle = self.later(self._pause, self._again)

    def stop(self) -> None:
        if self._handle:
            self._handle.cancel()
        self._handle = None

    def _again(self) -> None:
        self._spent += self._pause
        if self._spent >= GIVE_UP_SECONDS:
            self._handle = None
            self.on_give_up()
            return
        if not self.is_reliable:
            self.send()
        self._pause = min(self._pause * 2, self.longest, max(GIVE_UP_SECONDS - self._spent, T1))
        self._handle = self.later(self._pause, self._again)


@dataclass(slots=True, eq=False)
class ClientTransaction:
    """A request of ours. `on_reply` gets every provisional reply and the first final one, for an INVITE every 2xx;
    None means that no answer came in 32 s."""

    request: SipRequest
    target: Address
    on_reply: Callable[[SipResponse | None], None]
    send: Send
    is_final: bool = False
    repeating: Repeating | None = None

    def receive(self, response: SipResponse) -> None:
        if self.repeating:
            # an INVITE that rings is not repeated; other requests may be, but a peer that answers has them
            self.repeating.stop()
        status, is_invite = response.status_code, self.request.method == "INVITE"
        if is_invite and status >= 300:
            self.send(ack_of(self.request, response), self.target)
        was_final = self.is_final
        self.is_final = was_final or status >= 200
        if not was_final or (is_invite and status < 300 and status >= 200):
            self.on_reply(response)


@dataclass(slots=True, eq=False)
class ServerTransaction:
    """A request of the peer's and what we answered."""

    request: SipRequest
    essentials: Essentials
    source: Address
    target: Address
    send: Send
    later: Later
    on_unacknowledged: Callable[[], None] = field(default=lambda: None)
    """A 200 to an INVITE that was never acknowledged: the call is dead (RFC 3261 §13.3.1.4)."""

    on_final: Callable[[], None] = field(default=lambda: None)
    response: SipResponse | None = None
    _repeating: Repeating | None = None

    @property
    def is_answered(self) -> bool:
        return self.response is not None and self.response.status_code >= 200

    def answer(self, response: SipResponse) -> None:
        """Send a reply; after a final one no other is sent."""
        if self.is_answered:
            return
        self.response = response
        if self.is_answered:
            self.on_final()
        if self.request.method == "INVITE" and response.status_code >= 200:
            self._repeating = Repeating(self._send_again, self.later, self._give_up)
            self._repeating.start()
        else:
            self._send_again()

    def repeat(self) -> None:
        """The peer sent its request again: it did not get our answer."""
        if self.response is not None:
            self._send_again()

    def acknowledged(self) -> None:
        if self._repeating:
            self._repeating.stop()
            self._repeating = None

    def _give_up(self) -> None:
        self._repeating = None
        if self.response is not None and self.response.status_code < 300:
            self.on_unacknowledged()

    def _send_again(self) -> None:
        assert self.response is not None
        self.send(self.response, self.target)


class Transactions:
    """All that is under way, in both directions."""

    def __init__(
        self, send: Send, later: Later = on_loop, is_reliable: Callable[[Address], bool] = lambda target: False
    ) -> None:
        self._send, self._later, self._is_reliable = send, later, is_reliable
        self._ours: dict[tuple[str, str], ClientTransaction] = {}
        self._theirs: dict[tuple[str, str, Address], ServerTransaction] = {}

    def request(
        self, request: SipRequest, branch: str, target: Address, on_reply: Callable[[SipResponse | None], None]
    ) -> ClientTransaction:
        """Send a request of ours until it is answered. ACK is no transaction: send that yourself."""
        key, is_invite = (branch, request.method), request.method == "INVITE"
        transaction = ClientTransaction(request, target, on_reply, self._send)

        def give_up() -> None:
            transaction.is_final = True
            self._ours.pop(key, None)
            on_reply(None)

        transaction.repeating = Repeating(
            lambda: self._send(request, target), self._later, give_up, GIVE_UP_SECONDS if is_invite else T2,
            self._is_reliable(target),
        )  # fmt: skip
        self._ours[key] = transaction
        transaction.repeating.start()
        return transaction

    def receive_response(self, response: SipResponse, seen: Essentials) -> bool:
        """False: it belongs to nothing we sent."""
        key = (seen.branch, seen.method)
        transaction = self._ours.get(key)
        if transaction is None:
            return False
        was_final = transaction.is_final
        transaction.receive(response)
        if transaction.is_final and not was_final:
            self._forget(self._ours, key)
        return True

    def receive_request(
        self, request: SipRequest, seen: Essentials, source: Address, target: Address
    ) -> ServerTransaction | None:
        """The transaction a request begins; None: it is a repetition and was answered as before."""
        key = (seen.branch, request.method, source)
        if known := self._theirs.get(key):
            known.repeat()
            return None
        transaction = ServerTransaction(request, seen, source, target, self._send, self._later)
        # forgotten once no repetition can come; an INVITE that is never answered is ended by its call
        transaction.on_final = lambda: self._forget(self._theirs, key)
        self._theirs[key] = transaction
        return transaction

    def _forget(self, those: dict[Key, Any], key: Key) -> None:
        self._later(GIVE_UP_SECONDS, lambda: those.pop(key, None))

    def invite_of(self, seen: Essentials, source: Address) -> ServerTransaction | None:
        """The INVITE a CANCEL, or the ACK of a refusal, belongs to."""
        return self._theirs.get((seen.branch, "INVITE", source))
