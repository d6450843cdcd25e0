"""Hold audio: one decoding for all, soft, and without a jolt."""

import asyncio
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.call.hold_audio import LEVEL_DBFS, RATES, HoldAudio, into_a_ring, softened
from ivr.model.audio import AudioFrame, level_dbfs
from ivr.model.errors import ConfigError


@pytest.fixture(scope="module")
def own() -> HoldAudio:
    return HoldAudio.own()


def round_of(audio: HoldAudio, rate: int, more: int = 0) -> NDArray[np.int16]:
    return np.concatenate([audio.frame(rate, index) for index in range(round(audio.seconds * 50) + more)])


def sound_file(path: Path, seconds: float, rate: int = 22050, level: float = 0.9) -> Path:
    """Two channels, a rising tone."""
    at = np.arange(round(seconds * rate)) / rate
    one = (level * 32767 * np.sin(2 * np.pi * (300 + 20 * at) * at)).astype("<i2")
    both = np.ascontiguousarray(np.stack([one, one], axis=1))
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(both.tobytes())
        return path
    with av.open(str(path), "w") as out:
        opus = path.suffix == ".ogg"
        to_rate = 48000 if opus else rate
        stream: Any = out.add_stream("libopus" if opus else "flac", rate=to_rate)
        stream.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(both.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        change = av.AudioResampler(format=stream.format.name, layout="stereo", rate=to_rate, frame_size=960)
        for each in (*change.resample(frame), *change.resample(None)):
            out.mux(stream.encode(each))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("rate", RATES)
def test_our_own_piece_is_soft_at_every_rate_and_never_stops(own: HoldAudio, rate: int) -> None:
    sound = round_of(own, rate, more=2)
    assert all(own.frame(rate, index).shape == (rate // 50,) for index in (0, 10**6))
    thirds = [level_dbfs(sound[at : at + 3 * rate]) for at in range(0, sound.size - 3 * rate, rate)]
    assert min(thirds) > -32
    assert max(thirds) <= -18
    assert np.abs(sound.astype(int)).max() <= 32767 // 2 + 400
    size = round(own.seconds * rate)
    assert sound[size : size + rate // 50].tolist() == sound[: rate // 50].tolist()
    jumps = np.abs(np.diff(sound.astype(int)))
    assert jumps[size - 1] <= np.percentile(jumps, 99.9)


def test_each_caller_is_at_their_own_place(own: HoldAudio) -> None:
    async def take(at_seconds: float, count: int) -> list[AudioFrame]:
        playing, frames = own.play(8000, at_seconds), []
        async for frame in playing:
            frames.append(frame)
            if len(frames) == count:
                return frames
        raise AssertionError("it ended")

    first, later = asyncio.run(take(0.0, 10)), asyncio.run(take(0.1, 5))
    assert first[5:] == later
    assert first[0].samples.tolist() == own.frame(8000, 0).tolist()
    assert own.frame(8000, 3).tolist() == own.frame(8000, 3 + round(own.seconds * 50)).tolist()
    assert own.frame(24000, 1).shape == (480,)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_file_is_brought_down_to_speech_and_closed_to_a_ring(tmp_path: Path, suffix: str) -> None:
    audio = HoldAudio.load(sound_file(tmp_path / f"a{suffix}", 8.0))
    assert audio.seconds == pytest.approx(6.0, abs=0.1)
    sound = round_of(audio, 8000)
    assert level_dbfs(sound) == pytest.approx(LEVEL_DBFS, abs=1)


def test_what_is_soft_already_stays_so(tmp_path: Path) -> None:
    assert level_dbfs(round_of(HoldAudio.load(sound_file(tmp_path / "a.wav", 6.0, level=0.01)), 8000)) < -40


def test_the_end_of_a_file_is_faded_into_its_beginning() -> None:
    steps = np.concatenate((np.zeros(4000), np.ones(4000)))
    ring = into_a_ring(steps, 1000)
    assert ring.size == 6000
    assert (ring[0], round(ring[1999], 6), ring[-1]) == (1.0, 0.0, 1.0)
    assert np.abs(np.diff(ring[:2000])).max() < 0.001


def test_a_single_click_is_brought_down_too() -> None:
    click = np.zeros(32000)
    click[4000] = 1.0
    assert np.abs(softened(click, 8000)).max() == 0.5


def test_what_cannot_be_played_says_so(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not sound")
    for path, why in (
        (tmp_path / "text.wav", "WAV, FLAC or OGG"),
        (tmp_path / "missing.wav", "WAV, FLAC or OGG"),
        (sound_file(tmp_path / "short.wav", 2.0), "five seconds"),
    ):
        with pytest.raises(ConfigError, match=why):
            HoldAudio.load(path)
