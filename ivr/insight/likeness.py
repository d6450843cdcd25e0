"""Pure: how alike two sentences are, in any language: pairs of letters they share (Dice's coefficient)."""

import re

_APART = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Lower case, one space between words, nothing else."""
    return _APART.sub(" ", text.casefold()).strip()


def alike(one: str, other: str) -> float:
    """0 to 1: twice the shared pairs of neighbouring letters over all of both (Dice 1945). Empty: 0."""
    left, right = _pairs(plain(one)), _pairs(plain(other))
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))


def _pairs(text: str) -> set[str]:
    joined = text.replace(" ", "")
    return {joined[at : at + 2] for at in range(len(joined) - 1)} or ({joined} if joined else set())
