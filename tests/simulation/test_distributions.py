"""How long things take."""

import math
from statistics import fmean, pstdev
from typing import Any

import pytest

from ivr.routing.chance import Chance
from ivr.simulation.distributions import AT_ONCE, NEVER, Distribution, read_distribution


@pytest.mark.parametrize(
    ("written", "mean", "deviation"),
    [
        (30, 30, 0),
        ({"uniform": [1, 5]}, 3, 4 / 12**0.5),
        ({"exponential": 180}, 180, 180),
        ({"lognormal": {"mean": 240, "cv": 0.8}}, 240, 192),
        ({"erlang": {"mean": 240, "phases": 4}}, 240, 120),
    ],
)
def test_times_have_the_mean_and_the_spread_that_was_written(written: Any, mean: float, deviation: float) -> None:
    chance, times = Chance(1), read_distribution(written)
    drawn = [times.draw(chance) for _ in range(20_000)]
    assert times.mean == mean
    assert fmean(drawn) == pytest.approx(mean, rel=0.03)
    assert pstdev(drawn) == pytest.approx(deviation, rel=0.05)
    assert min(drawn) >= 0


def test_never_is_never() -> None:
    assert read_distribution("never") is NEVER
    assert (NEVER.mean, NEVER.draw(Chance(1))) == (math.inf, math.inf)
    assert read_distribution(AT_ONCE) == Distribution("fixed")


@pytest.mark.parametrize(
    "written",
    [
        -1,
        True,
        "soon",
        None,
        [],
        {"exponential": -3},
        {"exponential": 3, "uniform": [1, 2]},
        {"uniform": [5, 1]},
        {"lognormal": {"mean": 0, "cv": 1}},
        {"lognormal": {"mean": "x", "cv": 1}},
        {"lognormal": 3},
        {"erlang": {"mean": 3, "phases": 0}},
        {"gauss": 3},
    ],
)
def test_what_is_no_time_is_told_with_the_way_to_write_it(written: Any) -> None:
    with pytest.raises(ValueError, match="exponential: 180"):
        read_distribution(written)
