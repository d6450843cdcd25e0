"""What waiting callers are told, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.events import QueueNews
from ivr.routing.announcements import Told, announce, minutes_of

TOLD = Told(joined_at=0.0)
Seen = list[tuple[float, QueueNews]]


def heard(steps: list[tuple[float, int, float | None]]) -> Seen:
    """All that is said, for (time, position, estimate) looked at one after the other."""
    told, said = TOLD, []
    for now, position, estimate in steps:
        news, told = announce(told, now, position, estimate)
        if news:
            said.append((now, news))
    return said


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, 1), (60, 1), (61, 2), (181, 5), (301, 8), (900, 15), (901, 20), (1800, 30), (1801, 31)],
)
def test_minutes_are_rounded_up_to_the_ladder(seconds: float, minutes: int) -> None:
    assert minutes_of(seconds) == minutes


def test_a_long_wait_is_told_at_once_a_short_one_only_when_it_lasts() -> None:
    assert heard([(0.0, 4, 160.0)]) == [(0.0, QueueNews("position", 4, 3))]
    assert heard([(0.0, 2, 30.0), (74.9, 2, 30.0), (75.0, 2, 30.0)]) == [(75.0, QueueNews("position", 2, 1))]


def test_it_is_repeated_every_75_seconds_and_never_grows() -> None:
    assert heard([(0.0, 4, 170.0), (60.0, 4, 900.0), (75.0, 4, 900.0), (150.0, 3, 50.0)]) == [
        (0.0, QueueNews("position", 4, 3)),
        (75.0, QueueNews("position", 4, 3)),
        (150.0, QueueNews("position", 3, 1)),
    ]


def test_no_time_is_told_once_the_caller_waited_longer_than_announced() -> None:
    assert heard([(0.0, 2, 50.0), (75.0, 2, 50.0), (150.0, 1, 50.0)]) == [
        (0.0, QueueNews("position", 2, 1)),
        (75.0, QueueNews("position", 2, 0)),
        (150.0, QueueNews("next", 1, 0)),
    ]


def test_becoming_the_next_one_is_told_early_but_not_within_15_seconds() -> None:
    assert heard([(0.0, 2, 300.0), (14.0, 1, 200.0), (15.0, 1, 200.0), (40.0, 1, 200.0)]) == [
        (0.0, QueueNews("position", 2, 5)),
        (15.0, QueueNews("next", 1, 5)),
    ]


def test_where_nothing_can_be_estimated_only_the_place_is_told() -> None:
    assert heard([(0.0, 3, None), (75.0, 3, None)]) == [(75.0, QueueNews("position", 3, 0))]


@given(
    st.lists(
        st.tuples(st.floats(0, 120), st.integers(1, 30), st.none() | st.floats(0, 4000)),
        max_size=40,
    )
)
def test_whatever_happens_no_time_grows_and_nothing_comes_within_15_seconds(
    steps: list[tuple[float, int, float | None]],
) -> None:
    now, timed = 0.0, []
    for gap, position, estimate in steps:
        now += gap
        timed.append((now, position, estimate))
    said = heard(timed)
    minutes = [news.minutes for _, news in said if news.minutes]
    assert minutes == sorted(minutes, reverse=True)
    assert all(later - earlier >= 15 for (earlier, _), (later, _) in zip(said, said[1:], strict=False))
