"""Pure: sentences that say much the same, put together: letter n-grams, TF-IDF, cosine, average linkage.

Grams are hashed into a fixed number of columns (signed, so that collisions cancel), and clusters are found with the
nearest-neighbour chain (Murtagh 1983), which average linkage allows: quadratic time, so thousands take under a second.
"""

import math
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.insight.likeness import plain

COLUMNS = 2048
"""Cosines are off by about 1/sqrt(2048) = 0.02 for unrelated sentences."""

GRAMS = (2, 3)
Floats = NDArray[np.float32]


def grams(text: str) -> Counter[str]:
    """Runs of 2 and 3 letters, edges of words marked by a space."""
    padded = f" {plain(text)} "
    return Counter(padded[at : at + size] for size in GRAMS for at in range(len(padded) - size + 1))


def vectors(texts: Sequence[str]) -> Floats:
    """One row of unit length for each text: sublinear counts times smoothed rarity (scikit-learn's formulas)."""
    counted = [grams(text) for text in texts]
    frequency = Counter(gram for counts in counted for gram in counts)
    rows = np.zeros((len(texts), COLUMNS), np.float32)
    places = {gram: _place(gram) for gram in frequency}
    for row, counts in zip(rows, counted, strict=True):
        for gram, count in counts.items():
            rarity = math.log((1 + len(texts)) / (1 + frequency[gram])) + 1
            column, sign = places[gram]
            row[column] += sign * (1 + math.log(count)) * rarity
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.maximum(lengths, 1e-9)
    return rows


def _place(gram: str) -> tuple[int, float]:
    hashed = zlib.crc32(gram.encode())
    return hashed % COLUMNS, 1.0 if hashed >> 31 else -1.0


def cluster(rows: Floats, least: float) -> list[list[int]]:
    """Average-linkage clusters whose members are alike by at least `least` (cosine) on average when they are joined;
    numbers of rows, the largest first."""
    n = len(rows)
    alike = rows @ rows.T
    np.fill_diagonal(alike, -np.inf)
    size = np.ones(n, np.float32)
    members: dict[int, list[int]] = {row: [row] for row in range(n)}
    alive = set(range(n))
    done: list[list[int]] = []
    chain: list[int] = []
    while alive:
        if not chain:
            chain.append(next(iter(alive)))
        top = chain[-1]
        near = int(alike[top].argmax())
        if alike[top, near] < least:
            # Averages only fall when others are joined, so nothing will ever be near enough.
            done.append(members[top])
            _drop(alike, alive, top)
            chain.pop()
        elif len(chain) > 1 and alike[top, chain[-2]] >= alike[top, near]:
            other = chain[-2]
            del chain[-2:]
            _join(alike, size, top, other)
            members[other] = members[other] + members.pop(top)
            _drop(alike, alive, top)
        else:
            chain.append(near)
    return sorted((sorted(found) for found in done), key=lambda found: (-len(found), found[0]))


def _join(alike: Floats, size: NDArray[np.float32], gone: int, kept: int) -> None:
    """Lance-Williams for averages: `kept` becomes both."""
    both = size[gone] + size[kept]
    merged = (size[gone] * alike[gone] + size[kept] * alike[kept]) / both
    alike[kept, :], alike[:, kept] = merged, merged
    alike[kept, kept] = -np.inf
    size[kept] = both


def _drop(alike: Floats, alive: set[int], row: int) -> None:
    alike[row, :], alike[:, row] = -np.inf, -np.inf
    alive.discard(row)
