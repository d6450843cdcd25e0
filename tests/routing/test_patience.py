"""How long callers are willing to wait."""

import pytest

from ivr.routing.patience import Patience, Wait, is_short_abandon, patience


def test_answered_callers_count_only_as_long_as_they_waited() -> None:
    found = patience([Wait(10, True), Wait(20, False), Wait(30, True), Wait(30, False), Wait(60, True)])
    assert [at for at, _ in found.steps] == [10, 30, 60]
    assert [share for _, share in found.steps] == pytest.approx([0.8, 0.8 * 2 / 3, 0.0])
    assert [found.still_waiting(at) for at in (5, 10, 59, 100)] == pytest.approx([1.0, 0.8, 0.8 * 2 / 3, 0.0])
    assert found.median() == 60


def test_without_anybody_who_gave_up_nothing_is_known_of_patience() -> None:
    assert patience([Wait(5, False)]) == Patience(())
    assert patience([Wait(5, False)]).median() is None


def test_giving_up_within_five_seconds_is_short() -> None:
    assert [is_short_abandon(wait) for wait in (Wait(4.9, True), Wait(5.0, True), Wait(1.0, False))] == [
        True,
        False,
        False,
    ]
