"""20 ms in, 20 ms out, and the same sound."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.call.rates import DELAY_SECONDS, RateChange, samples_per_frame

PAIRS = [(8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000), (16000, 48000), (24000, 16000), (44100, 8000)]


def sine(hertz: float, rate: int, seconds: float = 1.0) -> NDArray[np.int16]:
    return (10000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def changed(sound: NDArray[np.int16], from_rate: int, to_rate: int) -> NDArray[np.int16]:
    change, size = RateChange(from_rate, to_rate), from_rate // 50
    return np.concatenate([change.frame(sound[at : at + size]) for at in range(0, sound.size, size)])


def loudest_db(sound: NDArray[np.int16], rate: int, low: float, high: float) -> float:
    """The strongest part between two frequencies, in dB against a sine of 10,000."""
    part = sound[rate // 10 : rate // 10 + rate // 2]
    parts = np.abs(np.fft.rfft(part * np.hanning(part.size))) / (10000 * part.size / 4)
    hertz = np.arange(parts.size) * rate / part.size
    return float(20 * np.log10(parts[(hertz >= low) & (hertz <= high)].max() + 1e-9))


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
@pytest.mark.parametrize("hertz", [300, 1000, 3400])
def test_a_tone_keeps_its_level_and_gets_no_company(from_rate: int, to_rate: int, hertz: int) -> None:
    got = changed(sine(hertz, from_rate), from_rate, to_rate)
    assert got.size == to_rate
    assert loudest_db(got, to_rate, hertz - 20, hertz + 20) == pytest.approx(0, abs=0.1)
    assert loudest_db(got, to_rate, 0, hertz - 40) < -50
    assert loudest_db(got, to_rate, hertz + 40, to_rate / 2) < -50


def test_what_the_lower_rate_cannot_hold_does_not_come_back_as_something_else() -> None:
    assert loudest_db(changed(sine(5200, 48000), 48000, 8000), 8000, 0, 4000) < -60


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_it_is_late_by_two_milliseconds_at_most(from_rate: int, to_rate: int) -> None:
    click = np.zeros(from_rate // 5, np.int16)
    click[from_rate // 10] = 10000
    peak = int(np.argmax(np.abs(changed(click, from_rate, to_rate)))) / to_rate
    assert 0 < peak - 0.1 <= DELAY_SECONDS + 0.0003


def test_full_scale_is_clipped_and_does_not_wrap() -> None:
    square = np.tile(np.repeat(np.array([32767, -32768], np.int16), 10), 40)[:800]
    got = changed(square, 8000, 16000).astype(int)
    assert got.max() == 32767
    assert got.min() == -32768


@pytest.mark.parametrize("rate", [0, -8000, 11025, 8010])
def test_a_rate_without_whole_frames_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="20 ms"):
        samples_per_frame(rate)
