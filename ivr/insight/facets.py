"""Pure: what stands out among the contacts of a spike: products, regions, channels (domain.md 2.10.2)."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMOOTHING = 0.5
LEAST_LOG_ODDS = math.log(2)
"""Twice the odds; less is not worth a line on the alert card."""

Facets = Mapping[str, str]
"""Of one contact: product, model, batch, region, channel …"""


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    value: str
    log_odds: float
    """Above 0: more frequent than elsewhere."""

    contacts: int


def over_represented(inside: Iterable[Facets], outside: Iterable[Facets], fewest: int = 2) -> tuple[Facet, ...]:
    """Values more frequent in the spike than elsewhere, strongest first; log-odds with +0.5 to every cell."""
    within, without = list(inside), list(outside)
    here = Counter(item for facets in within for item in facets.items())
    there = Counter(item for facets in without for item in facets.items())
    found = [
        Facet(name, value, _log_odds(count, len(within)) - _log_odds(there[name, value], len(without)), count)
        for (name, value), count in here.items()
        if count >= fewest
    ]
    return tuple(
        sorted((facet for facet in found if facet.log_odds >= LEAST_LOG_ODDS), key=lambda facet: -facet.log_odds)
    )


def _log_odds(count: int, n: int) -> float:
    return math.log((count + SMOOTHING) / (n - count + SMOOTHING))
