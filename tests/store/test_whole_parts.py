"""Whole days and quarter hours of a span, without those whose sums are not made."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.store.rollups import Stretch, whole_parts

LENGTH = 10
TEN_THOUSAND_YEARS_MS = 10_000 * 366 * 86_400_000


@given(st.integers(0, 60_000), st.integers(0, 60_000), st.sets(st.integers(0, 60), max_size=5))
def test_every_moment_is_in_a_whole_part_or_left(begin: int, length: int, excepted: set[int]) -> None:
    span, step = Stretch(begin, begin + length), LENGTH * 1000
    whole, rest = whole_parts([span], LENGTH, excepted)
    told = sorted((one.begin_ms, one.end_ms) for one in (*whole, *rest) if one.begin_ms < one.end_ms)
    assert sum(end - start for start, end in told) == length
    assert all(before[1] <= after[0] for before, after in pairwise(told))
    made = [at for at in range(0, 130_000, step) if begin <= at and at + step <= begin + length]
    good = [at for at in made if at // 1000 not in excepted]
    assert [at for one in whole for at in range(one.begin_ms, one.end_ms, step)] == good
    assert all(not (one.begin_ms % step or one.end_ms % step) for one in whole)


def test_ten_thousand_years_are_one_part_and_not_a_walk_over_each_quarter_hour() -> None:
    whole, rest = whole_parts([Stretch(0, TEN_THOUSAND_YEARS_MS)], 900, {1800})
    assert whole == [Stretch(0, 1_800_000), Stretch(2_700_000, TEN_THOUSAND_YEARS_MS)]
    assert rest == [Stretch(1_800_000, 2_700_000)]
