"""The composite index; vectors of domain.md App. B."""

import pytest

from ivr.insight.satisfaction import (
    Effort,
    Index,
    Population,
    Signals,
    hidden_rate,
    implicit_part,
    index,
    mean_sentiment,
    population,
    wait_score,
)


def signed(score: float) -> float:
    """App. B gives sentiment as a score of 0 to 1."""
    return 2 * score - 1


A = Signals(5, None, True, "solved", Effort(), signed(0.8), "normal", 0.0)
B = Signals(
    4, None, None, "unsolved", Effort(2, 0, 2, 1, hold_seconds=60.0), signed(0.45), "normal", 75.0
)  # fmt: skip
C = Signals(None, None, None, "unsolved", Effort(1), signed(0.3), "abandoned_in_queue", 95.0)
D = Signals(1, None, True, "solved", Effort(3, 0, 3, hold_seconds=120.0, extra_turns=4), signed(0.2), "normal", 150.0)


@pytest.mark.parametrize(
    ("signals", "effort", "implicit", "value", "flags"),
    [
        (A, 0, 96.00, 98.00, set()),
        (B, 51, 42.81, 58.91, {"hidden_dissatisfied"}),
        (C, 8, 34.31, 34.31, {"silent_dissatisfied"}),
        (D, 86, 54.37, 27.19, set()),
    ],
)
def test_four_calls(signals: Signals, effort: float, implicit: float, value: float, flags: set[str]) -> None:
    found = index(signals)
    assert signals.effort is not None
    assert signals.effort.points == effort
    assert found.implicit == pytest.approx(implicit, rel=1e-3)
    assert found.value == pytest.approx(value, rel=1e-3)
    assert found.flags == flags
    assert found.known == pytest.approx(1.0)


def test_the_wait_counts_from_20_to_180_seconds() -> None:
    assert [wait_score(seconds) for seconds in (0, 20, 75, 180, 600)] == pytest.approx([1, 1, 0.65625, 0, 0])


@pytest.mark.parametrize(
    ("signals", "explicit"),
    [
        (Signals(csat=5), 100.0),
        (Signals(csat=1), 0.0),
        (Signals(nps=7), 70.0),
        (Signals(csat=5, said_resolved=False), 50.0),
        (Signals(csat=2, said_resolved=False), 25.0),
        (Signals(csat=4, nps=0, said_resolved=True), 75.0),
    ],
)
def test_what_callers_say(signals: Signals, explicit: float) -> None:
    assert index(signals) == Index(explicit, explicit, None, "explicit", 0.0)


def test_unknown_signals_leave_their_weight_to_the_others() -> None:
    found = implicit_part(Signals(ending="left_bot_midway", wait_seconds=0.0))
    assert found == pytest.approx((58.0, 0.25))


def test_without_a_survey_the_index_is_what_happened() -> None:
    found = index(Signals(resolution="unknown"))
    assert (found.value, found.basis, found.explicit) == (50.0, "implicit", None)


def test_nothing_known_is_no_index() -> None:
    assert index(Signals()) == Index(None, None, None, "none", 0.0)
    assert index(Signals()).band == ""


def test_a_bad_score_after_a_good_call_asks_for_the_cause_elsewhere() -> None:
    found = index(Signals(csat=2, resolution="solved", ending="normal"))
    assert found.flags == frozenset({"over_reacted"})
    assert found.basis == "explicit+implicit"


@pytest.mark.parametrize(("csat", "band"), [(5, "good"), (4, "fair"), (3, "poor"), (2, "critical"), (1, "critical")])
def test_bands(csat: int, band: str) -> None:
    assert index(Signals(csat=csat)).band == band


def test_effort_is_capped_in_every_part_and_in_all() -> None:
    assert Effort(9, 9, 9, 9, 999.0, 99.0, 9).points == 100
    assert Effort(auth_failures=1, no_inputs=2, extra_turns=-3).points == 16


def test_the_end_of_the_call_counts_double() -> None:
    assert mean_sentiment([]) is None
    assert mean_sentiment([0.5]) == 0.5
    assert mean_sentiment([0.0] * 7 + [1.0] * 3) == pytest.approx(6 / 13)


def test_those_who_did_not_answer_are_part_of_the_population() -> None:
    assert population([88.0] * 60, [71.0] * 140) == Population(88.0, 76.1)
    assert population([], []) == Population(None, None)


def test_the_rate_of_hidden_dissatisfaction_has_an_interval() -> None:
    indexed = [(4, index(B)), (5, index(A)), (1, index(D))]
    rate, interval = hidden_rate(indexed)
    assert rate == 0.5
    assert interval == pytest.approx((0.0945, 0.9055), rel=1e-2)
    assert hidden_rate([]) == (None, (0.0, 1.0))
