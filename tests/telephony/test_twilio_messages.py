import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.audio import AudioFrame
from ivr.model.events import DigitPressed
from ivr.model.g711 import mulaw_decode, mulaw_encode
from telephony.twilio_messages import MarkReached, StreamStarted, StreamStopped, TwilioStream

START = {
    "streamSid": "MZ1",
    "accountSid": "AC1",
    "callSid": "CA1",
    "tracks": ["inbound"],
    "customParameters": {"t": "token", "odd": 3},
    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
}
LOUD = bytes([0x80]) * 160


def text(event: str, number: int | None = None, **parts: Any) -> str:
    numbered = {} if number is None else {"sequenceNumber": str(number)}
    return json.dumps({"event": event, "streamSid": "MZ1", **numbered, **parts})


def media(number: int, at_ms: int | None, payload: bytes = LOUD, **more: Any) -> str:
    timed = {} if at_ms is None else {"timestamp": str(at_ms)}
    return text("media", number, media={"payload": base64.b64encode(payload).decode(), **timed, **more})


def started() -> TwilioStream:
    stream = TwilioStream()
    assert stream.receive('{"event":"connected","protocol":"Call","version":"1.0.0"}') == []
    assert stream.receive(text("start", 1, start=START)) == [StreamStarted("MZ1", "CA1", "AC1", {"t": "token"})]
    return stream


def loud(count: int = 1) -> list[AudioFrame]:
    return [AudioFrame(mulaw_decode(LOUD), 8000)] * count


QUIET = AudioFrame(bytes(320), 8000)


def test_sound_keys_and_the_end_come_out_as_what_they_are() -> None:
    stream = started()
    assert stream.receive(media(2, 0)) == loud()
    assert stream.receive(text("dtmf", 3, dtmf={"track": "inbound_track", "digit": "#"})) == [DigitPressed("#")]
    assert stream.receive(text("stop", 4, stop={"accountSid": "AC1", "callSid": "CA1"})) == [StreamStopped()]
    assert not stream.faults


@pytest.mark.parametrize("size", [80, 160, 240, 1000])
def test_any_length_of_payload_becomes_frames_of_20_ms(size: int) -> None:
    stream = started()
    frames = [f for n in range(20) for f in stream.receive(media(n + 2, n * size // 8, b"\x80" * size))]
    assert frames == loud(20 * size // 160)
    assert not stream.faults


def test_a_jump_of_the_media_clock_becomes_silence() -> None:
    stream = started()
    stream.receive(media(2, 120))
    assert stream.receive(media(3, 200)) == [QUIET] * 3 + loud()
    assert stream.receive(media(4, 220)) == loud()
    assert stream.faults == {"lost_ms": 60}


def test_a_wild_jump_of_the_media_clock_is_filled_for_five_seconds_only() -> None:
    stream = started()
    stream.receive(media(2, 0))
    assert stream.receive(media(3, 86_400_000)) == [QUIET] * 250 + loud()
    assert stream.receive(media(4, 86_400_020)) == loud()


def test_sound_that_was_there_already_is_dropped_until_the_clock_was_clearly_set_back() -> None:
    stream = started()
    stream.receive(media(2, 10_000))
    heard = [stream.receive(media(3 + n, n * 20)) for n in range(60)]
    assert heard == [[]] * 49 + [loud()] * 11
    assert stream.faults == {"old_sound": 49}


def test_rounding_of_timestamps_makes_neither_silence_nor_loss() -> None:
    stream = started()
    times = [0, 21, 39, 60, 81, 99, None, 140]
    assert [stream.receive(media(n + 2, at)) for n, at in enumerate(times)] == [loud()] * 8


def test_gaps_are_counted_and_what_comes_twice_or_late_is_dropped() -> None:
    stream = started()
    assert stream.receive(media(2, 0)) == loud()
    assert stream.receive(media(2, 0)) == []
    assert stream.receive(media(5, 20)) == loud()
    assert stream.receive(text("dtmf", 4, dtmf={"digit": "1"})) == []
    assert stream.receive(text("dtmf", dtmf={"digit": "1"})) == [DigitPressed("1")]
    assert stream.faults == {"repeated_or_late": 2, "gap": 1, "unnumbered": 1}


def test_a_peer_that_begins_to_count_anew_is_followed_after_a_second() -> None:
    stream = started()
    stream.receive(media(9000, 0))
    answers = [stream.receive(text("dtmf", n + 1, dtmf={"digit": "1"})) for n in range(52)]
    assert answers == [[]] * 49 + [[DigitPressed("1")]] * 3


def test_a_mark_comes_back_as_played() -> None:
    stream = started()
    assert json.loads(stream.mark(7)) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": "1:7"}}
    assert stream.receive(text("mark", 2, mark={"name": "1:7"})) == [MarkReached(7)]
    assert stream.receive(text("mark", 3, mark={"name": "1:7"})) == []
    assert stream.faults == {"unknown_mark": 1}


def test_a_mark_echoed_after_a_clear_means_nothing() -> None:
    stream = started()
    stream.mark(7)
    assert json.loads(stream.clear()) == {"event": "clear", "streamSid": "MZ1"}
    assert json.loads(stream.mark(8))["mark"] == {"name": "2:8"}
    assert stream.receive(text("mark", 2, mark={"name": "1:7"})) == []
    assert stream.receive(text("mark", 3, mark={"name": "2:8"})) == [MarkReached(8)]
    assert stream.faults == {"late_mark": 1}


def test_sound_goes_out_as_bare_mulaw() -> None:
    stream = started()
    pcm = mulaw_decode(bytes(range(160)))
    message = json.loads(stream.media(pcm))
    assert message == {
        "event": "media",
        "streamSid": "MZ1",
        "media": {"payload": base64.b64encode(mulaw_encode(pcm)).decode()},
    }


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b"\x00\x01", "binary"),
        ("x" * 70_000, "oversize"),
        ("{", "malformed"),
        ("[" * 60_000, "malformed"),
        ("[]", "malformed"),
        ('{"event": ["media"]}', "malformed"),
        (text("start", 2, start=START), "out_of_place"),
        (text("media", 2), "malformed"),
        (text("weather", 2), "unknown_event"),
        (text("weather", 2, weather={}), "unknown_event"),
        (text("dtmf", 2, dtmf={"digit": "12"}), "malformed"),
        (text("dtmf", 2, dtmf={"digit": 5}), "malformed"),
        (text("mark", 2, mark={"name": "hello"}), "malformed"),
        (media(2, 0, b""), "malformed"),
        (text("media", 2, media={"payload": "%%%"}), "malformed"),
        (text("media", 2, media={"payload": 17}), "malformed"),
        (text("media", 2, media={"payload": "é"}), "malformed"),
        (media(2, 0, LOUD, track="outbound"), "foreign_track"),
        (media(2, 0).replace("MZ1", "MZ2"), "foreign_stream"),
    ],
)
def test_what_cannot_be_used_is_counted_and_ignored(message: str | bytes, fault: str) -> None:
    stream = started()
    assert stream.receive(message) == []
    assert stream.faults == {fault: 1}
    assert stream.receive(media(3, 20)) == loud()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mediaFormat": {"encoding": "audio/opus", "sampleRate": 48000, "channels": 2}}, "media_format"),
        ({"callSid": ""}, "malformed"),
        ({"customParameters": []}, "malformed"),
    ],
)
def test_a_start_that_is_none_does_not_start(change: dict[str, Any], fault: str) -> None:
    stream = TwilioStream()
    assert stream.receive(text("start", 1, start={**START, **change})) == []
    assert stream.receive(media(2, 0)) == []
    assert stream.faults == {fault: 1, "out_of_place": 1}


def test_nothing_counts_after_the_stop() -> None:
    stream = started()
    stream.receive(text("stop", 2, stop={}))
    assert stream.receive(text("stop", 3, stop={})) == []
    assert stream.receive(media(4, 0)) == []


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MESSAGE = st.fixed_dictionaries(
    {"event": st.sampled_from(["start", "media", "dtmf", "mark", "stop", "connected"]) | ANYTHING},
    optional={
        "sequenceNumber": st.integers(-5, 50).map(str) | ANYTHING,
        "streamSid": st.just("MZ1") | ANYTHING,
        "start": st.fixed_dictionaries({}, optional={key: st.just(value) | ANYTHING for key, value in START.items()}),
        "media": st.fixed_dictionaries(
            {}, optional={"payload": st.just("/w==") | ANYTHING, "timestamp": ANYTHING, "track": ANYTHING}
        )
        | ANYTHING,
        "dtmf": st.fixed_dictionaries({}, optional={"digit": ANYTHING}) | ANYTHING,
        "mark": st.fixed_dictionaries({}, optional={"name": st.sampled_from(["1:1", "0:1", ":", "1:"]) | ANYTHING}),
    },
)


@given(st.lists(MESSAGE.map(json.dumps) | st.text() | st.binary(), max_size=20))
def test_no_message_whatever_raises(messages: list[str | bytes]) -> None:
    stream = started()
    for message in messages:
        for item in stream.receive(message):
            assert not isinstance(item, AudioFrame) or len(item.pcm) == 320
