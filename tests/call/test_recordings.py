"""What becomes of a recording: small if wanted, never half done, and told to who asked."""

import asyncio
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.testing import capture_logs

from ivr.call.recorder import StereoRecorder
from ivr.call.recordings import RecordingFinalised, Recordings, make_opus, sound_seconds
from ivr.model.audio import AudioFrame


class Records:
    """Where paths are written; `refuses` says that nothing is on disk."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.paths: list[tuple[str, str]] = []
        self._refuses = refuses

    async def keep_recording(self, call_id: str, path: str) -> bool:
        self.paths.append((call_id, path))
        return not self._refuses


def recording(path: Path, rate: int = 8000, seconds: float = 3.0) -> Path:
    """Left 440 Hz, right 1000 Hz."""
    recorder, at = StereoRecorder(path, rate), np.arange(round(rate * seconds)) / rate
    for put, hertz in ((recorder.caller_said, 440), (recorder.caller_heard, 1000)):
        sound = (8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2")
        put(0.0, AudioFrame(sound.tobytes(), rate))
    recorder.close()
    return path


def decoded(path: Path) -> NDArray[np.float32]:
    """Shape (2, n), 48 kHz."""
    with av.open(str(path)) as sound:
        return np.concatenate([frame.to_ndarray() for frame in sound.decode(audio=0)], axis=1)


def pitch(sound: NDArray[np.float32]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * 48000 / sound.size)


def finish(recordings: Recordings, *paths: Path) -> list[RecordingFinalised]:
    told: list[RecordingFinalised] = []
    recordings.watch(told.append)

    async def scenario() -> None:
        async with recordings:
            for path in paths:
                recordings.finished(path.stem, path)

    asyncio.run(scenario())
    return told


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_opus_has_both_sides_where_they_were_and_the_wav_goes(tmp_path: Path, rate: int) -> None:
    records, path = Records(), recording(tmp_path / "c1.wav", rate)
    size = path.stat().st_size
    small = tmp_path / "c1.opus"
    assert finish(Recordings("opus", records), path) == [RecordingFinalised("c1", small, 3.0)]
    assert records.paths == [("c1", str(small))]
    assert sorted(tmp_path.iterdir()) == [small]
    sound = decoded(small)[:, 24000:72000]
    assert [round(pitch(side)) for side in sound] == [440, 1000]
    assert small.stat().st_size < min(size / 5, 3.0 * 24_000 / 8 * 1.3)
    assert sound_seconds(small) == pytest.approx(3.0, abs=0.03)


def test_a_wav_stays_a_wav_and_is_told(tmp_path: Path) -> None:
    records, path = Records(), recording(tmp_path / "c1.wav", seconds=1.0)
    assert finish(Recordings("wav", records), path) == [RecordingFinalised("c1", path, 1.0)]
    assert (records.paths, path.exists()) == ([], True)


def test_the_wav_stays_until_the_record_names_the_opus(tmp_path: Path) -> None:
    path = recording(tmp_path / "c1.wav", seconds=1.0)
    finish(Recordings("opus", Records(refuses=True)), path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c1.opus", "c1.wav"]


def test_what_cannot_be_made_small_stays_and_the_next_one_is_done(tmp_path: Path) -> None:
    broken = tmp_path / "c1.wav"
    broken.write_bytes(b"RIFF")
    good, records = recording(tmp_path / "c2.wav", seconds=0.5), Records()
    with capture_logs() as logs:
        told = finish(Recordings("opus", records), broken, good)
    assert [(each.call_id, each.trouble) for each in told] == [("c1", "unreadable"), ("c2", "")]
    assert [(each["event"], each["call_id"]) for each in logs] == [("recording stays as it is", "c1")]
    assert broken.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_recording_that_was_erased_is_not_named_any_more(tmp_path: Path) -> None:
    records = Records()
    assert finish(Recordings("opus", records), tmp_path / "c1.wav") == []
    assert records.paths == [("c1", "")]


def test_an_opus_that_came_out_too_short_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recording(tmp_path / "c1.wav", seconds=1.0)
    monkeypatch.setattr("ivr.call.recordings.sound_seconds", lambda path: 0.5)
    with pytest.raises(OSError, match="0.50 s of 1.00 s"):
        make_opus(path, tmp_path / "c1.opus")
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_can_be_played_though_the_server_died(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "c1.wav", 8000)
    for index in range(400):
        recorder.caller_said(index * 0.02, AudioFrame(np.full(160, 9, "<i2").tobytes(), 8000))
    copy = tmp_path / "copy.wav"
    recorder._file._file.flush()  # type: ignore[attr-defined]  # what the system has by then
    copy.write_bytes((tmp_path / "c1.wav").read_bytes())
    with wave.open(str(copy)) as sound:
        assert sound.getnframes() / 8000 >= 4.0
    recorder.close()
