"""Tones are checked in the frequency domain: what a far end would detect."""

import numpy as np
import pytest

from ivr.model.audio import AudioFrame
from tts import tones

RATES = [8000, 16000]


def strongest(pcm: bytes, rate: int, count: int) -> list[int]:
    """The `count` loudest frequencies in Hz, rounded to the 2 Hz a half second resolves."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), n=rate))
    found: list[int] = []
    while len(found) < count:
        peak = int(spectrum.argmax())
        found.append(peak)
        spectrum[max(0, peak - 30) : peak + 30] = 0
    return sorted(found)


@pytest.mark.parametrize("rate", RATES)
def test_a_beep_is_a_thousand_hertz_at_its_level(rate: int) -> None:
    sound = AudioFrame(tones.beep(rate), rate)
    assert sound.seconds == 0.4
    assert sound.dbfs == pytest.approx(tones.TONE_DBFS, abs=0.2)
    assert strongest(sound.pcm, rate, 1) == [1000]


@pytest.mark.parametrize("rate", RATES)
def test_ringing_and_busy_have_their_frequencies_and_cadence(rate: int) -> None:
    ring, busy = tones.ringback(rate), tones.busy(rate)
    assert (len(ring), len(busy)) == (6 * rate * 2, rate * 2)
    assert strongest(ring[: 2 * rate * 2], rate, 2) == [440, 480]
    assert strongest(busy[:rate], rate, 2) == [480, 620]
    assert not any(ring[2 * rate * 2 :])
    assert not any(busy[rate:])


@pytest.mark.parametrize("rate", RATES)
def test_working_ticks_fit_their_period(rate: int) -> None:
    assert AudioFrame(tones.working(rate), rate).seconds == 1.5


@pytest.mark.parametrize("rate", RATES)
def test_comfort_noise_has_its_level_and_is_repeatable(rate: int) -> None:
    noise = tones.comfort_noise(2.0, rate)
    assert AudioFrame(noise, rate).dbfs == pytest.approx(tones.COMFORT_DBFS, abs=0.3)
    assert noise == tones.comfort_noise(2.0, rate)
    assert noise != tones.comfort_noise(2.0, rate, seed=1)


@pytest.mark.parametrize(
    ("key", "pair"),
    [("1", [697, 1209]), ("5", [770, 1336]), ("#", [941, 1477]), ("0", [941, 1336]), ("d", [941, 1633])],
)
def test_each_key_is_its_two_frequencies(key: str, pair: list[int]) -> None:
    assert strongest(tones.key_tones(key, 8000, on=0.5, off=0), 8000, 2) == pair


def test_keys_follow_each_other_with_silence_between() -> None:
    sound = AudioFrame(tones.key_tones("12", 8000), 8000)
    assert sound.seconds == pytest.approx(0.4)
    assert not any(sound.pcm[1600:3200])


def test_a_key_that_no_telephone_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no telephone key"):
        tones.key_tones("1x", 8000)


def test_the_loudest_tone_does_not_wrap_around() -> None:
    samples = np.frombuffer(tones.tone((1000.0,), 0.1, 8000, 6.0), dtype="<i2")
    assert (samples.max(), samples.min()) == (32767, -32768)
