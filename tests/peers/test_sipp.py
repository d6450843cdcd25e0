"""sipp, an independent SIP client and server, against our server: calls in and out, and what no carrier would send."""

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.model.errors import CallFailed
from ivr.model.events import CallerHungUp, DigitPressed
from ivr.model.ports import Line
from telephony.sip_trunk import SipTrunk
from tests.peers.sipp import (
    ACK_OF_REFUSAL,
    CALL,
    GOODBYE,
    TRYING,
    Ran,
    ack,
    expect,
    expect_request,
    inside,
    invite,
    pause,
    play,
    reply,
    sdp,
    sipp,
)
from tests.telephony.far_end import speech
from tests.telephony.sip_kit import SETTINGS, TRUNK, Desk, End, Hold, an_end

pytestmark = pytest.mark.peer


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def called_by_sipp(
    folder: Path, scenario: str, hold: Hold | None = None, *arguments: str, service: str = "+15559"
) -> tuple[Ran, End]:
    async def run() -> tuple[Ran, End]:
        async with an_end(Desk(hold)) as end:
            port = end.server.streams.port if "t1" in arguments else end.server.port
            ran = await sipp(folder, scenario, *arguments, remote=f"127.0.0.1:{port}", service=service)
            if end.desk.answered:
                await end.desk.until(lambda desk: desk.events and isinstance(desk.events[-1], CallerHungUp))
            return ran, end

    return asyncio.run(run())


def test_a_call_with_keys_is_answered_and_ends_with_its_bye(tmp_path: Path) -> None:
    keys = play("dtmf_2833_1.pcap") + pause(400) + play("dtmf_2833_9.pcap") + pause(400)
    ran, end = called_by_sipp(tmp_path, CALL + keys + GOODBYE)
    assert ran.code == 0, ran.told
    assert end.desk.events == [DigitPressed("1"), DigitPressed("9"), CallerHungUp("caller")]
    assert [(each.caller, each.called) for each in end.desk.answered] == [("+15550001", "+15559")]
    assert end.counted.refusals == []


def test_a_call_over_tcp_is_held_to_its_end(tmp_path: Path) -> None:
    ran, end = called_by_sipp(tmp_path, CALL + play("g711a.pcap") + pause(800) + GOODBYE, None, "-t", "t1")
    assert ran.code == 0, ran.told
    assert end.desk.events == [CallerHungUp("caller")]
    assert len(end.desk.frames) > 20
    assert end.counted.refusals == []


def test_sound_in_packets_of_30_ms_arrives_as_frames_of_20_ms(tmp_path: Path) -> None:
    ran, end = called_by_sipp(tmp_path, CALL + play("g711a.pcap") + pause(1500) + GOODBYE)
    assert ran.code == 0, ran.told
    assert {len(frame.pcm) for frame in end.desk.frames} == {320}
    assert 60 <= len(end.desk.frames) <= 80
    assert max(frame.dbfs for frame in end.desk.frames) > -40


def test_hold_resume_and_another_codec_are_agreed_in_the_middle_of_a_call(tmp_path: Path) -> None:
    held: list[int] = []

    async def keep_talking(line: Line) -> None:
        await line.play(1, speech(0.6))
        held.append(1)

    scenario = (
        CALL
        + inside("INVITE", 2, sdp(direction="sendonly", version=2)) + TRYING + expect(200, body="a=recvonly") + ack(2)
        + pause(300)
        + inside("INVITE", 3, sdp("0 101", version=3)) + TRYING + expect(200, body="PCMU/8000") + ack(3)
        + pause(900)
        + inside("INVITE", 4, sdp("3", version=4)) + TRYING + expect(488)
        + GOODBYE
    )  # fmt: skip
    ran, end = called_by_sipp(tmp_path, scenario, keep_talking)
    assert ran.code == 0, ran.told
    assert [type(event).__name__ for event in end.desk.events] == [
        "PlaybackStarted",
        "LineHeld",
        "LineHeld",
        "PlaybackFinished",
        "CallerHungUp",
    ]


@pytest.mark.parametrize(
    ("answers", "moved", "reason"),
    [
        (
            reply("202 Accepted")
            + inside("NOTIFY", 5, "SIP/2.0 180 Ringing\n", "Event: refer\nSubscription-State: active\n")
            + expect(200)
            + inside("NOTIFY", 6, "SIP/2.0 200 OK\n", "Event: refer\nSubscription-State: terminated\n")
            + expect(200) + expect_request("BYE") + reply("200 OK"),
            True, "transfer",
        ),
        (reply("603 Decline") + pause(200) + GOODBYE, False, "caller"),
        (
            reply("202 Accepted")
            + inside("NOTIFY", 5, "SIP/2.0 486 Busy Here\n", "Event: refer\nSubscription-State: terminated\n")
            + expect(200) + pause(200) + GOODBYE,
            False, "caller",
        ),
    ],
    ids=["accepted", "refused", "nobody there"],
)  # fmt: skip
def test_a_transfer_by_refer_says_what_became_of_it(tmp_path: Path, answers: str, moved: bool, reason: str) -> None:
    results: list[bool] = []

    async def transfer(line: Line) -> None:
        results.append(await line.transfer("+15550111", 10))

    ran, end = called_by_sipp(tmp_path, CALL + expect_request("REFER") + answers, transfer)
    assert ran.code == 0, ran.told
    assert results == [moved]
    assert end.desk.events == [CallerHungUp(reason)]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ("v=0\no=-\nm=audio nothing RTP/AVP 8\n", 400, "bad_sdp"),
        (sdp("18 101"), 488, "no_common_sound"),
        (sdp().replace("RTP/AVP", "RTP/SAVP"), 488, "no_common_sound"),
        (sdp().replace("[media_ip]", "attacker.example"), 400, "bad_sdp"),
    ],
)
def test_what_is_offered_wrongly_is_refused(tmp_path: Path, body: str, status: int, why: str) -> None:
    ran, end = called_by_sipp(tmp_path, invite(body) + TRYING + expect(status) + ACK_OF_REFUSAL)
    assert ran.code == 0, ran.told
    assert end.counted.refusals == [why]
    assert end.desk.answered == []


def test_an_unknown_number_a_required_extension_and_a_short_session_are_refused(tmp_path: Path) -> None:
    for scenario, service in (
        (invite() + TRYING + expect(404) + ACK_OF_REFUSAL, "+1999"),
        (
            invite(extra="Require: 100rel\n") + TRYING + expect(420, header="Unsupported: 100rel") + ACK_OF_REFUSAL,
            "+15559",
        ),
        (
            invite(extra="Session-Expires: 30\nSupported: timer\n")
            + TRYING
            + expect(422, header="Min-S[Ee]: 90")
            + ACK_OF_REFUSAL,
            "+15559",
        ),
    ):
        ran, _ = called_by_sipp(tmp_path, scenario, None, service=service)
        assert ran.code == 0, ran.told


def test_a_flood_from_an_unknown_source_reaches_nobody_and_no_call(tmp_path: Path) -> None:
    async def run() -> tuple[Ran, End]:
        async with an_end() as end:
            remote = f"127.0.0.1:{end.server.port}"
            (tmp_path / "flood").mkdir()
            flood = sipp(
                tmp_path / "flood", invite() + expect(200), "-m", "400", "-r", "400", "-nr",
                remote=remote, host="127.0.0.2", seconds=2,
            )  # fmt: skip
            ran, _ = await asyncio.gather(sipp(tmp_path, CALL + pause(800) + GOODBYE, remote=remote), flood)
            return ran, end

    ran, end = asyncio.run(run())
    assert ran.code == 0, ran.told
    assert set(end.counted.refusals) == {"unknown_source"}
    assert end.server.faults["unknown_source"] >= 400
    assert len(end.desk.answered) == 1


def test_a_flood_of_invites_from_a_trunk_is_limited(tmp_path: Path) -> None:
    async def run() -> End:
        async with an_end(settings=replace(SETTINGS, invites_per_second=5)) as end:
            scenario = invite() + TRYING + expect(404) + ACK_OF_REFUSAL
            await sipp(
                tmp_path, scenario, "-m", "100", "-r", "200", "-nr",
                remote=f"127.0.0.1:{end.server.port}", service="+1999", seconds=2,
            )  # fmt: skip
            return end

    end = asyncio.run(run())
    assert end.counted.refusals.count("unknown_number") <= 20
    assert end.counted.refusals.count("flood") >= 80


def test_messages_that_get_lost_are_sent_again_on_both_sides(tmp_path: Path) -> None:
    scenario = CALL + pause(100) + GOODBYE
    ran, end = called_by_sipp(tmp_path, scenario, None, "-m", "6", "-r", "20", "-lost", "20")
    assert ran.code == 0, ran.told
    assert len(end.desk.answered) == 6


async def listening(port: int, program: "asyncio.Task[Ran]") -> None:
    """Wait until somebody has taken the port."""
    while not program.done():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        await asyncio.sleep(0.02)


def dialled(folder: Path, scenario: str, test: Callable[[SipTrunk, End], Awaitable[None]], **trunk: Any) -> Ran:
    """Our trunk calls sipp."""

    async def run() -> Ran:
        port = free_port()
        settings = replace(TRUNK, address=f"127.0.0.1:{port}", **trunk)
        async with an_end() as end, asyncio.TaskGroup() as group:
            answering = group.create_task(sipp(folder, scenario, "-p", str(port)))
            await listening(port, answering)
            await test(SipTrunk(end.door, settings), end)
            return await answering

    return asyncio.run(run())


RING = expect_request("INVITE") + reply("100 Trying") + reply("180 Ringing", "first")
ANSWER = reply("200 OK", "first", sdp("0 101")) + expect_request("ACK")


def test_a_call_out_is_answered_and_hung_up_by_us(tmp_path: Path) -> None:
    async def test(trunk: SipTrunk, end: End) -> None:
        line = await trunk.call("+15550111", "+15550100", 10)
        await line.play(1, speech(0.1))
        await line.hang_up()

    ran = dialled(tmp_path, RING + ANSWER + expect_request("BYE") + reply("200 OK"), test)
    assert ran.code == 0, ran.told


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_a_challenge_is_answered_with_the_password(tmp_path: Path) -> None:
    nonce = "47364c23432d2e131a5fb210812c"
    challenge = f'Proxy-Authenticate: Digest realm="test", nonce="{nonce}", algorithm=MD5\n'
    proof = md5(f"{md5('bot:test:secret')}:{nonce}:{md5('INVITE:sip:+15550111@127.0.0.1')}")  # RFC 2617 §3.2.2
    scenario = (
        expect_request("INVITE") + reply("407 Proxy Authentication Required", challenge) + expect_request("ACK")
        + f'<recv request="INVITE"><action><ereg regexp="{proof}" search_in="msg" check_it="true" assign_to="seen"/>'
        + "</action></recv>\n" + ANSWER + expect_request("BYE") + reply("200 OK")
    )  # fmt: skip

    async def test(trunk: SipTrunk, end: End) -> None:
        await (await trunk.call("+15550111", "+15550100", 10)).hang_up()

    ran = dialled(tmp_path, scenario, test, user="bot", password="secret")
    assert ran.code == 0, ran.told


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("486 Busy Here", "busy"), ("603 Decline", "rejected"), ("404 Not Found", "unreachable"), ("500 Oops", "failed"),
     ("480 Temporarily Unavailable", "no_answer"), ("302 Moved Temporarily", "failed")],
)  # fmt: skip
def test_a_refusal_says_how_the_call_went(tmp_path: Path, status: str, outcome: str) -> None:
    async def test(trunk: SipTrunk, end: End) -> None:
        with pytest.raises(CallFailed) as failed:
            await trunk.call("+15550111", "+15550100", 60)
        assert failed.value.outcome == outcome
        assert end.server.calls == {}

    ran = dialled(tmp_path, RING + reply(status, "first") + expect_request("ACK"), test)
    assert ran.code == 0, ran.told


def test_a_phone_that_rings_too_long_is_told_to_stop(tmp_path: Path) -> None:
    async def test(trunk: SipTrunk, end: End) -> None:
        with pytest.raises(CallFailed) as failed:
            await trunk.call("+15550111", "+15550100", 0.3)
        assert failed.value.outcome == "no_answer"

    cancelled = expect_request("CANCEL") + reply("200 OK", "first") + reply("487 Request Terminated").replace(
        "[last_CSeq:]", "CSeq: 1 INVITE"
    ) + expect_request("ACK")  # fmt: skip
    ran = dialled(tmp_path, RING + cancelled, test)
    assert ran.code == 0, ran.told
