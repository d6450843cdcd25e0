"""A synthesized sentence before and after it is made ready for the line."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.model.audio import AudioFrame, level_dbfs
from tts.finish import PEAK_LIMIT, SPEECH_DBFS, finished, frames_of

RATE = 24000


def speech(level: float, seconds: float = 1.0) -> NDArray[np.float32]:
    """Something voice-like: a 150 Hz pulse train under a slow envelope, 0.3 s of near silence around it."""
    time = np.arange(round(seconds * RATE)) / RATE
    pulses = sum(np.cos(2 * np.pi * 150 * harmonic * time) / harmonic for harmonic in range(1, 15))
    sound = level * pulses * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    hush = np.random.default_rng(1).standard_normal(round(0.3 * RATE)) * 1e-5
    return np.concatenate([hush, sound, hush]).astype(np.float32)


def samples_of(pcm: bytes) -> NDArray[np.int16]:
    return np.frombuffer(pcm, dtype="<i2")


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_sound_starts_at_once_and_ends_soon_after_the_last_of_it(rate: int) -> None:
    samples = samples_of(finished(speech(0.05), RATE, rate))
    first_audible = int(np.flatnonzero(np.abs(samples) > 104)[0]) / rate  # 104: -50 dBFS
    assert first_audible < 0.010
    assert len(samples) / rate == pytest.approx(1.0 + 0.03, abs=0.015)


@pytest.mark.parametrize("level", [0.001, 0.02, 0.2])
def test_quiet_and_loud_voices_come_out_at_one_level(level: float) -> None:
    samples = samples_of(finished(speech(level), RATE, 8000))
    assert level_dbfs(samples) == pytest.approx(SPEECH_DBFS, abs=1.5)


def test_a_peak_is_never_clipped_to_reach_the_level() -> None:
    spiky = speech(0.01)
    spiky[RATE // 2] = 0.9
    assert 0.9 * PEAK_LIMIT * 32767 < np.abs(samples_of(finished(spiky, RATE, RATE))).max() <= PEAK_LIMIT * 32767 + 1


def test_the_edges_do_not_click() -> None:
    samples = samples_of(finished(np.ones(RATE, dtype=np.float32) * 0.3, RATE, 8000)).astype(int)
    assert samples[0] == samples[-1] == 0


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(RATE), np.full(RATE, 1e-5), np.ones(10)])
def test_silence_and_crumbs_are_nothing(sound: NDArray[np.float64]) -> None:
    assert finished(sound.astype(np.float32), RATE, 8000) == b""


def test_frames_are_twenty_milliseconds_and_the_last_is_filled_with_silence() -> None:
    frames = list(frames_of(b"\x01\x00" * 200, 8000))
    assert frames == [AudioFrame(b"\x01\x00" * 160, 8000), AudioFrame(b"\x01\x00" * 40 + bytes(240), 8000)]
    assert list(frames_of(b"", 8000)) == []
