"""KANO; vectors of domain.md App. B."""

from collections import Counter

import pytest

from ivr.insight.kano import Class, classify, feature, feature_of, fong_threshold

LIKE, MUST, NEUTRAL, LIVE, DISLIKE = 1, 2, 3, 4, 5


@pytest.mark.parametrize(
    ("functional", "dysfunctional", "found"),
    [
        (LIKE, DISLIKE, "O"),
        (LIKE, NEUTRAL, "A"),
        (LIKE, LIKE, "Q"),
        (DISLIKE, DISLIKE, "Q"),
        (MUST, DISLIKE, "M"),
        (LIVE, DISLIKE, "M"),
        (NEUTRAL, MUST, "I"),
        (NEUTRAL, LIKE, "R"),
        (DISLIKE, LIVE, "R"),
    ],
)
def test_a_pair_of_answers_has_a_class(functional: int, dysfunctional: int, found: str) -> None:
    assert classify(functional, dysfunctional) == found


def of(**counts: int) -> Counter[Class]:
    return Counter(counts)  # type: ignore[arg-type]


def test_better_and_worse() -> None:
    delight = feature_of(of(A=40, O=30, M=20, I=10))
    assert (delight.category, delight.better, delight.worse) == ("A", 0.7, -0.5)
    must = feature_of(of(A=10, O=20, M=60, I=10))
    assert (must.category, must.better, must.worse) == ("M", 0.3, -0.8)


def test_forty_and_thirty_of_a_hundred_do_not_differ() -> None:
    assert fong_threshold(40, 30, 100) == pytest.approx(11.13, rel=1e-3)
    assert not feature_of(of(A=40, O=30, M=20, I=10)).significant
    assert feature_of(of(A=10, O=20, M=60, I=10)).significant


def test_of_equals_the_more_demanding_class_counts_and_it_is_shown_as_mixed() -> None:
    found = feature_of(of(A=30, O=30, M=30, I=10))
    assert (found.category, found.is_mixed) == ("M", True)
    assert not feature_of(of(A=40, O=30, M=20, I=10)).is_mixed


@pytest.mark.parametrize(
    ("counts", "faults"),
    [
        (of(A=40), set()),
        (of(A=29), {"few_answers"}),
        (of(A=95, Q=5), {"questionable"}),
        (of(A=96, Q=4), set()),
        (of(A=10, R=40), {"reverse"}),
    ],
)
def test_gates(counts: Counter[Class], faults: set[str]) -> None:
    assert feature_of(counts).faults == faults


def test_pairs_are_counted() -> None:
    found = feature([(LIKE, DISLIKE), (LIKE, DISLIKE), (MUST, DISLIKE)])
    assert found.counts == {"M": 1, "O": 2, "A": 0, "I": 0, "R": 0, "Q": 0}


def test_without_answers_there_is_no_class() -> None:
    found = feature([])
    assert (found.category, found.better, found.worse, found.significant) == ("", None, None, False)
    assert feature_of(of(Q=3)).better is None
