"""Which call is next and how many at once; vectors of domain.md App. B."""

import pytest

from ivr.campaigns.pacing import abandoned_share, calls_to_place, fraud_priority, over_dial_table


@pytest.mark.parametrize(
    ("amount", "probability", "age", "priority"),
    [(128, 0.6, 0, 37.8), (900, 0.9, 20, 71.5), (25000, 0.8, 0, 86.0), (25000, 0.8, 30, 106.0)],
)
def test_fraud_priority(amount: float, probability: float, age: float, priority: float) -> None:
    assert fraud_priority(amount, probability, age) == pytest.approx(priority, rel=1e-3)


def test_age_is_bounded_and_a_vip_goes_first() -> None:
    assert fraud_priority(0, 0.5, 6000) == 40.0
    assert fraud_priority(0, 0.5, 0, is_vip=True) == 10.0


@pytest.mark.parametrize(("free", "calls"), [(1, 1), (2, 2), (5, 8), (10, 21), (20, 48)])
def test_how_many_calls_for_so_many_free_agents(free: int, calls: int) -> None:
    assert calls_to_place(free, 0.35) == calls


def test_the_table_shows_the_risk_taken() -> None:
    table = over_dial_table(20, 0.35)
    assert table[0] == (1, 1, 0.0)
    assert [table[free - 1][2] for free in (5, 10, 20)] == pytest.approx([0.0104, 0.0168, 0.0178], rel=1e-2)


def test_one_call_more_would_be_too_many() -> None:
    assert abandoned_share(49, 20, 0.35) > 0.02


def test_when_everybody_answers_nobody_is_dialled_in_advance() -> None:
    assert calls_to_place(10, 1.0) == 10
    assert abandoned_share(12, 9, 1.0) == 0.25


def test_when_nobody_answers_no_more_is_dialled_than_agents_are_free() -> None:
    assert calls_to_place(3, 0.0) == 3
    assert (abandoned_share(0, 1, 0.5), abandoned_share(5, 1, 0.0)) == (0.0, 0.0)


def test_large_teams_are_counted_too() -> None:
    assert calls_to_place(500, 0.35) == pytest.approx(500 / 0.35, rel=0.05)
