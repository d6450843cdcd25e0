"""The parts of a browser call that need no connection: order, holes, messages, offers, servers."""

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha1

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.audio import AudioFrame
from ivr.model.errors import BadQuery, ConfigError
from ivr.model.events import DigitPressed
from telephony.webrtc_hearing import FADE, HeardSound
from telephony.webrtc_messages import (
    LONGEST_MESSAGE,
    MOST_A_SECOND,
    BrowserMessages,
    Goodbye,
    Ping,
    caption,
    pong,
    state,
)
from telephony.webrtc_offer import read_offer
from telephony.webrtc_order import PATIENCE, RESTART, Packet, PacketOrder
from telephony.webrtc_settings import WebRtcSettings
from tests.telephony.far_end import tone


def packet(number: int, source: int = 0) -> Packet:
    return Packet(number & 0xFFFF, number * 160, b"", 0, source)


def ordered(numbers: list[int], first: int = 0) -> list[list[int]]:
    """What comes out after each packet, counted from `first`."""
    order = PacketOrder()
    return [[(each.number - first) & 0xFFFF for each in order.add(packet(first + number))] for number in numbers]


# -- order


@pytest.mark.parametrize("first", [0, 65533])
def test_packets_in_order_are_handed_on_at_once_across_the_wrap(first: int) -> None:
    assert ordered([0, 1, 2, 3, 4, 5], first) == [[0], [1], [2], [3], [4], [5]]


@pytest.mark.parametrize("first", [0, 65533])
def test_an_overtaken_packet_is_waited_for(first: int) -> None:
    assert ordered([0, 2, 1, 3], first) == [[0], [], [1, 2], [3]]


@pytest.mark.parametrize("first", [0, 65533])
def test_a_lost_packet_costs_two_packets_of_waiting_and_no_delay_afterwards(first: int) -> None:
    assert PATIENCE == 2
    assert ordered([0, 2, 3, 4, 6, 8, 9, 10], first) == [[0], [], [2, 3], [4], [], [6], [8, 9], [10]]


def test_duplicates_and_packets_that_come_too_late_are_dropped_and_counted() -> None:
    order = PacketOrder()
    out = [[each.number for each in order.add(packet(number))] for number in (0, 0, 2, 2, 3, 1, 4)]
    assert out == [[0], [], [], [], [2, 3], [], [4]]
    assert (order.lost, order.late) == (1, 3)


@pytest.mark.parametrize("jump", [RESTART + 2, -RESTART - 1])
def test_a_sender_that_begins_anew_is_followed_at_once(jump: int) -> None:
    assert [len(out) for out in ordered([0, 1, 1 + jump, 2 + jump], 20000)] == [1, 1, 1, 1]


def test_another_source_is_another_sender() -> None:
    order = PacketOrder()
    order.add(packet(7))
    assert [each.source for each in order.add(packet(3, source=9))] == [9]
    assert [each.number for each in order.add(packet(4, source=9))] == [4]


@given(st.lists(st.integers(0, 60), max_size=80), st.sampled_from([0, 65500]))
def test_whatever_comes_nothing_comes_out_twice_or_out_of_order(numbers: list[int], first: int) -> None:
    out = [(number - (numbers[0] if numbers else 0)) & 0xFFFF for each in ordered(numbers, first) for number in each]
    assert out == sorted(set(out))


# -- holes

VOICE = tone(0.02)


def sound(packets: list[tuple[float, bytes, int]], clock_rate: int = 8000, rate: int = 8000) -> list[AudioFrame]:
    """Frames of (arrival, pcm, timestamp), the media having begun at 0."""
    heard = HeardSound(rate, clock_rate, 0.0)
    return [frame for at, pcm, timestamp in packets for frame in heard.add(pcm, timestamp, at)]


def test_packets_of_any_length_become_frames_of_20_ms() -> None:
    for seconds in (0.01, 0.02, 0.03, 0.06):
        size = round(seconds * 8000)
        pcm = tone(0.36)
        packets = [((n + 1) * seconds, pcm[2 * n * size :][: 2 * size], n * size) for n in range(2880 // size)]
        frames = sound(packets)
        assert {len(frame.pcm) for frame in frames} == {320}
        assert b"".join(frame.pcm for frame in frames) == pcm


def test_a_lost_packet_is_filled_with_a_fading_echo_then_silence() -> None:
    frames = sound([(0.02, VOICE, 0), (0.14, VOICE, 960)])
    levels = [float(np.abs(frame.samples).max()) / float(np.abs(frames[0].samples).max()) for frame in frames]
    assert levels == pytest.approx([1.0, *FADE, 0.0, 0.0, 1.0], abs=0.01)


def test_a_hole_that_is_no_whole_frame_is_filled_to_the_sample() -> None:
    frames = sound([(0.02, VOICE, 0), (0.05, VOICE, 240), (0.07, VOICE, 400)])
    assert sum(len(frame.pcm) for frame in frames) == 3 * 320
    assert frames[1].pcm[:160] == bytes(160)
    assert frames[1].pcm[160:] == VOICE[:160]


def test_timestamps_of_opus_count_48_to_each_16_samples_and_wrap() -> None:
    heard = HeardSound(16000, 48000, 0.0)
    pcm = tone(0.02, 16000)
    first = [len(heard.add(pcm, (2**32 - 960 + n * 960) % 2**32, 0.02 * (n + 1))) for n in (0, 1, 2)]
    assert first == [1, 1, 1]
    assert len(heard.add(pcm, 960 * 4, 0.12)) == 3
    assert heard.concealed == 2


@pytest.mark.parametrize("timestamp", [10_000_000, 2**31 + 9, 0])
def test_a_clock_set_anew_makes_no_hour_of_silence(timestamp: int) -> None:
    heard = HeardSound(8000, 8000, 0.0)
    heard.add(VOICE, 160, 0.02)
    assert len(heard.add(VOICE, timestamp, 0.04)) == 1
    assert len(heard.add(VOICE, timestamp + 160, 0.06)) == 1


def test_sound_that_begins_late_stands_where_it_was_said() -> None:
    assert len(sound([(0.1, VOICE, 0)])) == 5


def test_where_nothing_comes_there_is_silence_and_its_place_in_time_stays_true() -> None:
    heard = HeardSound(8000, 8000, 0.0)
    frames = heard.add(VOICE, 0, 0.02)
    for tick in range(2, 101):
        frames += heard.tick(tick * 0.02)
    assert len(frames) == 100
    frames += heard.add(VOICE, 160 * 100, 2.02)
    assert [frame.pcm == VOICE for frame in frames] == [True] + [False] * 99 + [True]


def test_silence_put_in_for_sound_that_was_only_late_is_taken_out_of_the_next_quiet() -> None:
    heard, quiet = HeardSound(8000, 8000, 0.0), bytes(320)
    frames = heard.add(VOICE, 0, 0.02)
    for tick in range(2, 32):
        frames += heard.tick(tick * 0.02)
    assert len(frames) == 31
    for number in range(1, 31):  # what was said meanwhile comes in one burst
        frames += heard.add(VOICE, number * 160, 0.62)
    assert len(frames) == 61
    for number in range(31, 81):
        frames += heard.add(quiet, number * 160, 0.64 + (number - 31) * 0.02)
    assert len(frames) == 81
    assert sum(frame.pcm == VOICE for frame in frames) == 31


def test_a_browser_that_paused_and_goes_on_where_it_was_owes_nothing() -> None:
    heard, quiet = HeardSound(8000, 8000, 0.0), bytes(320)
    heard.add(VOICE, 0, 0.02)
    assert len([frame for tick in range(2, 252) for frame in heard.tick(tick * 0.02)]) == 250
    assert len(heard.add(quiet, 160, 5.06)) == 1


# -- messages


def test_the_messages_of_the_contract_are_understood() -> None:
    messages = BrowserMessages()
    assert messages.read('{"type":"key","digit":"#"}', 0.0) == DigitPressed("#")
    assert messages.read('{"type":"ping","n":7}', 0.0) == Ping(7)
    assert messages.read('{"type":"hangup"}', 0.0) == Goodbye()
    assert not messages.faults


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b'{"type":"hangup"}', "channel_binary"),
        ("x" * (LONGEST_MESSAGE + 1), "channel_oversize"),
        ("{", "channel_not_json"),
        ("[" * 1000, "channel_not_json"),
        ("[]", "channel_malformed"),
        ('{"type":"key","digit":"55"}', "channel_malformed"),
        ('{"type":"key","digit":""}', "channel_malformed"),
        ('{"type":"key","digit":5}', "channel_malformed"),
        ('{"type":"ping","n":true}', "channel_malformed"),
        ('{"type":"ping","n":-1}', "channel_malformed"),
        ('{"type":"ping","n":1e3}', "channel_malformed"),
        ('{"type":["key"]}', "channel_unknown"),
        ('{"digit":"5"}', "channel_unknown"),
    ],
)
def test_whatever_else_comes_is_counted_and_ignored(message: object, fault: str) -> None:
    messages = BrowserMessages()
    assert messages.read(message, 0.0) is None
    assert dict(messages.faults) == {fault: 1}


def test_a_flood_of_messages_is_ignored_for_the_rest_of_the_second() -> None:
    messages, hangup = BrowserMessages(), '{"type":"hangup"}'
    read = [messages.read(hangup, 4.5) for _ in range(MOST_A_SECOND + 2)]
    assert read.count(Goodbye()) == MOST_A_SECOND
    assert messages.faults["channel_flood"] == 2
    assert messages.read(hangup, 5.0) == Goodbye()


def test_what_we_tell_is_the_contract() -> None:
    assert json.loads(pong(3)) == {"type": "pong", "n": 3}
    assert json.loads(caption("bot", "Hi")) == {"type": "caption", "who": "bot", "text": "Hi", "final": True}
    assert len(json.loads(caption("caller", "x" * 9999, final=False))["text"]) == 2000
    assert json.loads(state("queued", "r")) == {"type": "state", "state": "queued", "reason": "r"}


# -- offers

OFFER = """v=0
m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 63 101
a=fingerprint:sha-256 AA
a=ice-ufrag:u
a=ice-pwd:p
a=candidate:1 1 udp 1 192.0.2.1 5000 typ host
a=candidate:2 1 udp 1 4af3-b2.local 5001 typ host
a=rtpmap:111 opus/48000/2
a=rtpmap:101 telephone-event/8000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
"""


def test_an_offer_tells_its_codecs_and_loses_addresses_only_its_own_network_knows() -> None:
    offer = read_offer(OFFER)
    assert offer.codecs == ("opus", "pcmu", "pcma", "telephone-event")
    assert offer.choose(("g722", "pcma", "pcmu")) == "pcma"
    assert "192.0.2.1" in offer.sdp
    assert ".local" not in offer.sdp
    with pytest.raises(BadQuery, match="none of the codecs g722"):
        offer.choose(("g722",))


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda sdp: "", "v=0"),
        (lambda sdp: sdp.replace("v=0", "v=1"), "v=0"),
        (lambda sdp: sdp + "a=x:" + "y" * 65536, "too large"),
        (lambda sdp: sdp + "a=x\n" * 1000, "too large"),
        (lambda sdp: sdp + "m=video 9 UDP/TLS/RTP/SAVPF 96\n", "one audio stream"),
        (lambda sdp: sdp + "m=audio 9 UDP/TLS/RTP/SAVPF 0\n", "one audio stream"),
        (lambda sdp: sdp + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n", "one audio stream"),
        (lambda sdp: sdp.replace("m=audio 9", "m=audio 0"), "switched off"),
        (lambda sdp: sdp.replace(" UDP/TLS/RTP/SAVPF 111 0 8 63 101", ""), "switched off"),
        (lambda sdp: sdp + "a=inactive\n", "switched off"),
        (lambda sdp: sdp.replace("a=fingerprint", "a=thumb"), "no fingerprint"),
        (lambda sdp: sdp.replace("a=ice-pwd", "a=x"), "no ice-pwd"),
        (lambda sdp: sdp + "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\n" * 41, "too many candidates"),
    ],
)
def test_an_offer_of_anything_else_is_refused_and_told_why(change: Change, why: str) -> None:
    with pytest.raises(BadQuery, match=why):
        read_offer(change(OFFER))


# -- servers


def test_credentials_of_a_turn_server_are_made_as_coturn_checks_them() -> None:
    settings = WebRtcSettings(stun_urls=("stun:a",), turn_urls=("turn:b",), turn_secret="north", turn_seconds=600)
    password = base64.b64encode(hmac.new(b"north", b"1600:x", sha1).digest()).decode()
    assert settings.ice_servers("x", 1000.5) == [
        {"urls": ["stun:a"]},
        {"urls": ["turn:b"], "username": "1600:x", "credential": password},
    ]
    assert WebRtcSettings().ice_servers("x", 0.0) == []
    with pytest.raises(ConfigError, match="IVR_TURN_SECRET"):
        WebRtcSettings(turn_urls=("turn:b",))
