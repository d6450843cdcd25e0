"""What a metric is, and what measuring it gives."""

import pytest

from ivr.insight.metric import Figure, Kind, Metric, Target, figure, measure


def metric(kind: Kind, target: Target | None = None) -> Metric[float]:
    """Sum of the facts over the number of those above 0."""
    return Metric("m", "M", "指标", "sum / n", "x", kind, lambda x: x, lambda x: x > 0, target, lambda x: [x])


def test_a_mean_has_percentiles_beside_it() -> None:
    spread = ((0.5, 2.0), (0.9, 3.0), (0.95, 3.0))
    assert measure(metric("mean"), [1.0, 2.0, 3.0]) == Figure("m", 2.0, 6.0, 3, None, spread)


def test_a_share_has_a_wilson_interval() -> None:
    found = figure(metric("share"), 9, 10)
    assert found.value == 0.9
    assert found.interval == pytest.approx((0.5958, 0.9821), rel=1e-3)


def test_nothing_to_divide_by_is_no_figure() -> None:
    assert measure(metric("share"), []) == Figure("m", None, 0, 0, (0.0, 1.0))
    assert measure(metric("highest"), []) == Figure("m", None, 0.0, 0)


def test_a_count_is_a_sum_and_zero_is_one_too() -> None:
    assert measure(metric("count"), []).value == 0
    assert measure(metric("count"), [2.0, 3.0]).value == 5.0


def test_the_highest_is_not_added_up() -> None:
    assert measure(metric("highest"), [2.0, 5.0, 3.0]).value == 5.0


@pytest.mark.parametrize(
    ("target", "on_target"),
    [
        (Target(at_least=2.0), True),
        (Target(at_least=2.1), False),
        (Target(at_most=2.0), True),
        (Target(1.0, 1.9), False),
        (Target(at_most=1.9, of_median=True), False),
    ],
)
def test_figures_are_held_against_their_target(target: Target, on_target: bool) -> None:
    assert measure(metric("mean", target), [1.0, 2.0, 3.0]).on_target is on_target


def test_a_median_that_is_not_known_meets_no_target() -> None:
    assert figure(metric("mean", Target(at_most=5.0, of_median=True)), 6.0, 3).on_target is None
