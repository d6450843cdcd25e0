import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.model.audio import AudioFrame
from ivr.model.errors import LineError
from ivr.model.events import CallAnswered, CallerHungUp, CallEvent, PlaybackFinished, PlaybackStarted
from ivr.model.ports import Line
from telephony.file_line import FileLine
from telephony.resample import read_wav, resample
from telephony.twilio_line import TwilioLine
from tests.telephony.far_end import Recorder, speech, tone


def write(path: Path, pcm: bytes, rate: int = 8000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def test_a_file_is_said_frame_by_frame_and_then_the_caller_listens_and_leaves(tmp_path: Path) -> None:
    line = FileLine(write(tmp_path / "a.wav", tone(0.11)), caller="+1", called="+2", speed=20, listening_seconds=0.1)

    async def scenario() -> list[AudioFrame | CallEvent]:
        return [item async for item in line.incoming()]

    items = asyncio.run(scenario())
    assert line.answered == CallAnswered("+1", "+2")
    assert items[-1] == CallerHungUp("caller")
    frames = [item for item in items if isinstance(item, AudioFrame)]
    assert len(items) == len(frames) + 1
    assert b"".join(frame.pcm for frame in frames) == (tone(0.11) + bytes(1600)).ljust(11 * 320, b"\0")


def test_answers_are_reported_like_on_any_line_and_both_sides_reach_the_tap(tmp_path: Path) -> None:
    line, recorder = FileLine(write(tmp_path / "a.wav", tone(0.5)), speed=5, listening_seconds=0.5), Recorder()
    line.listen_along(recorder, 100.0)
    events: list[CallEvent] = []

    async def scenario() -> None:
        async for item in line.incoming():
            if isinstance(item, AudioFrame):
                if len(recorder.said) == 5:
                    await line.play(1, speech(0.2))
                    assert line.level_heard() > -20
                if len(recorder.said) == 30:
                    await line.play(2, speech(5.0))
                if len(recorder.said) == 35:
                    await line.stop_playing()
                    await line.hang_up()
            else:
                events.append(item)

    asyncio.run(scenario())
    assert [type(event) for event in events] == [
        PlaybackStarted,
        PlaybackFinished,
        PlaybackStarted,
        PlaybackFinished,
        CallerHungUp,
    ]
    assert events[1] == PlaybackFinished(1, False, 0.2)
    cut = events[3]
    assert isinstance(cut, PlaybackFinished)
    assert cut.interrupted
    assert events[4] == CallerHungUp("system")
    assert sum(frame.seconds for _, frame in recorder.heard) == pytest.approx(0.2 + cut.played_seconds, abs=0.03)
    assert recorder.said[5][0] == pytest.approx(100.1)


def test_a_file_cannot_be_transferred_nor_press_keys(tmp_path: Path) -> None:
    line = FileLine(write(tmp_path / "a.wav", tone(0.1)), rate=16000)

    async def scenario() -> None:
        await line.send_digits("1")
        assert not await line.transfer("+14155552671", 5)
        with pytest.raises(LineError, match="16000"):
            await line.play(1, speech(0.1, rate=8000))
        await line.hang_up()
        await line.play(2, speech(0.1))

    asyncio.run(scenario())
    assert line.rate == 16000


@pytest.mark.parametrize(
    ("rate", "channels", "width"), [(8000, 1, 2), (44100, 2, 2), (16000, 1, 3), (8000, 2, 4), (22050, 1, 1)]
)
def test_any_pcm_wav_becomes_mono_at_the_rate_of_the_call(tmp_path: Path, rate: int, channels: int, width: int) -> None:
    samples = np.frombuffer(tone(0.5, rate), "<i2").astype(np.int64)
    many = np.repeat(samples, channels)
    raw = (many >> 8) + 128 if width == 1 else many << 8 * (width - 2)
    pcm = raw.astype("<i8").view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
    got = np.frombuffer(read_wav(write(tmp_path / "a.wav", pcm, rate, channels, width), 8000), "<i2")
    want = np.frombuffer(tone(0.5), "<i2")
    assert got.size == pytest.approx(want.size, abs=2)
    middle = slice(500, 3500)
    assert np.corrcoef(got[middle], want[middle])[0, 1] > 0.99


def test_what_is_no_wav_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"not a wav")
    for wrong in (path, tmp_path / "missing.wav"):
        with pytest.raises(LineError, match="PCM WAV"):
            FileLine(wrong)


def test_resampling_keeps_the_length() -> None:
    assert resample(tone(0.5), 8000, 8000) == tone(0.5)
    assert len(resample(tone(0.5), 8000, 16000)) == 2 * len(tone(0.5))


def test_both_lines_are_lines() -> None:
    lines: list[type[Line]] = [FileLine, TwilioLine]
    assert len(lines) == 2
