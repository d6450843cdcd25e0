"""Erlang C; vectors of domain.md App. B."""

import pytest

from ivr.routing.erlang import Overloaded, forecast, load, probability_of_waiting, required_agents

A = load(100, 1800, 180)


@pytest.mark.parametrize(
    ("agents", "waiting", "service_level", "asa", "occupancy"),
    [
        (11, 0.6821, 0.3896, 122.78, 0.9091),
        (12, 0.4494, 0.6402, 40.44, 0.8333),
        (13, 0.2853, 0.7956, 17.12, 0.7692),
        (14, 0.1741, 0.8884, 7.84, 0.7143),
        (15, 0.1020, 0.9415, 3.67, 0.6667),
    ],
)
def test_ten_erlang(agents: int, waiting: float, service_level: float, asa: float, occupancy: float) -> None:
    found = forecast(A, agents, 180)
    assert (found.waiting, found.service_level, found.asa, found.occupancy) == pytest.approx(
        (waiting, service_level, asa, occupancy), rel=1e-3
    )


def test_four_erlang_with_five_agents() -> None:
    found = forecast(4, 5, 240)
    assert (found.waiting, found.service_level, found.asa) == pytest.approx((0.5541, 0.4902, 132.99), rel=1e-3)


def test_fourteen_agents_are_the_fewest_for_80_percent_and_20_are_scheduled() -> None:
    found = required_agents(A, 180)
    assert (found.agents, found.scheduled) == (14, 20)
    assert found.forecast == forecast(A, 14, 180)


def test_agents_are_not_kept_busy_beyond_the_limit() -> None:
    assert required_agents(100, 180, service_level=0.5).agents == 118


def test_no_calls_need_nobody_to_wait() -> None:
    assert probability_of_waiting(0.0, 1) == 0.0


@pytest.mark.parametrize("shrinkage", [0.3, 1.0])
def test_what_cannot_be_staffed_is_said(shrinkage: float) -> None:
    with pytest.raises(Overloaded, match="no staff"):
        required_agents(20_000, 180, shrinkage=shrinkage)


def test_more_work_than_agents_never_ends() -> None:
    with pytest.raises(Overloaded, match="more than 10 are needed"):
        forecast(A, 10, 180)
