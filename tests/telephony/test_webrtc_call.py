"""Whole browser calls over loopback: a real aiortc on either side, ICE, DTLS, SRTP and all."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest
from aiortc import RTCPeerConnection

from ivr.model.errors import BadQuery, LineError
from ivr.model.events import CallerHungUp, DigitPressed, PlaybackFinished, PlaybackStarted
from telephony.webrtc_aiortc import JITTER_BUFFER, RESYNC_SECONDS, OutgoingTrack, take_packets
from telephony.webrtc_door import WebRtcDoor
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_settings import WebRtcSettings
from tests.telephony.browser import Answered, Browser, answering, calling, dominant_hz, loopback, lose_packets
from tests.telephony.far_end import speech, tone

__all__ = ["loopback"]
pytestmark = pytest.mark.usefixtures("loopback")

Test = Callable[[Browser, Answered], Coroutine[Any, Any, None]]


def on_a_call(
    test: Test,
    settings: WebRtcSettings | None = None,
    script: Callable[[WebRtcLine], Coroutine[Any, Any, None]] | None = None,
    **more: Any,
) -> None:
    async def scenario() -> None:
        async with (
            asyncio.timeout(60),
            answering(settings, script) as answered,
            calling(answered.answer, **more) as browser,
        ):
            await test(browser, answered)

    asyncio.run(scenario())


def test_both_hear_each_other_and_keys_come_through() -> None:
    async def greet(line: WebRtcLine) -> None:
        await line.play(1, speech(0.4))

    async def test(browser: Browser, answered: Answered) -> None:
        browser.microphone.say(tone(0.6))
        await answered.until(lambda: PlaybackFinished(1, False, 0.4) in answered.events)
        for digit in "159*0#":
            browser.send(type="key", digit=digit)
        browser.send(type="ping", n=4)
        await browser.got("pong", n=4)
        await answered.until(lambda: answered.sound().size > 8000)
        browser.send(type="hangup")
        await answered.over.wait()
        assert answered.events == [
            PlaybackStarted(1), PlaybackFinished(1, False, 0.4),
            *[DigitPressed(digit) for digit in "159*0#"], CallerHungUp("caller"),
        ]  # fmt: skip
        said, heard = answered.sound(), browser.heard()
        loud = said[np.abs(said) > 500]
        assert loud.size > 0.5 * 8000
        assert dominant_hz(said[np.argmax(np.abs(said) > 4000) :][:3200]) == pytest.approx(440, abs=5)
        assert dominant_hz(heard[np.argmax(np.abs(heard) > 4000) :][:3000]) == pytest.approx(440, abs=5)
        assert {message["state"] for message in browser.messages if message["type"] == "state"} == {"active", "ended"}

    on_a_call(test, script=greet)


def test_sound_leaves_at_the_pace_of_the_clock() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        await browser.until(lambda: len(browser.packets) >= 50)
        (_, first), (_, last) = browser.packets[0], browser.packets[49]
        assert last.timestamp - first.timestamp == (last.number - first.number) * 160

    on_a_call(test)


def test_we_hang_up_and_the_page_is_told() -> None:
    async def hang_up(line: WebRtcLine) -> None:
        await line.hang_up()

    async def test(browser: Browser, answered: Answered) -> None:
        await browser.got("state", state="ended", reason="system")
        await answered.over.wait()
        assert answered.events == [CallerHungUp("system")]
        assert answered.door.has_room

    on_a_call(test, script=hang_up)


def test_a_closed_page_ends_the_call_at_once() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        await browser.connection.close()
        await asyncio.wait_for(answered.over.wait(), 60)
        assert answered.events == [CallerHungUp("caller")]

    on_a_call(test)


def test_a_page_without_a_network_is_noticed() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        browser.vanish()
        await asyncio.wait_for(answered.over.wait(), 60)
        assert answered.events == [CallerHungUp("network")]

    on_a_call(test, WebRtcSettings(vanished_seconds=0.8))


@pytest.mark.parametrize("packet_seconds", [0.03, 0.06])
def test_a_browser_with_longer_packets_is_heard_in_frames_of_20_ms(packet_seconds: float) -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        browser.microphone.say(tone(0.9))
        await answered.until(lambda: answered.sound().size > 9600)
        sound = answered.sound()
        assert sound.size % 160 == 0
        voice = sound[np.abs(sound) > 500]
        assert voice.size > 0.85 * 0.9 * 8000
        assert dominant_hz(sound[np.argmax(np.abs(sound) > 4000) :][:6400]) == pytest.approx(440, abs=3)

    on_a_call(test, packet_seconds=packet_seconds)


def test_lost_packets_leave_no_delay_behind() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        lose_packets(browser, lambda number: number % 50 == 10)
        await answered.until(lambda: answered.sound().size >= 2.2 * 8000)
        browser.microphone.say(tone(0.2))
        before = answered.sound().size
        await answered.until(lambda: bool(np.abs(answered.sound()[before:]).max(initial=0) > 4000))
        assert answered.line.faults["rtp_lost"] >= 2
        assert answered.line.faults["rtp_concealed"] == answered.line.faults["rtp_lost"]
        # 300 ms and more with aiortc's own buffer; 20 to 60 ms here, and the machine may be busy
        assert answered.sound().size - before <= 8 * 160

    on_a_call(test)


def test_a_wideband_call_in_opus() -> None:
    async def greet(line: WebRtcLine) -> None:
        await line.play(1, speech(0.3, rate=16000))

    async def test(browser: Browser, answered: Answered) -> None:
        browser.microphone.say(tone(0.6, 16000))
        await answered.until(lambda: PlaybackFinished(1, False, 0.3) in answered.events)
        await answered.until(lambda: answered.sound().size > 16000)
        assert answered.line.rate == 16000
        sound = answered.sound()
        assert dominant_hz(sound[np.argmax(np.abs(sound) > 3000) :][:6400], 16000) == pytest.approx(440, abs=5)

    on_a_call(test, WebRtcSettings(codecs=("opus",)), greet, codec="opus")


@pytest.mark.parametrize(("codec", "payload_type", "rate"), [("pcmu", 0, 8000), ("pcma", 8, 8000), ("opus", 96, 16000)])
def test_a_browser_that_has_all_codecs_gets_the_one_we_like_best(codec: str, payload_type: int, rate: int) -> None:
    """Browsers offer Opus first, and take whatever the answer says."""

    async def test(browser: Browser, answered: Answered) -> None:
        await browser.until(lambda: bool(browser.packets))
        assert browser.packets[0][1].payload_type == payload_type
        media = [line for line in browser.connection.remoteDescription.sdp.splitlines() if line.startswith("m=audio")]
        assert [line.split()[3:] for line in media] == [[str(payload_type)]]
        assert answered.line.rate == rate

    on_a_call(test, WebRtcSettings(codecs=(codec, "pcmu", "pcma")), codec="")


def test_other_channels_are_closed_and_floods_and_oddities_counted() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        other = browser.connection.createDataChannel("other")
        closed = asyncio.Event()
        other.on("close", closed.set)
        browser.channel.send(b"\0\1")
        browser.channel.send("x" * 5000)
        for _ in range(3):
            browser.channel.send("{")
        await closed.wait()
        browser.send(type="ping", n=1)
        await browser.got("pong")
        faults = answered.line.faults
        assert {name: count for name, count in faults.items() if name.startswith("channel")} == {
            "channel_foreign": 1, "channel_binary": 1, "channel_oversize": 1, "channel_not_json": 3,
        }  # fmt: skip
        assert answered.events == []

    on_a_call(test)


def test_a_codec_that_was_not_agreed_on_is_passed_over() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        transport: Any = browser.connection.getTransceivers()[0].sender.transport
        send, count = transport._send_rtp, iter(range(1 << 30))

        async def now_and_then_opus(packet: bytes) -> None:
            changed = 5 <= next(count) < 15
            await send(packet[:1] + bytes([111]) + packet[2:] if changed else packet)

        transport._send_rtp = now_and_then_opus
        browser.microphone.say(tone(1.0))
        await answered.until(lambda: answered.sound().size >= 8000)
        assert answered.line.faults["rtp_concealed"] >= 9
        assert answered.events == []

    on_a_call(test)


def test_a_stranger_who_sends_to_our_port_is_not_heard() -> None:
    async def test(browser: Browser, answered: Answered) -> None:
        line = next(each for each in browser.connection.remoteDescription.sdp.splitlines() if "typ host" in each)
        address, port = line.split()[4:6]
        rtp = bytes([0x80, 0, 0, 1]) + bytes(8) + b"\x00" * 160
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for junk in (rtp, b"", b"\xff" * 1400, b"\x16\xfe\xfd" + bytes(60), b"\x00\x01" + bytes(18)):
                stranger.sendto(junk, (address, int(port)))
        size = answered.sound().size
        await answered.until(lambda: answered.sound().size >= size + 4000)
        assert not np.abs(answered.sound()).max(initial=0)
        browser.send(type="ping", n=9)
        await browser.got("pong", n=9)

    on_a_call(test)


def test_a_call_that_never_connects_is_cleaned_up() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(60), answering(WebRtcSettings(connect_seconds=0.2)) as answered:
            connection = RTCPeerConnection()
            connection.addTransceiver("audio")
            await connection.setLocalDescription(await connection.createOffer())
            await answered.answer(connection.localDescription.sdp)
            await answered.over.wait()
            assert answered.events == [CallerHungUp("network")]
            await connection.close()

    asyncio.run(scenario())


def test_an_offer_that_breaks_aiortc_leaves_nothing_behind() -> None:
    broken = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=fingerprint:x\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"

    async def scenario() -> None:
        door = WebRtcDoor(WebRtcSettings(most_connections=1))
        with pytest.raises(Exception, match=".") as caught:
            await door.connect(broken)
        assert not isinstance(caught.value, BadQuery)
        assert door.has_room

    asyncio.run(scenario())


def test_setups_wait_their_turn_and_too_many_are_sent_away() -> None:
    async def scenario() -> list[bool]:
        door = WebRtcDoor(WebRtcSettings(setups_per_second=1000), lambda: 5.0)
        slow = WebRtcDoor(WebRtcSettings(setups_per_second=0.25), lambda: 5.0)
        return [*[await door.turn() for _ in range(20)], await slow.turn(), await slow.turn()]

    assert asyncio.run(scenario()) == [True] * 21 + [False]


def test_no_stun_server_is_asked_that_nobody_configured() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(60), answering() as answered, calling(answered.answer):
            [peer] = answered.door._peers
            assert peer._connection._RTCPeerConnection__configuration.iceServers == []  # type: ignore[attr-defined]

    asyncio.run(scenario())


def test_a_track_that_is_late_leaves_frames_out_instead_of_hurrying() -> None:
    async def scenario() -> None:
        times = iter([10.0, 10.02, 10.05, 11.0, 11.0])
        asked: list[float] = []

        def payload(due: float) -> bytes:
            asked.append(round(due, 3))
            return b"\xff" * 160

        track = OutgoingTrack(payload, 8000, lambda: next(times))
        stamps = [(await track.recv()).pts for _ in range(5)]
        assert stamps == [0, 160, 320, 8000, 8160]
        assert asked == [10.0, 10.02, 10.04, 11.0, 11.02]
        assert RESYNC_SECONDS < 0.5

    asyncio.run(scenario())


def test_aiortc_still_has_its_jitter_buffer_where_we_replace_it() -> None:
    class Other:
        """A receiver of an aiortc we do not know."""

    async def scenario() -> None:
        connection = RTCPeerConnection()
        receiver = connection.addTransceiver("audio").receiver
        assert type(getattr(receiver, JITTER_BUFFER)).__name__ == "JitterBuffer"
        assert type(getattr(receiver, JITTER_BUFFER)).__module__ == "aiortc.jitterbuffer"
        await connection.close()

    asyncio.run(scenario())
    other: Any = Other()
    with pytest.raises(LineError, match=r"1\.16"):
        take_packets(other, lambda packet: None)
