import numpy as np
import pytest

from ivr.model.audio import PHONE_RATE, AudioFrame, silence
from ivr.model.events import PlaybackFinished, PlaybackStarted
from ivr.model.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode
from telephony.dtmf_tones import digit_tones
from telephony.rtp_digits import EventReader, KeyJudge, digit_of_info, event_packets
from telephony.rtp_intake import FRAME_BYTES, LONGEST_FILL_SAMPLES, RtpIntake
from telephony.rtp_outbox import Outbox
from telephony.rtp_tones import ToneReader
from tests.telephony.far_end import tone

LOUD = alaw_encode(tone(0.02))


def fed(intake: RtpIntake, *packets: tuple[int, int], payload: bytes = LOUD, now: float = 0.0) -> int:
    """Frames that came of packets given as (sequence, timestamp)."""
    return sum(len(intake.take(1, sequence, stamp, payload, alaw_decode, now)) for sequence, stamp in packets)


def test_packets_in_order_become_frames_of_20_ms_whatever_their_length() -> None:
    for milliseconds in (10, 20, 30, 60):
        intake, size = RtpIntake(), milliseconds * 8
        whole = alaw_encode(tone(0.6))
        got = b"".join(
            frame
            for number, at in enumerate(range(0, len(whole), size))
            for frame in intake.take(1, number, at, whole[at : at + size], alaw_decode, 0.0)
        )
        assert got == alaw_decode(whole)
        assert not intake.faults


def test_a_late_packet_is_put_in_its_place_and_a_double_one_is_dropped() -> None:
    intake = RtpIntake()
    assert fed(intake, (0, 0), (2, 320)) == 1
    assert fed(intake, (1, 160)) == 2
    assert fed(intake, (1, 160), (3, 480), (3, 480), (4, 640)) == 2
    assert fed(intake, (6, 960), (6, 960)) == 0
    assert intake.faults == {"rtp_late": 3}


def test_a_lost_packet_is_concealed_once_it_will_not_come() -> None:
    intake = RtpIntake()
    assert fed(intake, (65534, 2**32 - 320), (65535, 2**32 - 160)) == 2
    assert fed(intake, (1, 160)) == 0
    frames = intake.take(1, 2, 320, LOUD, alaw_decode, 0.0)
    assert len(frames) == 3  # number 0 was lost
    assert AudioFrame(frames[0], PHONE_RATE).dbfs > -30
    assert intake.faults == {"rtp_lost": 1}


def test_a_packet_that_waits_for_a_lost_one_is_given_up_on_after_60_ms() -> None:
    intake = RtpIntake()
    fed(intake, (0, 0))
    assert fed(intake, (2, 320), now=1.0) == 0
    assert intake.idle(1.04) == []
    assert len(intake.idle(1.06)) == 2


def test_silence_is_made_where_nothing_comes_and_taken_back_where_the_peer_did_not_count_it() -> None:
    intake = RtpIntake()
    assert intake.idle(0.0) == []
    assert fed(intake, (0, 0), now=0.0) == 1
    assert intake.idle(0.08) == []
    made = sum(len(intake.idle(0.1 + 0.02 * step)) for step in range(10))
    assert made == 10
    # the peer paused (its clock went on): the rest of the hole is filled
    assert fed(intake, (1, 160 + 15 * 160), now=0.4) == 6
    # it paused without counting: what was made up is taken back from silence, never from speech
    assert sum(len(intake.idle(0.6 + 0.02 * step)) for step in range(3)) == 3
    stamp = 160 + 16 * 160
    assert fed(intake, (2, stamp), now=0.7) == 1
    quiet = alaw_encode(silence(0.02, PHONE_RATE))
    assert [fed(intake, (3 + step, stamp + 160 * (step + 1)), payload=quiet, now=0.8) for step in range(4)] == [
        0,
        0,
        0,
        1,
    ]


def test_a_long_jump_is_a_clock_set_anew_and_filled_with_a_second_at_most() -> None:
    intake = RtpIntake()
    fed(intake, (0, 0))
    assert fed(intake, (1, 10_000_000)) == LONGEST_FILL_SAMPLES // 160 + 1


def test_a_peer_that_begins_anew_is_followed() -> None:
    intake = RtpIntake()
    assert fed(intake, (10, 0), (5000, 160)) == 2  # far ahead
    assert sum(fed(intake, (100 + each, 160 * each)) for each in range(40)) == 10  # from the past, until believed
    assert len(intake.take(2, 7, 0, LOUD, alaw_decode, 0.0)) == 1  # another source altogether
    assert intake.take(2, 8, 160, b"", alaw_decode, 0.0) == []
    assert intake.take(2, 8, 160, bytes(5000), alaw_decode, 0.0) == []
    assert intake.faults["rtp_odd_size"] == 2


def test_a_packet_without_sound_keeps_its_place_only() -> None:
    intake = RtpIntake()
    assert fed(intake, (0, 0)) == 1
    assert intake.take(1, 1, 160, None, alaw_decode, 0.0) == []
    assert fed(intake, (2, 320)) == 2  # the pause is filled
    assert intake.take(1, 3, 480, None, alaw_decode, 5.0) == []
    assert len(intake.idle(5.0)) == 1  # a key held down: time passes for who listens


def test_a_key_is_told_at_its_first_packet_and_once() -> None:
    reader = EventReader()
    press = [(1000, packet.payload) for packet in event_packets("5") if packet.payload]
    assert [reader.read(*each) for each in press] == ["5"] + [""] * 7
    assert reader.read(1000, press[-1][1]) == ""
    assert reader.read(2600, press[0][1]) == "5"  # the same key again
    assert reader.read(2760, press[1][1]) == ""  # a gateway that moves the timestamp within a press
    assert reader.read(9000, press[0][1]) == "5"  # its end was lost
    assert reader.read(9000, b"\x05") == ""
    assert reader.read(12000, bytes((16, 0, 0, 160))) == ""  # flash hook is no key


def test_keys_are_sent_with_growing_duration_three_ends_and_a_pause() -> None:
    packets = event_packets("#?")
    assert [packet.payload for packet in packets[:2]] == [b"\x0b\x0a\x00\xa0", b"\x0b\x0a\x01\x40"]
    assert [packet.payload for packet in packets[5:8]] == [b"\x0b\x8a\x03\x20"] * 3
    assert [packet.is_first for packet in packets[:8]] == [True] + [False] * 7
    assert len(packets) == 8 + 5 + 5
    assert {packet.payload for packet in packets[8:]} == {None}


def test_a_press_that_comes_from_two_sources_is_told_once() -> None:
    judge = KeyJudge()
    assert judge.is_new("1", "tones", 0.0)
    assert judge.is_new("1", "tones", 0.2)
    assert not judge.is_new("1", "info", 0.3)
    assert not judge.is_new("1", "events", 0.4)
    assert judge.is_new("1", "events", 2.0)
    assert judge.is_new("2", "events", 2.1)
    assert not judge.is_new("3", "info", 3.0)  # weaker than what was heard before


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=250\r\n", "5"),
        ("Application/DTMF-Relay;x=y", "Duration=250\nsignal= * ", "*"),
        ("application/dtmf", "11", "#"),
        ("application/dtmf", "d", "D"),
        ("application/dtmf-relay", "Duration=1", ""),
        ("application/dtmf", "99", ""),
        ("text/plain", "5", ""),
    ],
)
def test_keys_by_sip_info_are_read(kind: str, body: str, digit: str) -> None:
    assert digit_of_info(kind, body) == digit


@pytest.mark.parametrize("noise", [0, 100])
def test_keys_are_heard_as_tones_and_speech_is_not(noise: int) -> None:
    pressed = "1234567890*#ABCD"
    rng = np.random.default_rng(1)
    sound = np.frombuffer(digit_tones(pressed, PHONE_RATE), "<i2")
    noisy = np.clip(sound + rng.normal(0, noise, sound.size), -32768, 32767).astype("<i2").tobytes()
    heard, reader = np.frombuffer(mulaw_decode(mulaw_encode(noisy)), "<i2"), ToneReader()
    assert "".join(reader.read(heard[at : at + 160]) for at in range(0, heard.size, 160)) == pressed


def test_sounds_that_are_no_keys_are_not_heard_as_some() -> None:
    time = np.arange(PHONE_RATE) / PHONE_RATE
    for hertz in ((440,), (697,), (697, 770), (697, 1209, 1394, 2418), (350, 440), (1209,), (697, 1210, 2000)):
        sound = sum(6000 * np.sin(2 * np.pi * each * time) for each in hertz)
        assert ToneReader().read(np.asarray(sound).astype(np.int16)) == ""
    pair = 6000 * (np.sin(2 * np.pi * 697 * time) + np.sin(2 * np.pi * 1209 * time))
    assert ToneReader().read(pair.astype(np.int16)) == "1"
    for other, size in ((770, 3400), (1394, 2600)):  # a neighbour too loud, an overtone as voices have
        assert ToneReader().read((pair + size * np.sin(2 * np.pi * other * time)).astype(np.int16)) == ""
    uneven = 9000 * np.sin(2 * np.pi * 697 * time) + 1000 * np.sin(2 * np.pi * 1209 * time)
    assert ToneReader().read(uneven.astype(np.int16)) == ""


def test_what_is_said_leaves_frame_by_frame_and_its_end_comes_after_its_last_sound() -> None:
    box = Outbox(PHONE_RATE)
    box.begin(3)
    box.put(3, bytes(500))
    box.close(3)
    assert box.seconds == pytest.approx(0.06)
    assert box.is_busy
    assert [box.take(step * 0.02)[1] for step in range(3)] == [
        [PlaybackStarted(3)], [], [PlaybackFinished(3, False, 0.04)],
    ]  # fmt: skip
    box.put(None, tone(0.04))
    box.close(None)
    assert box.take(0.06) == (tone(0.04)[:FRAME_BYTES], [])
    assert not box.clear(0.07)
    assert box.take(0.08) == (None, [])


def test_what_waits_on_hold_counts_as_begun_once() -> None:
    box = Outbox(PHONE_RATE)
    assert box.wait() == []
    box.begin(1)
    box.put(None, bytes(FRAME_BYTES))
    box.put(1, bytes(FRAME_BYTES))
    box.close(1)
    assert box.wait() == []  # what is ahead belongs to no utterance
    box.take(0.0)
    assert [box.wait(), box.wait()] == [[PlaybackStarted(1)], []]
    assert [box.take(1.0 + step)[1] for step in range(2)] == [[], [PlaybackFinished(1, False, 0.02)]]
    box.close(2)
    assert box.wait() == []


def test_what_is_dropped_was_heard_up_to_here() -> None:
    box = Outbox(PHONE_RATE)
    box.begin(1)
    box.begin(2)
    box.put(1, bytes(FRAME_BYTES * 5))
    box.take(0.0)
    assert box.clear(0.02) == [PlaybackFinished(1, True, 0.02), PlaybackFinished(2, True, 0.0)]
    assert not box.is_busy
