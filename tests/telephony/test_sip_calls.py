"""SIP calls over loopback: by hand-written messages, and between two of our own servers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from ivr.model.audio import AudioFrame
from ivr.model.errors import CallFailed, LineError, NotAllowed
from ivr.model.events import (
    CallAnswered,
    CallerHungUp,
    CallEvent,
    DigitPressed,
    LineHeld,
    PlaybackFinished,
    PlaybackStarted,
)
from ivr.model.ports import Dialer, Line, Trunk
from telephony.sip_line import SipLine
from telephony.sip_sdp import read_sound, write_offer
from telephony.sip_server import SipServer
from telephony.sip_settings import SipSettings
from telephony.sip_trunk import SipTrunk
from telephony.sip_upkeep import SipUpkeep
from tests.telephony.far_end import Recorder, speech
from tests.telephony.sip_kit import LOOPBACK, SETTINGS, TRUNK, Desk, End, an_end

SDP = write_offer(("PCMU",), LOOPBACK, 39999, 1)


class Phone(asyncio.DatagramProtocol):
    """A peer whose every message is written by the test."""

    def __init__(self, port: int) -> None:
        self._to = (LOOPBACK, port)
        self._got: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0

    def connection_made(self, transport: Any) -> None:
        self._transport, self.port = transport, transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._got.put_nowait(data.decode())

    def raw(self, data: bytes) -> None:
        assert self._transport
        self._transport.sendto(data, self._to)

    def says(
        self, method: str, number: int = 1, branch: str = "", to_tag: str = "", body: str = "", extra: str = "",
        to: str = "+15559",
    ) -> None:  # fmt: skip
        kind = "Content-Type: application/sdp\r\n" if body.startswith("v=") else ""
        tag = f";tag={to_tag}" if to_tag else ""
        self.raw((
            f"{method} sip:{to}@here SIP/2.0\r\nVia: SIP/2.0/UDP {LOOPBACK}:{self.port};rport;"
            f"branch=z9hG4bK{branch or f'{method}{number}'}\r\nFrom: <sip:+15550001@there>;tag=me\r\n"
            f"To: <sip:{to}@here>{tag}\r\nCall-ID: call-1\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:me@{LOOPBACK}:{self.port}>\r\n{kind}{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode())  # fmt: skip

    def answers_to(self, port: int) -> None:
        """Who is told what, where that was not known at first."""
        self._to = (LOOPBACK, port)

    def replies(self, request: str, status: int, phrase: str) -> None:
        """To a request that came, without a description."""
        head = [line for line in request.split("\r\n") if line.startswith(("Via", "From", "Call-ID", "CSeq"))]
        to = next(line for line in request.split("\r\n") if line.startswith("To:"))
        tag = "" if "tag=" in to else ";tag=phone"
        head += [to + tag, f"Contact: <sip:phone@{LOOPBACK}:{self.port}>", "Content-Length: 0"]
        self.raw("\r\n".join((f"SIP/2.0 {status} {phrase}", *head, "", "")).encode())

    async def hears(self) -> str:
        """The next message."""
        return await asyncio.wait_for(self._got.get(), 60)

    async def status(self) -> int:
        """Of the next final reply."""
        while True:
            line = (await self.hears()).split("\r\n")[0]
            if line.startswith("SIP/2.0") and not line.startswith("SIP/2.0 1"):
                return int(line.split()[1])

    async def calls(self, extra: str = "", body: str = SDP) -> str:
        """INVITE, 200, ACK; the tag of our server."""
        self.says("INVITE", body=body, extra=extra)
        while not (reply := await self.hears()).startswith("SIP/2.0 200"):
            pass
        tag = reply.split("To: ")[1].split("tag=")[1].split("\r\n")[0]
        self.says("ACK", branch="ack", to_tag=tag, body="" if body else SDP)
        return tag

    def close(self) -> None:
        assert self._transport
        self._transport.close()


@asynccontextmanager
async def a_phone(end: End) -> AsyncIterator[Phone]:
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(lambda: Phone(end.server.port), local_addr=(LOOPBACK, 0))
    try:
        yield phone
    finally:
        phone.close()


def with_phone(
    test: Callable[[End, Phone], Coroutine[Any, Any, None]], desk: Desk | None = None, settings: SipSettings = SETTINGS
) -> End:
    async def run() -> End:
        async with asyncio.timeout(60), an_end(desk, settings) as end, a_phone(end) as phone:
            await test(end, phone)
            end.server.calls.clear()  # nobody answers our goodbye any more: it is not waited for
            return end

    return asyncio.run(run())


async def until(is_true: Callable[[], object]) -> None:
    """Let others run until it is."""
    async with asyncio.timeout(60):
        while not is_true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0)


async def hear(line: Line, items: list[AudioFrame | CallEvent]) -> None:
    async for item in line.incoming():
        items.append(item)


def over(desk: Desk) -> bool:
    return bool(desk.events) and isinstance(desk.events[-1], CallerHungUp)


def test_an_invite_that_is_repeated_is_the_same_call() -> None:
    async def test(end: End, phone: Phone) -> None:
        phone.says("INVITE", body=SDP)
        phone.says("INVITE", body=SDP)
        replies = [(await phone.hears()).split("\r\n")[0] for _ in range(3)]
        assert replies[0] == "SIP/2.0 100 Trying"
        assert replies.count("SIP/2.0 200 OK") >= 1
        assert len(end.server.calls) == 1

    assert len(with_phone(test).desk.answered) == 1


def test_a_200_that_was_lost_is_sent_again() -> None:
    async def test(end: End, phone: Phone) -> None:
        phone.says("INVITE", body=SDP)
        assert [await phone.status(), await phone.status()] == [200, 200]

    with_phone(test)


def test_a_call_that_is_hung_up_on_is_said_goodbye_to_and_a_repeated_bye_is_answered_alike() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls()
        phone.says("BYE", 2, to_tag=tag)
        phone.says("BYE", 2, to_tag=tag)
        assert [await phone.status(), await phone.status()] == [200, 200]
        await end.desk.until(over)
        phone.says("BYE", 3, to_tag=tag)
        assert await phone.status() == 481

    end = with_phone(test)
    assert end.desk.events == [CallerHungUp("caller")]
    assert end.server.calls == {}


def test_our_bye_is_repeated_until_it_is_answered() -> None:
    async def hang_up(line: Line) -> None:
        await line.hang_up()

    async def test(end: End, phone: Phone) -> None:
        phone.says("INVITE", body=SDP)
        byes: list[str] = []
        while len(byes) < 2:
            if (message := await phone.hears()).startswith("BYE"):
                byes.append(message)
        assert byes[0] == byes[1]
        assert byes[0].startswith(f"BYE sip:me@{LOOPBACK}:{phone.port} SIP/2.0")
        head = [line for line in byes[0].split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
        phone.raw(("SIP/2.0 200 OK\r\n" + "\r\n".join(head) + "\r\n\r\n").encode())
        await until(lambda: not end.server.calls)

    assert with_phone(test, Desk(hang_up)).desk.events == [CallerHungUp("system")]


def test_what_does_not_belong_to_a_call_is_refused_and_touches_none() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls()
        for method, number, to_tag, status in (
            ("BYE", 5, "wrong", 481), ("BYE", 1, tag, 500), ("PUBLISH", 6, "", 405), ("REFER", 7, tag, 405),
            ("CANCEL", 8, "", 481), ("OPTIONS", 9, tag, 200), ("OPTIONS", 10, "", 200), ("INVITE", 11, "", 482),
            ("NOTIFY", 12, tag, 489), ("INFO", 13, tag, 200),
        ):  # fmt: skip
            phone.says(method, number, to_tag=to_tag, body=SDP if method == "INVITE" else "")
            assert (method, await phone.status()) == (method, status)
        phone.raw(b"\xff\xfe garbage")
        phone.raw(b"\r\n\r\n")
        phone.raw(f"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP {LOOPBACK};rport;branch=z9hG4bKq\r\n\r\n".encode())
        assert await phone.status() == 400
        phone.raw(f"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {LOOPBACK};branch=z9\r\nFrom: <sip:a@b>\r\n"
                  "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n".encode())  # fmt: skip
        phone.says("BYE", 20, to_tag=tag)
        assert await phone.status() == 200

    end = with_phone(test)
    assert end.desk.events == [] or end.desk.events == [CallerHungUp("caller")]
    assert end.server.faults == {"same_call_twice": 1, "malformed": 2, "keep_alive": 1, "unknown_reply": 1}


def test_an_invite_that_is_cancelled_in_time_is_no_call() -> None:
    async def test(end: End, phone: Phone) -> None:
        phone.says("INVITE", body=SDP)
        phone.says("CANCEL", branch="INVITE1")
        assert {await phone.status(), await phone.status()} in ({200, 487}, {200})

    with_phone(test)


@pytest.mark.parametrize(("room", "most", "status"), [(False, 5, 503), (True, 0, 486)])
def test_a_caller_who_finds_no_room_is_told_when_to_come_back(room: bool, most: int, status: int) -> None:
    async def test(end: End, phone: Phone) -> None:
        phone.says("INVITE", body=SDP)
        while (reply := await phone.hears()).startswith("SIP/2.0 100"):
            pass
        assert reply.startswith(f"SIP/2.0 {status}")
        assert "Retry-After: 10" in reply

    end = with_phone(test, Desk(room=room), replace(SETTINGS, most_calls=most))
    assert end.counted.refusals == ["no_room"]


def test_an_invite_without_an_offer_is_offered_ours_and_answered_in_the_ack() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls(body="")
        call = end.server.calls[tag]
        await until(lambda: call.agreed)
        assert call.agreed
        assert call.agreed.codec == "PCMU"

    with_phone(test)


def test_keys_by_sip_info_count_only_where_no_events_come() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls()
        kind = "Content-Type: application/dtmf-relay\r\n"
        for number, key in ((2, "5"), (3, "#")):
            phone.says("INFO", number, to_tag=tag, body=f"Signal={key}\r\n", extra=kind)
            assert await phone.status() == 200
        await end.desk.until(lambda desk: len(desk.events) == 2)

    assert with_phone(test).desk.events[:2] == [DigitPressed("5"), DigitPressed("#")]


def test_a_session_timer_is_agreed_and_who_does_not_refresh_is_gone() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls("Session-Expires: 1800;refresher=uac\r\nSupported: timer\r\n")
        call = end.server.calls[tag]
        phone.says("UPDATE", 2, to_tag=tag, extra="Session-Expires: 900;refresher=uac\r\n")
        while not (reply := await phone.hears()).startswith("SIP/2.0 200"):
            pass
        assert "Session-Expires: 900;refresher=uac" in reply
        call.keep_session(1, we_refresh=False)
        while not (await phone.hears()).startswith("BYE"):
            pass
        await end.desk.until(over)

    assert with_phone(test).desk.events == [CallerHungUp("network")]


def test_where_the_peer_cannot_refresh_we_do() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls("Session-Expires: 1800;refresher=uas\r\nSupported: timer\r\n")
        end.server.calls[tag].keep_session(1, we_refresh=True)
        while not (invite := await phone.hears()).startswith("INVITE"):
            pass
        assert "Session-Expires: 1;refresher=uac" in invite
        phone.says("UPDATE", 9, to_tag=tag)
        assert await phone.status() == 491  # ours is under way
        head = [line for line in invite.split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
        phone.raw(("SIP/2.0 200 OK\r\n" + "\r\n".join(head) + "\r\n\r\n").encode())
        while not (await phone.hears()).startswith("ACK"):
            pass

    with_phone(test)


def test_rtp_of_strangers_is_refused_and_counted() -> None:
    async def test(end: End, phone: Phone) -> None:
        await phone.calls()
        line = next(iter(end.door.lines))
        line.leg.datagram_received(b"\x80\x00" + bytes(170), ("192.0.2.9", 39999))
        line.leg.datagram_received(b"\x80\x00" + bytes(170), (LOOPBACK, 39999))
        line.leg.datagram_received(b"\x80\x00" + bytes(170), (LOOPBACK, 40001))
        line.leg.datagram_received(b"\x00", (LOOPBACK, 39999))
        line.leg.datagram_received(b"\x80\x63" + bytes(170), (LOOPBACK, 39999))
        line.leg.datagram_received(b"\x80\xc8" + bytes(26), (LOOPBACK, 39999))
        line.leg.error_received(OSError())
        assert line.faults == {"rtp_stranger": 2, "rtp_malformed": 1, "rtp_unknown_payload": 1, "rtp_unreachable": 1}

    end = with_phone(test)
    assert end.counted.kinds["rtp_stranger"] == 2


def test_a_line_that_nobody_sends_to_is_given_up_on() -> None:
    settings = replace(SETTINGS, quiet_warning_seconds=0.05, quiet_end_seconds=0.2)

    async def test(end: End, phone: Phone) -> None:
        await phone.calls()
        await end.desk.until(over)

    assert with_phone(test, settings=settings).desk.events == [CallerHungUp("network")]


def test_a_line_on_hold_is_not_given_up_on() -> None:
    settings = replace(SETTINGS, quiet_warning_seconds=0.02, quiet_end_seconds=0.1, longest_call_seconds=0.6)

    async def test(end: End, phone: Phone) -> None:
        await phone.calls(body=SDP.replace("sendrecv", "inactive"))
        await end.desk.until(over)

    end = with_phone(test, settings=settings)
    assert end.desk.events == [LineHeld(True), CallerHungUp("system")]
    assert len(end.desk.frames) > 15  # time passes for who listens


def test_a_caller_who_puts_us_on_hold_and_is_silent_for_long_is_not_gone() -> None:
    settings = replace(SETTINGS, quiet_warning_seconds=0.02, quiet_end_seconds=0.2)

    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls()
        for number, direction in ((2, "sendonly"), (3, "sendonly"), (4, "sendrecv")):
            phone.says("INVITE", number, to_tag=tag, body=SDP.replace("sendrecv", direction))
            assert await phone.status() == 200
            phone.says("ACK", number, branch=f"ack{number}", to_tag=tag)
            if number == 3:
                end.desk.frames.clear()
                await end.desk.until(lambda desk: len(desk.frames) > 25)  # half a second: longer than a line is dead
        await end.desk.until(over)

    events = with_phone(test, settings=settings).desk.events
    assert events == [LineHeld(True), LineHeld(False), CallerHungUp("network")]


def loud(number: int) -> bytes:
    """The next RTP packet of a noisy peer."""
    return b"\x80\x00" + bytes((0, number)) + (number * 160).to_bytes(4, "big") + b"ssrc" + bytes(160)


def test_music_while_we_are_held_is_not_the_caller_speaking() -> None:
    async def test(end: End, phone: Phone) -> None:
        tag = await phone.calls()
        leg = next(iter(end.door.lines)).leg
        leg.datagram_received(loud(0), (LOOPBACK, 39999))
        phone.says("INVITE", 2, to_tag=tag, body=SDP.replace("sendrecv", "sendonly"))
        assert await phone.status() == 200
        phone.says("ACK", 2, branch="ack2", to_tag=tag)
        for number in range(1, 50):
            leg.datagram_received(loud(number), (LOOPBACK, 39999))
        await end.desk.until(lambda desk: len(desk.frames) > 5)

    end = with_phone(test)
    assert [frame.dbfs > -30 for frame in end.desk.frames[:6]] == [True] + [False] * 5


def test_two_of_our_own_ends_hear_each_other_press_keys_and_interrupt() -> None:
    async def greet(line: Line) -> None:
        await line.play(1, speech(5.0))

    async def run() -> None:
        desk, recorder = Desk(greet), Recorder()
        items: list[AudioFrame | CallEvent] = []
        async with asyncio.timeout(60), an_end(desk) as a, an_end() as b:
            line = await b.trunk_to(a).call("+15550001", "+15559", 5)
            line.listen_along(recorder, 10.0)
            await line.play(7, speech(0.3))
            await line.send_digits("1")
            await line.send_digits("2#")
            hearing = asyncio.create_task(hear(line, items))
            await desk.until(lambda desk: DigitPressed("#") in desk.events)
            await until(lambda: PlaybackFinished(7, False, 0.3) in items)
            theirs = next(iter(a.door.lines))
            assert theirs.level_heard() > -20
            await theirs.stop_playing()
            await theirs.stop_playing()
            await line.hang_up()
            await line.hang_up()
            await line.play(8, speech(0.1))
            await hearing
            await desk.until(over)
            assert not await line.transfer("+15550002", 1)
        events = [item for item in items if not isinstance(item, AudioFrame)]
        assert events == [PlaybackStarted(7), PlaybackFinished(7, False, 0.3), CallerHungUp("system")]
        assert [type(event) for event in desk.events] == [
            PlaybackStarted, DigitPressed, DigitPressed, DigitPressed, PlaybackFinished, CallerHungUp,
        ]  # fmt: skip
        assert max(frame.dbfs for frame in desk.frames) > -20
        assert recorder.said[0][0] >= 10.0
        assert sum(frame.seconds for _, frame in recorder.heard) == pytest.approx(0.3, abs=0.05)

    asyncio.run(run())


def test_a_line_keeps_the_rules_of_every_line() -> None:
    lines: list[type[Line]] = [SipLine]
    trunks: list[type[Trunk]] = [SipTrunk]
    dialers: list[type[Dialer]] = [SipTrunk]
    assert lines
    assert trunks
    assert dialers

    async def run() -> None:
        async with asyncio.timeout(60), an_end() as a, an_end() as b:
            line = await b.trunk_to(a, accepts_refer=False).call("+15550001", "+15559", 5)
            with pytest.raises(LineError, match="16000"):
                await line.play(1, speech(0.1, rate=16000))
            assert not await line.transfer("+15550002", 1)
            assert not await line.transfer("+4900", 1)
            line.leg.agree(read_sound(SDP.replace("telephone-event", "x"), ("PCMU",)))
            await line.send_digits("5")

    asyncio.run(run())


def test_keys_as_tones_are_heard_where_no_events_were_agreed() -> None:
    async def run() -> Desk:
        desk = Desk()
        async with asyncio.timeout(60), an_end(desk) as a, an_end() as b:
            line = await b.trunk_to(a).call("+15550001", "+15559", 5)
            call, theirs = line._call, next(iter(a.door.lines))._call
            assert call
            assert theirs
            assert call.agreed
            assert theirs.agreed
            line.leg.agree(replace(call.agreed, events_type=None))
            theirs.agreed = replace(theirs.agreed, events_type=None)
            await line.send_digits("42")
            await desk.until(lambda desk: DigitPressed("2") in desk.events)
        return desk

    assert asyncio.run(run()).events[:2] == [DigitPressed("4"), DigitPressed("2")]


def test_calls_out_are_held_to_the_dial_plan_and_the_number_at_once() -> None:
    async def run() -> None:
        async with asyncio.timeout(60), an_end() as a, an_end() as b:
            trunk = b.trunk_to(a)
            with pytest.raises(NotAllowed, match="dial plan"):
                await trunk.call("+4930123456", "+15559", 5)
            with pytest.raises(NotAllowed, match="SIP address"):
                await trunk.call("+15550001", 'x">', 5)
            lines = [await trunk.call("+15550001", "+15559", 5) for _ in range(8)]
            with pytest.raises(NotAllowed, match="on their way"):
                await trunk.call("+15550001", "+15559", 5)
            for line in lines:
                await line.hang_up()

    asyncio.run(run())


def test_a_flow_calls_somebody_and_learns_who_did_not_answer() -> None:
    async def run() -> None:
        desk = Desk()
        async with asyncio.timeout(60), an_end() as a, an_end(desk) as b:
            await b.trunk_to(a).dial("+15550001", "+15559", "bank/fraud", "attempt-1")
            await desk.until(lambda desk: desk.answered)
            assert desk.answered == [
                CallAnswered("+15559", "+15550001", "outbound", {"flow": "bank/fraud", "attempt": "attempt-1"})
            ]
            a.desk.room = False
            await b.trunk_to(a).dial("+15550001", "+15559", "bank/fraud", "attempt-2")
            await desk.until(lambda desk: desk.outcomes)
            assert desk.outcomes == [("failed", "attempt-2")]

    asyncio.run(run())


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    async def run() -> None:
        async with an_end() as end:
            trunk = replace(TRUNK, address="nobody.invalid")
            with pytest.raises(CallFailed) as failed:
                await SipTrunk(end.door, trunk).call("+15550001", "", 1)
            assert failed.value.outcome == "unreachable"
            assert await SipUpkeep(end.server, trunk).once() == 30.0

    asyncio.run(run())


class EarlyRecorder(Recorder):
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_early_media_is_kept_and_is_no_answer() -> None:
    recorder = EarlyRecorder()

    async def run() -> None:
        async with asyncio.timeout(60), an_end() as end:
            loop = asyncio.get_running_loop()
            _, phone = await loop.create_datagram_endpoint(lambda: Phone(end.server.port), local_addr=(LOOPBACK, 0))
            trunk = SipTrunk(end.door, replace(TRUNK, address=f"{LOOPBACK}:{phone.port}"), lambda call_id: recorder)
            calling = asyncio.create_task(trunk.call("+15550001", "+15559", 10))
            invite = await phone.hears()
            via = [line for line in invite.split("\r\n") if line.startswith(("Via", "From", "Call-ID", "CSeq"))]
            head = "\r\n".join(
                [*via, "To: <sip:x@y>;tag=t", "Contact: <sip:x@127.0.0.1>", "Content-Type: application/sdp"]
            )
            phone.raw(f"SIP/2.0 183 Session Progress\r\n{head}\r\n\r\n{SDP}".encode())
            await until(lambda: any(call.agreed for call in end.server.calls.values()))
            line = next(iter(end.door.lines))
            for number in range(10):
                line.leg.datagram_received(loud(number), (LOOPBACK, 39999))
            assert not calling.done()
            calling.cancel()
            while not (await phone.hears()).startswith("CANCEL"):
                pass
            phone.raw(f"SIP/2.0 200 OK\r\n{head}\r\n\r\n{SDP}".encode())  # the answer crossed our CANCEL
            heard = [(await phone.hears()).split(" ")[0] for _ in range(2)]
            assert set(heard) <= {"ACK", "BYE", "CANCEL"}
            phone.close()

    asyncio.run(run())
    assert [at for at, _ in recorder.said] == pytest.approx([0.02 * number for number in range(10)])
    assert recorder.heard == []
    assert recorder.is_closed


def test_a_trunk_is_asked_whether_it_is_there_and_told_where_we_are() -> None:
    async def run() -> None:
        async with asyncio.timeout(60), an_end() as a, an_end() as b:
            trunk = replace(TRUNK, address=f"{LOOPBACK}:{a.server.port}", keep_alive_seconds=7)
            upkeep = SipUpkeep(b.server, trunk)
            assert await upkeep.once() == 7
            assert upkeep.is_up
            a.door.is_closing = True
            assert await upkeep.once() == 7
            registering = SipUpkeep(b.server, replace(trunk, user="me", password="x", registers=True))
            assert await registering.once() == 30  # ours takes no registrations
            assert not registering.is_up

    asyncio.run(run())


def test_a_registration_answers_the_challenge_and_comes_again_in_half_its_time() -> None:
    async def run() -> None:
        async with asyncio.timeout(60), an_end() as end:
            loop = asyncio.get_running_loop()
            _, phone = await loop.create_datagram_endpoint(lambda: Phone(end.server.port), local_addr=(LOOPBACK, 0))
            trunk = replace(TRUNK, address=f"{LOOPBACK}:{phone.port}", user="me", password="x", registers=True)
            asking = asyncio.create_task(SipUpkeep(end.server, trunk).once())
            for status, more in (
                ("401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'),
                ("200 OK", "Expires: 60\r\n"),
            ):  # fmt: skip
                asked = await phone.hears()
                copied = [
                    line for line in asked.split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))
                ]
                phone.raw((f"SIP/2.0 {status}\r\n" + "\r\n".join(copied) + f"\r\n{more}\r\n").encode())
            assert "Authorization: Digest" in asked
            assert await asking == 30
            phone.close()

    asyncio.run(run())


def test_an_address_that_is_taken_says_which_setting_to_change() -> None:
    async def run() -> None:
        async with an_end() as end:
            with pytest.raises(LineError, match="sip.port"):
                await SipServer(replace(SETTINGS, port=end.server.port)).open()

    asyncio.run(run())
