"""Pure: when callers come: a Poisson stream whose rate changes over the day."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.routing.chance import Chance


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls per hour between two times of the day, in seconds after midnight."""

    begins: float
    ends: float
    per_hour: float


def arrivals(rates: Sequence[Rate], begins: float, ends: float, chance: Chance) -> Iterator[float]:
    """Times of arrival between `begins` and `ends`, in order. Exact: the expected number of calls until the next one
    is exponential, and is used up piece by piece."""
    now, left = begins, _expected(chance)
    for rate in sorted(rates, key=lambda one: one.begins):
        now, piece_ends = max(now, rate.begins), min(ends, rate.ends)
        per_second = rate.per_hour / 3600
        while now < piece_ends and per_second > 0:
            if left > (piece_ends - now) * per_second:
                left -= (piece_ends - now) * per_second
                break
            now += left / per_second
            yield now
            left = _expected(chance)
        now = max(now, piece_ends)


def _expected(chance: Chance) -> float:
    return -math.log(chance.share())
