"""Pure: the one definition of a percentile, for reports, campaigns and benchmarks: nearest rank."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0 to 1) of all do not exceed; None without values.

    Nearest rank: what is told is a value that was measured, and counts in buckets lead to the same rank, so that the
    percentiles of hours add up to those of days (`ivr.insight.spreads`); what lies between two ranks does not.
    """
    return sorted(values)[rank(len(values), share) - 1] if values else None


def rank(n: int, share: float) -> int:
    """The place of the percentile among `n` sorted values, from 1. Rounded first: 0.07 * 100 is a little over 7."""
    return max(1, math.ceil(round(share * n, 9)))
