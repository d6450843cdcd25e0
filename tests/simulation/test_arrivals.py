"""When callers come."""

from statistics import fmean, pvariance

import pytest

from ivr.routing.chance import Chance
from ivr.simulation.arrivals import Rate, arrivals

DAY = (Rate(0.0, 3600.0, 60.0), Rate(3600.0, 7200.0, 0.0), Rate(7200.0, 10800.0, 240.0))


def test_each_hour_has_its_rate() -> None:
    times = [at for seed in range(200) for at in arrivals(DAY, 0.0, 10800.0, Chance(seed * 7919))]
    per_hour = [sum(hour * 3600 <= at < (hour + 1) * 3600 for at in times) / 200 for hour in range(3)]
    assert per_hour == [pytest.approx(60, rel=0.03), 0, pytest.approx(240, rel=0.02)]


def test_counts_vary_as_those_of_a_poisson_stream_do() -> None:
    counts = [len(list(arrivals(DAY[:1], 0.0, 3600.0, Chance(seed * 7919)))) for seed in range(500)]
    assert pvariance(counts) / fmean(counts) == pytest.approx(1.0, abs=0.2)


def test_callers_come_in_order_and_only_while_it_is_time() -> None:
    times = list(arrivals(tuple(reversed(DAY)), 1800.0, 9000.0, Chance(3)))
    assert times == sorted(times)
    assert 1800.0 < times[0] < 3600.0
    assert times[-1] < 9000.0


def test_times_outside_of_all_hours_have_no_callers() -> None:
    late = (Rate(100.0, 200.0, 3600.0), Rate(500.0, 600.0, 3600.0))
    times = list(arrivals(late, 0.0, 1000.0, Chance(5)))
    assert all(100 <= at < 200 or 500 <= at < 600 for at in times)
    assert list(arrivals(late, 700.0, 1000.0, Chance(5))) == []
