from pathlib import Path

import numpy as np
import pytest

from asr.vad import QUIET_WINDOWS, SileroModel, VoiceActivity, model_path
from ivr.model.errors import ConfigError, ModelMissing


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


@pytest.mark.parametrize(("rate", "window"), [(8000, 256), (16000, 512)])
def test_noise_and_silence_are_not_speech(model: SileroModel, rate: int, window: int) -> None:
    activity = VoiceActivity(model, rate)
    noise = (np.random.default_rng(1).standard_normal((40, window)) * 1000).astype(np.int16)
    assert activity.window == window
    assert max(activity.chance(part) for part in noise) < 0.5
    assert activity.chance(np.zeros(window, np.int16)) < 0.5


def test_two_calls_do_not_disturb_each_other(model: SileroModel) -> None:
    sound = (np.random.default_rng(2).standard_normal((20, 256)) * 3000).astype(np.int16)
    alone = VoiceActivity(model, 8000)
    expected = [alone.chance(part) for part in sound]
    one, other = VoiceActivity(model, 8000), VoiceActivity(model, 8000)
    heard = []
    for number, part in enumerate(sound):
        heard.append(one.chance(part))
        other.chance(sound[-number])
    assert heard == expected


def test_after_long_silence_the_network_rests_and_starts_afresh(model: SileroModel) -> None:
    sound = (np.random.default_rng(3).standard_normal((10, 256)) * 3000).astype(np.int16)
    fresh, used = VoiceActivity(model, 8000), VoiceActivity(model, 8000)
    expected = [fresh.chance(part) for part in sound]
    for part in sound:
        used.chance(part)
    silence = [used.chance(np.zeros(256, np.int16)) for _ in range(QUIET_WINDOWS + 3)]
    assert silence[-1] == 0.0
    assert silence[0] > 0.0
    assert [used.chance(part) for part in sound] == expected


def test_a_rate_the_network_does_not_know_is_refused(model: SileroModel) -> None:
    with pytest.raises(ConfigError, match="44100"):
        VoiceActivity(model, 44100)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="pip install"):
        SileroModel(tmp_path / "silero.onnx")


def test_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "silero.onnx").write_bytes(model_path().read_bytes() + b"x")
    with pytest.raises(ModelMissing, match="another model"):
        SileroModel(tmp_path / "silero.onnx")
