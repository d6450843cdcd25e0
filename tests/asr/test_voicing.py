import numpy as np
import pytest
from numpy.typing import NDArray

from asr.voicing import periodicity


def buzz(pitch: float, rate: int, seconds: float = 0.06) -> NDArray[np.int16]:
    """A pulse train through one formant: the simplest voice."""
    time = np.arange(round(seconds * rate)) / rate
    since_pulse = (time * pitch % 1.0) / pitch
    return np.asarray(8000 * np.exp(-since_pulse * 300) * np.sin(2 * np.pi * 600 * since_pulse), np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("pitch", [80.0, 120.0, 210.0, 330.0])
def test_a_voice_is_periodic(pitch: float, rate: int) -> None:
    assert periodicity(buzz(pitch, rate), rate) > 0.85


@pytest.mark.parametrize("rate", [8000, 16000])
def test_noise_is_not_periodic(rate: int) -> None:
    noise = np.random.default_rng(1).standard_normal(rate) * 3000
    heard = [periodicity(noise[at : at + rate // 20].astype(np.int16), rate) for at in range(0, rate // 2, 400)]
    assert max(heard) < 0.6


def test_a_click_is_not_periodic() -> None:
    click = np.zeros(480, np.int16)
    click[300:304] = 20000
    assert periodicity(click, 8000) < 0.3


def test_silence_is_not_periodic() -> None:
    assert periodicity(np.zeros(480, np.int16), 8000) == 0.0
    assert periodicity(np.full(480, 3, np.int16), 8000) == 0.0
