"""How long a caller will wait; vectors of domain.md App. B."""

import pytest

from ivr.routing.estimates import (
    Handled,
    asterisk_hold,
    effective_agents,
    estimated_wait,
    handling_time,
    recent_mean,
)


@pytest.mark.parametrize(
    ("position", "handling", "agents", "free", "seconds"),
    [(1, 300, 5, 0, 60.0), (4, 240, 6, 0, 160.0), (2, 240, 6, 2, 0.0), (3, 240, 4.5, 1, 106.7)],
)
def test_the_wait_is_position_times_handling_time_over_agents(
    position: int, handling: float, agents: float, free: int, seconds: float
) -> None:
    assert estimated_wait(position, free, agents, handling) == pytest.approx(seconds, rel=1e-3)


def test_nothing_is_estimated_where_nobody_works() -> None:
    assert estimated_wait(1, 0, 0.0, 240.0) is None


def test_an_agent_of_several_waiting_queues_counts_as_a_part() -> None:
    assert effective_agents([0, 1, 2, 3]) == pytest.approx(1 + 1 + 1 / 2 + 1 / 3)


def test_handling_time_weighs_the_latest_contacts_most() -> None:
    assert handling_time([Handled(0.0, 100.0), Handled(10.0, 200.0)], 20.0) == pytest.approx((0.9 * 100 + 200) / 1.9)


def test_handling_time_forgets_after_an_hour_and_falls_back_on_the_default() -> None:
    assert handling_time([Handled(0.0, 100.0)], 3601.0) == 240.0
    assert handling_time([Handled(0.0, 100.0), Handled(2.0, 60.0)], 3601.0) == pytest.approx(60.0)


def test_the_recent_mean_looks_at_ten_answers() -> None:
    assert recent_mean([]) is None
    assert recent_mean([1000.0, *[20.0] * 10]) == 20.0


def test_asterisk_counts_in_whole_seconds() -> None:
    average, seen = None, []
    for sample in (40, 80, 20, 60):
        average = asterisk_hold(average, sample)
        seen.append(average)
    assert seen == [40, 50, 42, 46]
