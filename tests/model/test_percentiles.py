"""A percentile is a value that was measured: nearest rank."""

import pytest

from ivr.model.percentiles import percentile


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    assert percentile([], 0.5) is None
    assert percentile([7.0], 0.9) == 7.0
    assert [percentile([3, 1, 2, 4], share) for share in (0.0, 0.25, 0.5, 0.51, 1.0)] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize("hundredths", range(1, 101))
def test_of_a_hundred_values_each_hundredth_is_one(hundredths: int) -> None:
    assert percentile(range(1, 101), hundredths / 100) == hundredths
