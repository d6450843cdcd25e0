"""How unlikely a count is; vectors of domain.md App. B, and scipy as an independent witness."""

import pytest
from scipy.stats import nbinom, poisson

from ivr.insight.tails import negative_binomial_tail, poisson_tail, surprising


@pytest.mark.parametrize(
    ("k", "mean", "tail"),
    [
        (12, 3, 7.14e-5),
        (7, 3, 3.35e-2),
        (5, 0.5, 1.72e-4),
        (40, 20, 5.32e-5),
        (30, 20, 2.18e-2),
        (10, 2.5, 2.77e-4),
    ],
)
def test_poisson(k: int, mean: float, tail: float) -> None:
    assert poisson_tail(k, mean) == pytest.approx(tail, rel=2e-3)
    assert negative_binomial_tail(k, mean, 1.0) == poisson_tail(k, mean)


@pytest.mark.parametrize(
    ("k", "mean", "dispersion", "tail"), [(12, 3, 1.5, 1.88e-3), (40, 20, 2, 4.32e-3), (30, 20, 2, 7.62e-2)]
)
def test_negative_binomial(k: int, mean: float, dispersion: float, tail: float) -> None:
    # The vectors are given to three digits; scipy has 1.8748e-3 for the first.
    assert negative_binomial_tail(k, mean, dispersion) == pytest.approx(tail, rel=5e-3)


@pytest.mark.parametrize("k", [0, 1, 5, 40, 900, 2000])
@pytest.mark.parametrize("mean", [0.5, 8.0, 1000.0])
def test_scipy_agrees(k: int, mean: float) -> None:
    assert poisson_tail(k, mean) == pytest.approx(poisson.sf(k - 1, mean), rel=1e-9, abs=1e-300)
    expected = nbinom.sf(k - 1, mean / 2, 1 / 3)
    assert negative_binomial_tail(k, mean, 3.0) == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_where_nothing_ever_comes_anything_is_a_surprise() -> None:
    assert (poisson_tail(1, 0.0), poisson_tail(0, 0.0), negative_binomial_tail(1, 0.0, 2.0)) == (0.0, 1.0, 0.0)


def test_with_many_tests_only_the_clear_ones_are_believed() -> None:
    p_values = {"a": 0.001, "b": 0.008, "c": 0.039, "d": 0.041, "e": 0.2}
    assert surprising(p_values, 0.05) == {"a", "b"}
    assert surprising({**p_values, "c": 0.03, "d": 0.04}, 0.05) == {"a", "b", "c", "d"}
    assert surprising({"a": 0.9}, 0.05) == frozenset()
    assert surprising({}, 0.05) == frozenset()
