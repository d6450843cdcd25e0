"""How the spoken orders are put in noise and judged."""

import numpy as np
import pytest

from benchmarks.spoken_commands import FLOW, Order, heard, loudest, mixed
from ivr.flow.loader import read_flow

GENERATOR = np.random.default_rng(1)
ORDER = Order("a.flac", GENERATOR.standard_normal(20000).astype(np.float32) * 0.1, "orderDrink", {})
NOISE = GENERATOR.standard_normal(90000).astype(np.float32)


@pytest.mark.parametrize("snr", ["6", "24"])
def test_noise_lies_so_far_below_the_order(snr: str) -> None:
    both = mixed(ORDER, NOISE, snr)
    assert np.abs(both).max() == pytest.approx(0.5)
    gain = float(both @ ORDER.sound / (ORDER.sound @ ORDER.sound))
    rest = both / gain - ORDER.sound
    assert 10 * np.log10(loudest(ORDER.sound) / loudest(rest)) == pytest.approx(float(snr), abs=0.6)


def test_two_runs_hear_the_same_noise_and_clean_is_left_alone() -> None:
    assert np.array_equal(mixed(ORDER, NOISE, "9"), mixed(ORDER, NOISE, "9"))
    assert mixed(ORDER, NOISE, "clean") is ORDER.sound


@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_line_keeps_the_length(rate: int) -> None:
    assert heard(ORDER.sound, rate).seconds == pytest.approx(1.25, abs=0.02)


def test_the_flow_that_takes_the_orders_has_no_finding() -> None:
    flow, problems = read_flow(FLOW)
    assert flow is not None
    assert [str(problem) for problem in problems] == []
