import numpy as np

from asr.levels import Levels
from asr.settings import HearingSettings
from ivr.model.audio import QUIETEST_DBFS

OURS = [-20.0 - 15.0 * abs(np.sin(0.37 * number) * np.sin(0.11 * number + 1)) for number in range(600)]
"""Levels of a prompt, frame by frame: rising and falling as speech does."""


def listening(background: float = -60.0, own: float = QUIETEST_DBFS, frames: int = 200) -> Levels:
    levels = Levels(HearingSettings())
    for _ in range(frames):
        levels.hear_own(own)
        levels.hear_background(background)
    return levels


def test_on_a_quiet_line_a_soft_caller_may_begin() -> None:
    assert listening(-96.0).begin_gate == HearingSettings().quietest_caller == -52.0


def test_noise_raises_the_gate() -> None:
    assert listening(-40.0).begin_gate == -30.0


def test_one_cough_does_not_deafen() -> None:
    levels = listening(-60.0)
    for _ in range(20):
        levels.hear_background(-15.0)
    assert levels.begin_gate < -45.0


def test_our_own_prompt_raises_the_gate_until_its_echo_is_over() -> None:
    levels = listening()
    levels.hear_own(-20.0)
    assert (levels.caller_hears_us, levels.echo, levels.begin_gate) == (True, -50.0, -44.0)
    for _ in range(25):
        levels.hear_own(QUIETEST_DBFS)
    assert (levels.caller_hears_us, levels.echo) == (False, QUIETEST_DBFS)


def test_the_echo_of_a_line_is_learned_within_bounds() -> None:
    def after(echo: float, frames: int) -> float:
        levels = Levels(HearingSettings())
        for _ in range(frames):
            levels.hear_own(-20.0)
            levels.hear_background(echo)
        return levels.echo

    assert after(-35.0, 100) > -36.0
    assert after(-80.0, 800) < -70.0
    assert after(0.0, 400) == -30.0
    assert after(-96.0, 5000) == -80.0


def test_within_a_turn_the_gate_follows_the_caller() -> None:
    levels = listening()
    for _ in range(6):
        levels.hear_background(-25.0)
    levels.turn_began(6)
    assert levels.speech_gate == -55.0
    assert levels.loud_gate == -38.0
    levels.hear_caller(-15.0, 0.02)
    assert levels.speech_gate == -45.0
    levels.hear_caller(-40.0, 1.0)
    assert levels.speech_gate == -48.0


def test_however_loud_the_background_the_caller_gets_through() -> None:
    levels = listening(-28.0)
    levels.hear_background(-20.0)
    levels.turn_began(1)
    assert levels.speech_gate == -32.0


def test_a_turn_that_fills_all_that_is_remembered_leaves_the_old_measure() -> None:
    levels = listening(-40.0)
    levels.turn_began(1000)
    assert levels.begin_gate == -30.0


def heard_over(levels: Levels, heard: list[float]) -> bool:
    for own, level in zip(OURS, heard, strict=False):
        levels.hear_own(own)
        levels.hear_background(level)
    return levels.sounds_like_echo()


def test_an_echo_is_known_by_its_shape_whatever_its_delay() -> None:
    for delay in (5, 12, 24):
        late = [-60.0] * delay + [max(-60.0, level - 15.0) for level in OURS]
        assert heard_over(Levels(HearingSettings()), late[:120])


def test_a_caller_is_no_echo() -> None:
    caller = [-60.0] * 100 + [-22.0 - 14.0 * abs(np.sin(0.61 * number)) for number in range(20)]
    assert not heard_over(Levels(HearingSettings()), caller)
    assert not heard_over(Levels(HearingSettings()), [-60.0] * 120)
