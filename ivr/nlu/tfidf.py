"""Pure: texts to weighted n-grams (TF-IDF as scikit-learn computes it: sublinear counts, smoothed rarity, unit length).

Our own because a server that reads a trained model back must not wait three seconds for scikit-learn and SciPy.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Grams = Callable[[str, int, int], list[str]]
Row = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Columns of a text and their weights."""

_SPACES = re.compile(r"\s\s+")


def word_grams(text: str, least: int, most: int) -> list[str]:
    """Runs of `least` to `most` words."""
    words = text.split()
    return [
        " ".join(words[at : at + size]) for size in range(least, most + 1) for at in range(len(words) - size + 1)
    ]  # fmt: skip


def letter_grams(text: str, least: int, most: int) -> list[str]:
    """Runs of `least` to `most` letters, gaps between words among them."""
    text = _SPACES.sub(" ", text)
    return [text[at : at + size] for size in range(least, most + 1) for at in range(len(text) - size + 1)]


def inner_grams(text: str, least: int, most: int) -> list[str]:
    """Runs of letters inside single words, their edges marked by a space; a word shorter than a run counts once."""
    found: list[str] = []
    for word in text.split():
        padded = f" {word} "
        for size in range(least, most + 1):
            found.append(padded[:size])
            found.extend(padded[at : at + size] for at in range(1, len(padded) - size + 1))
            if len(padded) <= size:
                break
    return found


class WeightedGrams:
    """Columns and rarities learned from texts; read by all calls."""

    def __init__(self, grams: Grams, least: int, most: int, fewest_texts: int = 1) -> None:
        self._grams, self._least, self._most = grams, least, most
        self._fewest = fewest_texts
        self._columns: dict[str, int] = {}
        self._rarity = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self._columns)

    def fit(self, texts: Sequence[str]) -> None:
        """Learn the columns: every gram that stands in at least `fewest_texts` texts, in the order of code points."""
        texts_with = Counter(gram for text in texts for gram in set(self._grams(text, self._least, self._most)))
        kept = sorted(gram for gram, count in texts_with.items() if count >= self._fewest)
        self._columns = {gram: column for column, gram in enumerate(kept)}
        counts = np.array([texts_with[gram] for gram in kept], np.float32)
        self._rarity = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)

    def row(self, text: str) -> Row:
        """The known grams of a text as a unit vector: columns in order, weights; both empty where none is known."""
        counted = Counter(self._grams(text, self._least, self._most))
        known = sorted((self._columns[gram], count) for gram, count in counted.items() if gram in self._columns)
        if not known:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        columns = np.array([column for column, _ in known], np.int64)
        counts = np.array([count for _, count in known], np.float32)
        weights = (np.log(counts) + 1) * self._rarity[columns]
        return columns, (weights / np.linalg.norm(weights)).astype(np.float32)
