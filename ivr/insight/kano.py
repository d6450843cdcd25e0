"""Pure: KANO: which features callers take for granted, want more of, or are delighted by (domain.md 2.6)."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Class = Literal["A", "O", "M", "I", "R", "Q"]
"""attractive 兴奋型, one-dimensional 期望型, must-be 基本型, indifferent 无差异, reverse 反向, questionable 可疑."""

TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
"""Functional answer (row) by dysfunctional answer (column): like, must-be, neutral, live-with, dislike."""

TIE_ORDER: tuple[Class, ...] = ("M", "O", "A", "I", "R", "Q")
SMALLEST_SAMPLE = 30
HIGHEST_QUESTIONABLE = 0.04
LOWEST_STRENGTH = 0.06
FONG_Z = 1.65


def classify(functional: int, dysfunctional: int) -> Class:
    """One caller's pair of answers, each 1 (like) to 5 (dislike)."""
    found: Class = TABLE[functional - 1][dysfunctional - 1]  # type: ignore[assignment]
    return found


@dataclass(frozen=True, slots=True)
class Feature:
    """What all callers together say of one feature."""

    counts: dict[Class, int]
    category: Class | Literal[""]
    """The most frequent class, of equals the first of M, O, A, I; empty without answers."""

    is_mixed: bool
    """The first class is not clearly ahead (by less than 6 %): show "mixed"."""

    better: float | None
    """(A + O) / (A + O + M + I): what having it adds."""

    worse: float | None
    """-(O + M) / (A + O + M + I): what lacking it costs."""

    strength: float
    """(top - second) / n."""

    significant: bool
    """Fong: top and second differ for more than chance."""

    faults: frozenset[str]
    """few_answers, questionable, reverse: show the figure only with them, or not at all."""


def feature(pairs: Iterable[tuple[int, int]]) -> Feature:
    """All pairs of answers to one feature."""
    return feature_of(Counter(classify(*pair) for pair in pairs))


def feature_of(counts: Counter[Class]) -> Feature:
    n = sum(counts.values())
    ranked = sorted(TIE_ORDER, key=lambda name: (-counts[name], TIE_ORDER.index(name)))
    top, second = counts[ranked[0]], counts[ranked[1]]
    strength = (top - second) / n if n else 0.0
    base = counts["A"] + counts["O"] + counts["M"] + counts["I"]
    return Feature(
        {name: counts[name] for name in TIE_ORDER},
        ranked[0] if n else "",
        strength < LOWEST_STRENGTH,
        (counts["A"] + counts["O"]) / base if base else None,
        -(counts["O"] + counts["M"]) / base if base else None,
        strength,
        n > 0 and top - second >= fong_threshold(top, second, n),
        frozenset(_faults(counts, n, ranked[0])),
    )


def fong_threshold(a: int, b: int, n: int) -> float:
    """1.65 * sqrt((a + b)(2n - a - b) / (2n)): two classes that differ by less are not told apart."""
    return FONG_Z * math.sqrt((a + b) * (2 * n - a - b) / (2 * n))


def _faults(counts: Counter[Class], n: int, first: Class) -> Iterable[str]:
    if n < SMALLEST_SAMPLE:
        yield "few_answers"
    if n and counts["Q"] / n > HIGHEST_QUESTIONABLE:
        yield "questionable"
    if n and first == "R":
        yield "reverse"
