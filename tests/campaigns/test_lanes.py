"""Urgent calls go first, routine ones leave them room, and a trunk that fails is left alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.campaigns.lanes import Breaker, Lanes, Lines, Pace, room_for, transfers_fit


def test_routine_calls_leave_the_reserve_alone() -> None:
    assert room_for(Lines(10), "routine") == 7
    assert room_for(Lines(10, routine=7), "routine") == 0
    assert room_for(Lines(10, routine=7), "urgent") == 3
    assert room_for(Lines(10, urgent=9), "routine") == 1
    assert room_for(Lines(10, urgent=10), "urgent") == 0
    assert room_for(Lines(1), "routine") == 1


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40))
def test_there_are_never_more_calls_than_lines(most: int, urgent: int, routine: int) -> None:
    lines = Lines(most, urgent, routine)
    assert 0 <= room_for(lines, "routine") <= room_for(lines, "urgent") <= most


def test_an_urgent_case_passes_ten_thousand_routine_ones() -> None:
    lanes = Lanes()
    for number in range(10_000):
        lanes.put(f"r{number}", "routine", priority=0, received=number)
    lanes.put("u", "urgent", priority=1, received=99_999)
    assert list(lanes.next_calls(Lines(2))) == [("u", "urgent"), ("r0", "routine")]
    assert lanes.waiting() == 9_999


def test_within_a_lane_deadline_then_priority_then_age_decide() -> None:
    lanes = Lanes()
    lanes.put("old", "urgent", priority=5, received=1)
    lanes.put("new", "urgent", priority=5, received=2)
    lanes.put("big", "urgent", priority=50, received=3)
    lanes.put("late", "urgent", priority=0, received=4, deadline_near=True)
    lanes.put("late", "urgent", priority=0, received=4)
    lanes.put("gone", "urgent", priority=99, received=0)
    lanes.drop("gone")
    assert [case for case, _ in lanes.next_calls(Lines(9))] == ["late", "big", "old", "new"]
    assert lanes.take("routine") is None


def test_routine_cases_wait_while_they_are_not_allowed() -> None:
    lanes = Lanes()
    lanes.put("r", "routine", priority=0, received=0)
    assert lanes.next_calls(Lines(9), routine_allowed=False) == []
    assert lanes.next_calls(Lines(9)) == [("r", "routine")]


def test_calls_per_second_are_kept() -> None:
    pace = Pace(2.0, burst=2.0)
    assert pace.wait(0.0) == 0.0
    assert [pace.take(0.0), pace.take(0.0), pace.take(0.0)] == [True, True, False]
    assert pace.wait(0.0) == 0.5
    assert [pace.take(0.4), pace.take(0.5)] == [False, True]


def test_half_of_the_calls_failing_stops_the_trunk_until_a_trial_call_succeeds() -> None:
    breaker = Breaker()
    assert [breaker.saw(at, failed=at % 2 == 0) for at in range(5)] == [False, False, False, False, True]
    assert (breaker.is_open, breaker.allows(10.0)) == (True, False)
    assert breaker.saw(11.0, failed=True) is False
    assert (breaker.allows(34.1), breaker.allows(34.2)) == (True, False)
    assert breaker.saw(35.0, failed=True) is True
    assert breaker.allows(50.0) is False
    assert breaker.allows(66.0) is True
    assert breaker.saw(67.0, failed=False) is False
    assert (breaker.is_open, breaker.allows(67.0)) == (False, True)


def test_old_failures_are_forgotten() -> None:
    breaker = Breaker()
    assert not any(breaker.saw(at * 200.0, failed=True) for at in range(9))


def test_no_more_calls_than_specialists_can_take_over() -> None:
    assert transfers_fit(9, 0.1, 1, 0)
    assert not transfers_fit(10, 0.1, 1, 0)
    assert transfers_fit(10, 0.1, 0, 2)
