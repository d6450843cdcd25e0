"""How sure a figure is; vectors of domain.md App. B."""

import pytest

from ivr.insight.intervals import differ, mean_margin, nps_margin, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (1, 1, 0.2065, 1.0),
        (0, 10, 0.0, 0.2775),
        (9, 10, 0.5958, 0.9821),
        (10, 10, 0.7225, 1.0),
        (45, 50, 0.7864, 0.9565),
        (190, 200, 0.9104, 0.9726),
    ],
)
def test_wilson(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), rel=1e-3, abs=1e-12)


@pytest.mark.parametrize(("answers", "margin"), [((50, 30, 20), 15.3), ((5, 1, 4), 58.5), ((6, 3, 1), 41.6)])
def test_nps_margin(answers: tuple[int, int, int], margin: float) -> None:
    assert nps_margin(*answers) == pytest.approx(margin, rel=2e-3)


def test_no_answers_have_no_margin() -> None:
    assert nps_margin(0, 0, 0) is None
    assert mean_margin([3.0]) is None


def test_the_margin_of_a_mean() -> None:
    assert mean_margin([1.0, 2.0, 3.0]) == pytest.approx(1.96 / 3**0.5)


def test_teams_differ_only_beyond_chance() -> None:
    assert not differ(9, 10, 7, 10)
    assert differ(900, 1000, 850, 1000)
    assert not differ(5, 5, 7, 7)
    assert not differ(0, 0, 1, 2)
    assert not differ(1, 2, 0, 0)
