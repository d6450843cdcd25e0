"""Pure: single values in buckets that add up, and the percentiles told from them.

Each bucket is one per cent wide and keeps how many values it holds and their sum. A percentile is the mean of the
values in the bucket of its rank (nearest rank, `ivr.model.percentiles`): at most 1 % from the value itself, and exact
where all values of the bucket are the same, as scores and counts up to 100 are. What is 0 or less shares one bucket.
"""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.model.percentiles import rank

WIDTH = 0.01
_LOG = math.log1p(WIDTH)
NOTHING = -32_768
"""Bucket of 0 and less."""

FARTHEST = 32_000
ENTRY = np.dtype([("id", "<u4"), ("bucket", "<i2"), ("n", "<u4"), ("sum", "<f8")])


def bucket_of(value: float) -> int:
    if value <= 0:
        return NOTHING
    return max(-FARTHEST, min(FARTHEST, math.floor(math.log(value) / _LOG)))


def packed(found: Mapping[int, Sequence[float]]) -> bytes:
    """Values by id."""
    tally: dict[tuple[int, int], tuple[int, float]] = {}
    for one, values in found.items():
        for value in values:
            key = (one, bucket_of(value))
            n, total = tally.get(key, (0, 0.0))
            tally[key] = (n + 1, total + value)
    entries = [(*key, *tally[key]) for key in sorted(tally)]
    return np.array(entries, ENTRY).tobytes() if entries else b""


def merged(groups: NDArray[np.int64], blobs: Sequence[bytes]) -> dict[int, bytes]:
    """What the spreads of each group come to. `groups`: number of the group of each blob, below 32,768."""
    found, owner = unpacked(groups, blobs, ENTRY)
    if not len(found):
        return {}
    place = found["bucket"].astype(np.int64) + 32_768
    codes, inverse = np.unique((owner << 48) | (found["id"].astype(np.int64) << 16) | place, return_inverse=True)
    whole = np.empty(len(codes), ENTRY)
    whole["id"] = (codes >> 16) & 0xFFFF_FFFF
    whole["bucket"] = (codes & 0xFFFF) - 32_768
    whole["n"] = np.bincount(inverse, weights=found["n"])
    whole["sum"] = np.bincount(inverse, weights=found["sum"])
    return split(codes >> 48, whole)


def percentiles(
    spread: bytes, shares: Sequence[float], wanted: Collection[int] | None = None
) -> dict[int, tuple[tuple[float, float], ...]]:
    """By id (those wanted, else all): (share, value) for each share. `spread` is sorted, as `merged` does."""
    known = np.frombuffer(spread, ENTRY)
    told: dict[int, tuple[tuple[float, float], ...]] = {}
    for one in np.unique(known["id"]):
        if wanted is not None and int(one) not in wanted:
            continue
        mine = known[known["id"] == one]
        reached = np.cumsum(mine["n"])
        means = mine["sum"] / mine["n"]
        ranks = [rank(int(reached[-1]), share) for share in shares]
        places = np.searchsorted(reached, ranks)
        told[int(one)] = tuple((share, float(means[at])) for share, at in zip(shares, places, strict=True))
    return told


def unpacked(
    groups: NDArray[np.int64], blobs: Sequence[bytes], entry: np.dtype[np.void]
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """All entries of all blobs, and the group of each."""
    lengths = np.fromiter((len(blob) // entry.itemsize for blob in blobs), np.int64, len(blobs))
    return np.frombuffer(b"".join(blobs), entry), np.repeat(groups, lengths)


def split(owner: NDArray[np.int64], entries: NDArray[np.void]) -> dict[int, bytes]:
    """Entries, sorted by group, as one blob for each group."""
    begins = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    ends = np.r_[begins[1:], len(owner)]
    return {int(owner[begin]): entries[begin:end].tobytes() for begin, end in zip(begins, ends, strict=True)}
