import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.call.recorder import LONGEST_PAUSE_SECONDS, StereoRecorder
from ivr.model.audio import AudioFrame


def frame(value: int, rate: int = 8000, seconds: float = 0.02) -> AudioFrame:
    return AudioFrame(np.full(round(rate * seconds), value, "<i2").tobytes(), rate)


def channels(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)


def test_the_caller_is_left_and_what_they_heard_is_right_each_at_its_time(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "day" / "call.wav", 8000)
    for index in range(400):
        recorder.caller_said(index * 0.02, frame(100))
        if index >= 50:
            recorder.caller_heard(index * 0.02, frame(7))
    assert recorder.seconds == 8.0
    recorder.close()
    sound = channels(tmp_path / "day" / "call.wav")
    assert sound.shape == (64000, 2)
    assert (sound[:, 0] == 100).all()
    assert (sound[:8000, 1] == 0).all()
    assert (sound[8000:, 1] == 7).all()


def test_secret_entry_is_silence_and_another_rate_still_fits(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav", 8000)
    recorder.caller_said(0.0, frame(5))
    recorder.pause()
    recorder.caller_said(0.02, frame(6))
    recorder.resume()
    recorder.caller_said(0.04, frame(7, rate=16000))
    recorder.close()
    left = channels(tmp_path / "call.wav")[:, 0].reshape(3, 160)
    assert [set(part) for part in left.tolist()] == [{5}, {0}, {7}]


def test_sound_that_comes_too_late_does_not_move_what_is_written(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav", 8000)
    for index in range(400):
        recorder.caller_said(index * 0.02, frame(1))
    recorder.caller_heard(0.0, frame(9))
    recorder.close()
    assert (channels(tmp_path / "call.wav")[:, 1] == 0).all()


def test_a_pause_that_nobody_ends_is_over_after_its_time(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav", 8000)
    recorder.pause()
    recorder.caller_said(1.0, frame(5))
    recorder.pause()
    recorder.caller_said(LONGEST_PAUSE_SECONDS + 0.98, frame(6))
    recorder.caller_said(LONGEST_PAUSE_SECONDS + 1.0, frame(7))
    recorder.close()
    left = channels(tmp_path / "call.wav")[:, 0]
    assert set(left[:-160].tolist()) == {0}
    assert set(left[-160:].tolist()) == {7}


def test_a_part_is_silenced_wherever_it_is_and_the_other_side_stays(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav", 8000)
    spans = [(1.0, 1.5), (7.5, 8.2), (9.0, 9.1)]
    for index in range(500):
        if index == 400:  # 8 s: the first part is on disk, half of the second one is still to come
            for began, ended in spans[:2]:
                recorder.silence(0, began, ended)
            recorder.silence(1, -1.0, 0.1)
        recorder.caller_said(index * 0.02, frame(100))
        recorder.caller_heard(index * 0.02, frame(7))
    recorder.silence(0, *spans[2])
    recorder.close()
    sound = channels(tmp_path / "call.wav")
    assert sound.shape == (80000, 2)
    expected = np.full(80000, 100)
    for began, ended in spans:
        expected[round(began * 8000) : round(ended * 8000)] = 0
    assert (sound[:, 0] == expected).all()
    assert (sound[:800, 1] == 0).all()
    assert (sound[800:, 1] == 7).all()
