"""What customers are worth; vectors of domain.md App. B."""

from datetime import timedelta

import pytest

from ivr.insight.value import (
    Cuts,
    Override,
    Returns,
    Score,
    Standing,
    Tier,
    bot_saving,
    cuts,
    quintile,
    rescore,
    score,
)
from tests.insight.contacts import START

NAMES = ("recency", "frequency", "money", "potential", "referrals")


@pytest.mark.parametrize(
    ("quintiles", "value"),
    [
        ((5, 5, 5, 5, 5), 100),
        ((5, 4, 5, 3, 2), 71.25),
        ((3, 3, 3, 3, 3), 50),
        ((2, 1, 2, 5, 5), 51.25),
        ((1, 1, 1, 1, 1), 0),
    ],
)
def test_scores(quintiles: tuple[int, ...], value: float) -> None:
    found = score(dict(zip(NAMES, quintiles, strict=True)))
    assert found.value == pytest.approx(value)
    assert found.confidence == pytest.approx(1.0)


def test_what_is_not_known_leaves_its_weight_to_the_rest() -> None:
    found = score({"money": 5, "recency": 1})
    assert found.value == pytest.approx(100 * 0.3 / 0.45)
    assert found.confidence == pytest.approx(0.45)
    assert score({}) == Score(None, 0.0)


def test_quintiles_share_the_middle_of_equal_ranks() -> None:
    assert [quintile(value, range(1, 11)) for value in (1, 2, 3, 5, 6, 10)] == [1, 1, 2, 3, 3, 5]
    assert quintile(7, [7] * 10) == 3
    assert (quintile(99, [1, 2]), quintile(0, [1, 2]), quintile(1, [])) == (5, 1, 1)


def test_the_top_twentieth_are_vip_and_the_next_15_percent_gold() -> None:
    found = cuts([float(n) for n in range(100)])
    assert found == Cuts(95.0, 80.0)
    assert [found.tier(value) for value in (95, 94.9, 80, 79)] == ["vip", "gold", "gold", "standard"]
    assert cuts([1.0, 2.0]).tier(99) == "standard"
    assert cuts([]).tier(99) == "standard"


@pytest.mark.parametrize(
    ("values", "tiers"),
    [
        ((99, 10, 10, 10), ["vip", "vip", "standard", "standard"]),
        ((99, 85, 99, 85, 85), ["vip", "vip", "vip", "vip", "gold"]),
        ((85, 99, 85), ["gold", "vip", "vip"]),
        ((10,), ["standard"]),
    ],
)
def test_tiers_rise_at_once_and_fall_after_two_scores(values: tuple[float, ...], tiers: list[Tier]) -> None:
    standing = Standing()
    for month, value in enumerate(values):
        standing = rescore(standing, value, Cuts(95.0, 80.0), START + timedelta(days=30 * month))
    assert [scored.tier for scored in standing.history] == tiers


def test_a_person_may_decide_otherwise_for_a_time() -> None:
    standing = Standing("gold", override=Override("vip", "contract under negotiation", START))
    assert standing.tier_at(START - timedelta(seconds=1)) == "vip"
    assert standing.tier_at(START) == "gold"
    assert Standing("gold").tier_at(START) == "gold"


def test_what_service_earns() -> None:
    assert Returns(100, 50, 10, 5, 60, 5).profit == 70
    assert bot_saving(1000, 240.0, 0.01, 900.0) == pytest.approx(1500.0)
