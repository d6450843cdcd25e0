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
MOST_PLACES = 4
"""For each entry: with fewer, all buckets of all groups are counted through; with more, entries are sorted."""

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
    codes, whole = _together(groups, blobs, None)
    return split(codes >> 48, whole) if len(codes) else {}


def percentiles(
    groups: NDArray[np.int64], blobs: Sequence[bytes], shares: Sequence[float], wanted: Collection[int]
) -> dict[tuple[int, int], tuple[tuple[float, float], ...]]:
    """By group and id (of those wanted): (share, value) for each share, over all spreads of the group.

    Args:
        groups: number of the group of each of `blobs`, below 32,768.
    """
    codes, whole = _together(groups, blobs, wanted)
    if not len(codes):
        return {}
    begins = np.flatnonzero(np.r_[True, codes[1:] >> 16 != codes[:-1] >> 16])
    reached = np.cumsum(whole["n"], dtype=np.int64)
    before = np.r_[0, reached[begins[1:] - 1]]
    totals = np.r_[before[1:], reached[-1]] - before
    means = whole["sum"] / whole["n"]
    ranks = np.array([[rank(total, share) for share in shares] for total in totals.tolist()], np.int64)
    values = means[np.searchsorted(reached, before[:, None] + ranks)].tolist()
    owners, ids = (codes[begins] >> 48).tolist(), (codes[begins] >> 16 & 0xFFFF_FFFF).tolist()
    return {
        (owner, one): tuple(zip(shares, mine, strict=True))
        for owner, one, mine in zip(owners, ids, values, strict=True)
    }


def _together(
    groups: NDArray[np.int64], blobs: Sequence[bytes], wanted: Collection[int] | None
) -> tuple[NDArray[np.int64], NDArray[np.void]]:
    """Entries added up by group, id (of those wanted; None: all) and bucket, in that order, which is also the order
    of their codes."""
    found, owner = unpacked(groups, blobs, ENTRY)
    ids = np.unique(found["id"]) if wanted is None else np.array(sorted(wanted), np.uint32)
    if not len(found) or not len(ids):
        return np.zeros(0, np.int64), found[:0]
    which = np.searchsorted(ids, found["id"])
    chosen = ids[np.minimum(which, len(ids) - 1)] == found["id"]
    if not chosen.all():
        found, owner, which = found[chosen], owner[chosen], which[chosen]
    if not len(found):
        return np.zeros(0, np.int64), found
    bucket = found["bucket"].astype(np.int64)
    low = int(bucket.min(initial=FARTHEST, where=bucket != NOTHING))
    bucket = np.where(bucket == NOTHING, 0, bucket - low + 1)
    width = int(bucket.max()) + 1
    place = (owner * len(ids) + which) * width + bucket
    if (int(owner.max()) + 1) * len(ids) * width > MOST_PLACES * len(found):
        known, place = np.unique(place, return_inverse=True)
        n, total = np.bincount(place, found["n"]), np.bincount(place, found["sum"])
    else:
        n = np.bincount(place, found["n"])
        known = np.flatnonzero(n)
        n, total = n[known], np.bincount(place, found["sum"])[known]
    whole = np.empty(len(known), ENTRY)
    whole["id"] = ids[known // width % len(ids)]
    whole["bucket"] = np.where(known % width, known % width + low - 1, NOTHING)
    whole["n"], whole["sum"] = n, total
    of_group = known // (width * len(ids))
    return (of_group << 48) | (whole["id"].astype(np.int64) << 16) | (whole["bucket"].astype(np.int64) + 32_768), whole


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
