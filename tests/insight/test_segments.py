"""The six kinds of calls, and where journeys break."""

from itertools import product

import pytest

from ivr.insight.segments import ACTIONS, Cliff, cliffs, segment


@pytest.mark.parametrize(
    ("csat", "resolved", "effort", "code"),
    [
        (5, True, 30, "promoter"),
        (4, True, 31, "satisfied_effortful"),
        (4, False, 0, "satisfied_unresolved"),
        (5, False, 90, "satisfied_unresolved"),
        (3, True, 0, "dissatisfied_resolved"),
        (1, True, 90, "dissatisfied_resolved"),
        (2, False, 30, "dissatisfied_effortless"),
        (1, False, 31, "critical"),
        (None, True, 0, "unsurveyed"),
    ],
)
def test_every_cell(csat: int | None, resolved: bool, effort: float, code: str) -> None:
    assert segment(csat, resolved, effort) == code


def test_every_segment_has_an_action() -> None:
    cells = product((None, 1, 5), (True, False), (0.0, 50.0))
    assert {segment(*cell) for cell in cells} == set(ACTIONS)


def test_a_cliff_is_steeper_than_twice_the_median_and_well_visited() -> None:
    steps = {"a": (1, 100), "b": (1, 100), "c": (2, 100), "find": (30, 600), "pin": (40, 100), "odd": (9, 10)}
    assert cliffs({**steps, "unseen": (0, 0)}) == (Cliff("pin", 0.4, 0.035),)
    assert cliffs({"d": (1, 100), **steps}) == (Cliff("pin", 0.4, 0.02), Cliff("find", 0.05, 0.02))


def test_no_visits_no_cliff() -> None:
    assert cliffs({"greet": (0, 0)}) == ()
