"""Topics that callers suddenly ask about."""

import math

import pytest

from ivr.insight.facets import Facet, over_represented
from ivr.insight.spikes import Baseline, Counts, History, OpenSpike, Watched, baseline, find_spikes, total, watch

NOW = 2000
FIRST = NOW - 9 * 168
USUAL: dict[int, int] = dict.fromkeys(range(FIRST, NOW + 1), 3)


def history(**topics: Counts) -> History:
    return History(topics, FIRST)


def test_counts_are_added_up() -> None:
    assert (total(USUAL, NOW, 1), total(USUAL, NOW, 24), total({}, NOW, 24)) == (3, 72, 0)


def test_what_is_usual_is_the_median_of_the_same_hour_of_the_week() -> None:
    weeks = {NOW - 168 * week: count for week, count in enumerate((4, 4, 4, 4, 4, 4, 4, 40), 1)}
    found = baseline(weeks, NOW, 1, FIRST)
    assert found.mean == pytest.approx(4.0)
    assert found.dispersion > 10


def test_a_livelier_day_raises_what_is_usual_a_little() -> None:
    livelier = USUAL | dict.fromkeys(range(NOW - 24, NOW), 6)
    assert baseline(livelier, NOW, 1, FIRST).mean == pytest.approx(3 * 1.3)


def test_a_topic_never_seen_has_the_lowest_mean() -> None:
    assert baseline({}, NOW, 1, FIRST) == Baseline(0.5, 1.0)
    assert baseline(USUAL, NOW, 1, NOW - 10) == Baseline(0.5, 1.0)
    assert baseline(USUAL, NOW, 24, NOW - 10) == Baseline(12.0, 1.0)


def test_the_level_of_the_day_is_left_alone_where_no_day_is_known_to_compare() -> None:
    assert baseline(USUAL, NOW, 1, NOW - 168) == Baseline(3.0, 1.0)


def test_a_spike_is_found_with_what_it_costs() -> None:
    (spike,) = find_spikes(history(time_setting=USUAL | {NOW: 12}, visits=USUAL), NOW)
    assert (spike.topic, spike.window, spike.count, spike.usual, spike.ratio) == ("time_setting", 1, 12, 3.0, 4.0)
    assert spike.p == pytest.approx(7.14e-5, rel=1e-3)
    assert spike.severity == pytest.approx(9 * 4.0)


@pytest.mark.parametrize("count", [4, 7])
def test_few_or_not_unusual_calls_are_no_spike(count: int) -> None:
    assert find_spikes(history(visits=USUAL | {NOW: count}), NOW) == ()
    assert find_spikes(history(rare={NOW: 4}), NOW) == ()


def test_a_busy_topic_that_rises_by_less_than_twice_is_no_spike() -> None:
    busy = dict.fromkeys(range(FIRST, NOW + 1), 100)
    assert find_spikes(history(visits=busy | {NOW: 180}), NOW) == ()


def test_what_rises_slowly_shows_over_the_day() -> None:
    slow = {hour: 1 for hour in range(FIRST, NOW + 1, 4)} | dict.fromkeys(range(NOW - 23, NOW + 1), 1)
    (spike,) = find_spikes(history(slow=slow), NOW)
    assert (spike.window, spike.count, spike.usual) == (24, 24, 6.0)


def test_a_spike_is_told_once_again_after_six_hours_and_closed_when_calm() -> None:
    known = history(visits=USUAL | {NOW: 12} | dict.fromkeys(range(NOW + 1, NOW + 30), 3))
    spikes = find_spikes(known, NOW)
    first = watch({}, spikes, known, NOW)
    assert first == Watched(spikes, {"visits": OpenSpike("visits", NOW, NOW)}, ())
    assert watch(first.is_open, spikes, known, NOW + 5).news == ()
    again = watch(first.is_open, spikes, known, NOW + 6)
    assert (again.news, again.is_open) == (spikes, {"visits": OpenSpike("visits", NOW, NOW + 6, 1)})
    calm = first
    for hour in (1, 2):
        calm = watch(calm.is_open, (), known, NOW + hour)
        assert calm == Watched((), {"visits": OpenSpike("visits", NOW, NOW, hour)}, ())
    assert watch(calm.is_open, (), known, NOW + 3) == Watched((), {}, ("visits",))


def test_a_topic_that_vanished_counts_as_calm() -> None:
    found = watch({"gone": OpenSpike("gone", NOW - 5, NOW - 5, 2)}, (), history(), NOW)
    assert found == Watched((), {}, ("gone",))


def test_what_stands_out_among_the_contacts_of_a_spike() -> None:
    inside = [{"product": "t2", "region": "north"}] * 8 + [{"product": "t1", "region": "south"}] * 2
    outside = [{"product": "t1", "region": "north"}] * 16 + [{"product": "t2", "region": "south"}] * 4
    found = over_represented(inside, outside)
    assert [(facet.name, facet.value, facet.contacts) for facet in found] == [("product", "t2", 8)]
    assert over_represented([{"product": "t2"}], []) == ()
    assert over_represented([{"a": "b"}] * 2, [{"a": "c"}]) == (Facet("a", "b", math.log(5) + math.log(3), 2),)
