"""Repetition by hand-turned clock."""

import heapq
from collections.abc import Callable
from itertools import count

from aiosipua.message import SipRequest, SipResponse

from telephony.sip_messages import Address, Essentials, read, reply
from telephony.sip_transactions import Transactions

HERE: Address = ("192.0.2.1", 5060)


class Clock:
    """`Later` whose time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._numbers = count()

    def later(self, seconds: float, call: Callable[[], object]) -> "Timer":
        timer = Timer(call)
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), timer))
        return timer

    def run(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            self.now, _, timer = heapq.heappop(self._due)
            timer.run()
        self.now = until


class Timer:
    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call

    def cancel(self) -> None:
        self._call = None

    def run(self) -> None:
        if self._call:
            self._call()


class Wire:
    """What was sent, and when."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sent: list[tuple[float, str]] = []
        self.transactions = Transactions(self._send, self.clock.later)

    def _send(self, message: SipRequest | SipResponse, target: Address) -> None:
        name = message.method if isinstance(message, SipRequest) else str(message.status_code)
        self.sent.append((round(self.clock.now, 1), name))

    def times(self, name: str) -> list[float]:
        return [at for at, sent in self.sent if sent == name]


def request(method: str) -> tuple[SipRequest, Essentials]:
    message, seen = read((
        f"{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9\r\nFrom: <sip:d@e>;tag=f\r\nTo: <sip:a@b>\r\n"
        f"Call-ID: g\r\nCSeq: 1 {method}\r\n\r\n"
    ).encode())  # fmt: skip
    assert isinstance(message, SipRequest)
    return message, seen


def answer(method: str, status: int) -> tuple[SipResponse, Essentials]:
    message, seen = read(bytes(reply(request(method)[0], status, "t")))
    assert isinstance(message, SipResponse)
    return message, seen


def asked(wire: Wire, method: str) -> list[int | None]:
    """Send a request of ours; the statuses its owner is told."""
    told: list[int | None] = []
    wire.transactions.request(
        request(method)[0], "z9", HERE, lambda reply: told.append(reply.status_code if reply else None)
    )
    return told


def test_a_request_is_repeated_with_growing_pauses_and_given_up_after_32_seconds() -> None:
    wire = Wire()
    told = asked(wire, "BYE")
    wire.clock.run(60)
    assert wire.times("BYE") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert told == [None]
    assert not wire.transactions.receive_response(*answer("BYE", 200))


def test_an_invite_that_rings_is_not_repeated_and_its_refusal_is_acknowledged_each_time() -> None:
    wire = Wire()
    told = asked(wire, "INVITE")
    wire.clock.run(2)
    assert wire.times("INVITE") == [0, 0.5, 1.5]
    wire.transactions.receive_response(*answer("INVITE", 180))
    wire.clock.run(100)
    assert wire.times("INVITE") == [0, 0.5, 1.5]
    for _ in range(2):
        assert wire.transactions.receive_response(*answer("INVITE", 486))
    assert (told, len(wire.times("ACK"))) == ([180, 486], 2)
    wire.clock.run(200)
    assert not wire.transactions.receive_response(*answer("INVITE", 486))


def test_every_200_to_an_invite_is_told_because_each_wants_an_ack() -> None:
    wire = Wire()
    told = asked(wire, "INVITE")
    for status in (200, 200):
        wire.transactions.receive_response(*answer("INVITE", status))
    assert (told, wire.times("ACK")) == ([200, 200], [])
    told = asked(wire, "OPTIONS")
    for status in (100, 200, 200):
        wire.transactions.receive_response(*answer("OPTIONS", status))
    assert told == [100, 200]


def test_a_repeated_request_gets_the_same_answer_and_is_forgotten_in_time() -> None:
    wire, (message, seen) = Wire(), request("BYE")
    first = wire.transactions.receive_request(message, seen, HERE, HERE)
    assert first
    assert wire.transactions.receive_request(message, seen, HERE, HERE) is None
    assert wire.sent == []
    first.answer(reply(message, 200, "t"))
    first.answer(reply(message, 500, "t"))
    assert wire.transactions.receive_request(message, seen, HERE, HERE) is None
    assert wire.sent == [(0, "200"), (0, "200")]
    wire.clock.run(40)
    assert wire.transactions.receive_request(message, seen, HERE, HERE) is not None


def test_the_answer_to_an_invite_is_repeated_until_it_is_acknowledged() -> None:
    for status, acknowledged in ((200, True), (200, False), (486, False)):
        wire, (message, seen) = Wire(), request("INVITE")
        invite, dead = wire.transactions.receive_request(message, seen, HERE, HERE), list[int]()
        assert invite
        invite.on_unacknowledged = lambda dead=dead: dead.append(1)  # type: ignore[misc]
        invite.answer(reply(message, 100, "t"))
        invite.answer(reply(message, status, "t"))
        wire.clock.run(1)
        assert wire.times(str(status)) == [0, 0.5]
        if acknowledged:
            assert wire.transactions.invite_of(seen, HERE) is invite
            invite.acknowledged()
            invite.acknowledged()
        wire.clock.run(60)
        assert len(wire.times(str(status))) == (2 if acknowledged else 11)
        assert dead == ([1] if status == 200 and not acknowledged else [])
