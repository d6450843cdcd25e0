from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest
from aiosipua.message import SipRequest, SipResponse
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.errors import ConfigError
from telephony.sip_dialling import outcome_of
from telephony.sip_dialog import dialog_of_invite, new_dialog
from telephony.sip_gate import LARGEST_MESSAGE, SipGate
from telephony.sip_messages import (
    BadMessage,
    Message,
    ack_of,
    cancel_of,
    contact_of,
    read,
    reply,
    reply_target,
    session_interval,
    sipfrag_status,
    stamp_source,
    user_of,
)
from telephony.sip_numbers import as_dialled, sip_address, to_e164
from telephony.sip_sdp import AgreedSound, BadSdp, CodecName, NoCommonSound, read_sound, write_answer, write_offer
from telephony.sip_settings import SipSettings, SipTrunkSettings

OFFER = "\r\n".join((
    "v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0",
    "m=video 4000 RTP/AVP 96", "m=audio 5000 RTP/AVP 18 0 8 97", "a=rtpmap:97 telephone-event/8000", "",
))  # fmt: skip
BOTH: tuple[CodecName, ...] = ("PCMA", "PCMU")
INVITE = (
    "INVITE sip:%2B15559@192.0.2.9:5060;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb\r\n"
    'From: "A" <sip:+15550001@x>;tag=f\r\nTo: <sip:+15559@y;x=1>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n'
    "Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\nContact: <sip:a@10.0.0.1>\r\nContent-Length: 0\r\n\r\n"
)


def test_the_first_codec_of_the_offer_that_we_speak_is_taken_and_other_media_are_declined() -> None:
    agreed = read_sound(OFFER, BOTH)
    assert (agreed.address, agreed.port, agreed.codec, agreed.events_type) == ("192.0.2.1", 5000, "PCMU", 97)
    answer = write_answer(agreed, "198.51.100.1", 16384, 3)
    assert [line for line in answer.split("\r\n") if line.startswith(("m=", "a=", "c="))] == [
        "c=IN IP4 198.51.100.1", "m=video 0 RTP/AVP 96", "m=audio 16384 RTP/AVP 0 97", "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:97 telephone-event/8000", "a=fmtp:97 0-15", "a=ptime:20", "a=sendrecv",
    ]  # fmt: skip
    assert read_sound(OFFER, ("PCMA",)).codec == "PCMA"


@pytest.mark.parametrize(
    ("line", "direction", "held", "speaks"),
    [
        ("a=sendonly", "recvonly", True, True), ("a=inactive", "inactive", True, False),
        ("a=recvonly", "sendonly", False, False), ("a=sendrecv", "sendrecv", False, True),
        ("c=IN IP4 0.0.0.0", "inactive", True, False),
    ],
)  # fmt: skip
def test_hold_is_understood_in_all_its_ways(line: str, direction: str, held: bool, speaks: bool) -> None:
    agreed = read_sound(f"{OFFER}{line}\r\n", BOTH)
    assert (agreed.direction, agreed.is_held, agreed.peer_speaks) == (direction, held, speaks)
    assert f"a={direction}" in write_answer(agreed, "192.0.2.2", 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "v=x", OFFER.replace("5000", "nan"), OFFER.replace("5000", "70000"),
        OFFER.replace("192.0.2.1", "a.example"), OFFER.replace("192.0.2.1", "224.0.0.1"), "v=0\r\n" * 2000,
        OFFER.replace("192.0.2.1", "255.255.255.255"), OFFER.replace("97 telephone-event/8000", "x telephone-event/y"),
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadSdp):
        read_sound(text, BOTH)


@pytest.mark.parametrize(
    "text",
    [OFFER.replace("18 0 8 97", "18 97"), OFFER.replace("audio 5000", "audio 0"), OFFER.replace("RTP/AVP", "RTP/SAVP")],
)
def test_an_offer_of_nothing_we_speak_is_refused(text: str) -> None:
    with pytest.raises(NoCommonSound):
        read_sound(text, BOTH)


def test_our_own_offer_can_be_read_by_ourselves() -> None:
    text = write_offer(("PCMA",), "192.0.2.7", 20000, 5, "sendonly")
    assert read_sound(text, BOTH) == AgreedSound(
        "192.0.2.7", 20000, "PCMA", 8, 101, "recvonly", 0, ("audio RTP/AVP 8",)
    )
    without = text.replace("telephone-event", "something")
    assert "telephone-event" not in write_answer(read_sound(without, BOTH), "192.0.2.7", 1, 1)


def test_a_request_is_answered_to_where_it_came_from_with_what_it_said() -> None:
    request, seen = read(INVITE.encode())
    assert isinstance(request, SipRequest)
    assert (seen.method, seen.number, seen.branch, seen.from_tag, seen.to_tag) == ("INVITE", 7, "z9hG4bKa", "f", "")
    assert (user_of(request.uri), contact_of(request)) == ("%2B15559", "sip:a@10.0.0.1")
    stamp_source(request, ("203.0.113.5", 6000))
    assert reply_target(request, ("203.0.113.5", 6000)) == ("203.0.113.5", 6000)
    answer = reply(request, 200, "mine", {"Allow": "INVITE"}, "v=0\r\n")
    assert answer.headers.get("via")[0].count("rport=6000") == 1
    assert "received=203.0.113.5" in answer.headers.get("via")[0]
    assert answer.headers.get("record-route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert answer.get_header("to") == "<sip:+15559@y;x=1>;tag=mine"
    assert reply(request, 100, "mine").get_header("to") == "<sip:+15559@y;x=1>"
    assert contact_of(read(INVITE.replace("Contact", "Kontact").encode())[0]) == ""
    in_dialog = read(INVITE.replace("y;x=1>", "y>;tag=ours").encode())[0]
    assert isinstance(in_dialog, SipRequest)
    assert reply(in_dialog, 200, "mine").get_header("to") == "<sip:+15559@y>;tag=ours"
    without, _ = read(INVITE.replace(";rport", "").encode())
    assert isinstance(without, SipRequest)
    assert reply_target(without, ("203.0.113.5", 6000)) == ("203.0.113.5", 5070)
    wrong, _ = read(INVITE.replace(";rport", "").replace(":5070", ":99999").encode())
    assert isinstance(wrong, SipRequest)
    assert reply_target(wrong, ("203.0.113.5", 6000)) == ("203.0.113.5", 5060)


def test_a_refusal_is_acknowledged_within_the_invite() -> None:
    request, _ = read(INVITE.encode())
    assert isinstance(request, SipRequest)
    assert cancel_of(request).get_header("cseq") == "7 CANCEL"
    routed, _ = read(INVITE.replace("Record-Route", "Route").encode())
    assert isinstance(routed, SipRequest)
    assert cancel_of(routed).headers.get("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    acked = ack_of(request, SipResponse(status_code=486))
    assert (acked.headers.get("via"), acked.get_header("cseq")) == (request.headers.get("via")[:1], "7 ACK")


@pytest.mark.parametrize(
    ("text", "answerable"),
    [
        ("", False), ("\x00\xff" * 50, False), ("SIP/2.0 99 What\r\n\r\n", False), ("SIP/2.0 abc\r\n\r\n", False),
        ("SIP/2.0 99 No\r\n" + INVITE.partition("\r\n")[2], False),
        (INVITE.replace("Call-ID: c\r\n", ""), True), (INVITE.replace("7 INVITE", "7 BYE"), True),
        (INVITE.replace("7 INVITE", "x INVITE"), True), (INVITE.replace(";branch=z9hG4bKa", ""), True),
        (INVITE.replace("Content-Length: 0", "Content-Length: 999"), True),
        (INVITE.replace("Content-Length: 0", "Content-Length: many"), True),
        (INVITE.replace("Via", "Wia"), False), (INVITE.replace("INVITE", "ACK").replace("Call-ID: c\r\n", ""), False),
        ("INVITE sip:a\r\n\r\n", False), ("OPTIONS sip:a SIP/2.0\r\n" + "X: y\r\n" * 300, False),
    ],
)  # fmt: skip
def test_what_is_no_good_message_is_told_apart_by_whether_it_can_be_answered(text: str, answerable: bool) -> None:
    with pytest.raises(BadMessage) as bad:
        read(text.encode("latin-1"))
    assert (bad.value.request is not None) == answerable


def test_small_headers_are_read() -> None:
    assert session_interval("1800;refresher=UAS") == (1800, "uas")
    assert session_interval("90") == (90, "")
    assert session_interval("soon") == (0, "")
    assert sipfrag_status("SIP/2.0 200 OK\r\n") == 200
    assert sipfrag_status("nonsense") == 0
    assert user_of("sip:proxy.example") == ""
    assert [outcome_of(status) for status in (486, 480, 404, 603, 503, 302)] == [
        "busy", "no_answer", "unreachable", "rejected", "failed", "failed",
    ]  # fmt: skip


CHINA = SipTrunkSettings("cn", country="86", style="national", prefix="9")


@pytest.mark.parametrize(
    ("written", "trunk", "number"),
    [
        ("%2B8613800138000", CHINA, "+8613800138000"), ("013800138000", CHINA, "+8613800138000"),
        ("13800138000", CHINA, "+8613800138000"), ("01012345678", CHINA, "+861012345678"),
        ("0044-20 7946", CHINA, "+44207946"), ("anonymous", CHINA, "anonymous"),
        ("4001", SipTrunkSettings("x"), "4001"),
        ("8613800138000", replace(CHINA, style="digits"), "+8613800138000"),
        ("4930123456", SipTrunkSettings("x", style="digits"), "+4930123456"),
    ],
)  # fmt: skip
def test_numbers_of_a_trunk_become_e164(written: str, trunk: SipTrunkSettings, number: str) -> None:
    assert to_e164(written, trunk) == number


def test_numbers_are_dialled_as_the_trunk_wants_them() -> None:
    assert as_dialled("+8613800138000", CHINA) == "9013800138000"
    assert as_dialled("+4930123456", CHINA) == "9004930123456"
    assert as_dialled("+4930123456", SipTrunkSettings("x", style="digits")) == "4930123456"
    assert as_dialled("1001", CHINA) == "1001"
    carrier = SipTrunkSettings("x", address="sip.example:5070")
    assert carrier.target == ("sip.example", 5070)
    assert sip_address("+4930123456", carrier) == "sip:+4930123456@sip.example"
    assert sip_address("sip:a@b", carrier) == "sip:a@b"
    with pytest.raises(ValueError, match="no SIP address"):
        sip_address("sip:a@b>\r\nX: y", carrier)


def test_only_known_sources_get_in_and_not_too_often() -> None:
    trunk = SipTrunkSettings("t", sources=("192.0.2.0/30", "198.51.100.7"))
    gate = SipGate(SipSettings(trunks=(trunk,), invites_per_second=1))
    assert [gate.refusal(b"OPTIONS", address, 0.0) for address in ("192.0.2.3", "198.51.100.7", "192.0.2.4", "?")] == [
        "", "", "unknown_source", "unknown_source",
    ]  # fmt: skip
    assert gate.refusal(b"x" * (LARGEST_MESSAGE + 1), "192.0.2.1", 0.0) == "too_large"
    assert gate.refusal(b"\r\n\r\n", "192.0.2.1", 0.0) == "keep_alive"
    assert [gate.refusal(b"INVITE sip:a", "192.0.2.1", at) for at in (0.0, 0.0, 0.0, 0.5, 1.1)] == [
        "", "", "flood", "flood", "",
    ]  # fmt: skip
    assert gate.refusal(b"INVITE sip:a", "192.0.2.2", 0.0) == ""
    gate.allow("203.0.113.1", trunk)
    gate.allow("203.0.113.1", trunk)
    assert gate.trunk_of("203.0.113.1") is trunk


def test_the_gate_remembers_only_so_many_sources() -> None:
    gate = SipGate(SipSettings(trunks=(SipTrunkSettings("t", sources=("10.0.0.0/16",)),)))
    for number in range(2100):
        assert gate.refusal(b"INVITE ", f"10.0.{number // 250}.{number % 250}", 0.0) == ""


def test_a_wrong_trunk_says_so() -> None:
    wrongs: tuple[tuple[dict[str, Any], str], ...] = (
        ({"sources": ("300.1.1.1",)}, "sources"),
        ({"address": "host:port"}, "address"),
        ({"registers": True, "address": "a"}, "IVR_SIP_T_USER"),
    )
    for wrong, told in wrongs:
        with pytest.raises(ConfigError, match=told):
            SipTrunkSettings("t", **wrong)
    for settings, told in (
        ({"host": "sip.example"}, "IPv4"), ({"host": "0.0.0.0"}, "public_address"),
        ({"rtp_ports": (9, 5)}, "rtp_ports"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=told):
            SipSettings(**settings)


DIALOG = dialog_of_invite(
    cast(SipRequest, read(INVITE.encode())[0]),
    read(INVITE.encode())[1],
    "192.0.2.9:5060",
    ("10.0.0.1", 5070),
    "ivr",
    "me",
)


def test_requests_of_a_dialogue_follow_the_recorded_route_with_growing_numbers() -> None:
    bye, refer = DIALOG.request("BYE", "b1"), DIALOG.request("REFER", "b2", {"Refer-To": "<sip:x@y>"})
    assert (bye.uri, bye.headers.get("route")) == ("sip:a@10.0.0.1", ["<sip:p1;lr>", "<sip:p2;lr>"])
    assert [each.get_header("cseq") for each in (bye, refer)] == ["1 BYE", "2 REFER"]
    assert (bye.get_header("to"), bye.get_header("from")) == (
        '"A" <sip:+15550001@x>;tag=f', "<sip:+15559@y;x=1>;tag=me",
    )  # fmt: skip
    assert bye.get_header("contact") is None
    assert refer.get_header("contact") == "<sip:192.0.2.9:5060>"


def test_an_answer_gives_the_dialogue_its_other_end_and_the_route_back_to_front() -> None:
    dialog = new_dialog("192.0.2.9:5060", "ivr", ("192.0.2.1", 5060), "sip:us@a", "sip:them@b", "0123456789abcdef0123")
    answer, _ = read(
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:us@a>;tag=0123456789abcdef\r\n"
        b"To: <sip:them@b>;tag=t\r\nCall-ID: c\r\nCSeq: 4 INVITE\r\nContact: <sip:real@c:5070>\r\n"
        b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n\r\n"
    )
    assert isinstance(answer, SipResponse)
    dialog.answered_by(answer)
    ack = dialog.ack(answer, "b", "v=0\r\n")
    assert (ack.uri, ack.get_header("cseq"), ack.headers.get("route")) == (
        "sip:real@c:5070", "4 ACK", ["<sip:p2;lr>", "<sip:p1;lr>"],
    )  # fmt: skip
    assert (dialog.remote_tag, ack.get_header("content-type")) == ("t", "application/sdp")


@given(st.binary(max_size=600), st.integers(0, len(INVITE)), st.integers(0, 80))
def test_no_datagram_breaks_the_reader(noise: bytes, at: int, cut: int) -> None:
    """Random bytes, and random bytes within a good message."""
    for datagram in (noise, INVITE.encode()[:at] + noise + INVITE.encode()[at + cut :]):
        message: Message | None
        try:
            message, _ = read(datagram)
        except BadMessage as bad:
            message = bad.request
        if isinstance(message, SipRequest):
            stamp_source(message, ("192.0.2.1", 5060))
            assert bytes(reply(message, 200, "t"))
            contact_of(message)


@given(st.text(max_size=300), st.integers(0, len(OFFER)), st.integers(0, 40))
def test_no_description_breaks_the_reader(noise: str, at: int, cut: int) -> None:
    for text in (noise, OFFER[:at] + noise + OFFER[at + cut :]):
        with suppress(BadSdp, NoCommonSound):
            agreed = read_sound(text, BOTH)
            assert write_answer(agreed, "192.0.2.2", 16384, 1)
