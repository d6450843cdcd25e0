"""Pure: how long things take: times drawn from a few distributions, the same for the same seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.routing.chance import Chance

Kind = Literal["fixed", "uniform", "exponential", "lognormal", "erlang", "never"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Seconds. What `first` and `second` are depends on `kind`."""

    kind: Kind
    first: float = 0.0
    """fixed: the value; uniform: the lowest; others: the mean."""

    second: float = 0.0
    """uniform: the highest; lognormal: coefficient of variation; erlang: number of phases."""

    @property
    def mean(self) -> float:
        match self.kind:
            case "uniform":
                return (self.first + self.second) / 2
            case "never":
                return math.inf
            case _:
                return self.first

    def draw(self, chance: Chance) -> float:
        match self.kind:
            case "fixed":
                return self.first
            case "uniform":
                return self.first + (self.second - self.first) * chance.share()
            case "exponential":
                return -self.first * math.log(chance.share())
            case "lognormal":
                return self._lognormal(chance)
            case "erlang":
                phases = int(self.second)
                return -self.first / phases * sum(math.log(chance.share()) for _ in range(phases))
            case _:
                return math.inf

    def _lognormal(self, chance: Chance) -> float:
        """Normal deviate by Box and Muller (1958)."""
        variance = math.log(1 + self.second**2)
        normal = math.sqrt(-2 * math.log(chance.share())) * math.cos(2 * math.pi * chance.share())
        return math.exp(math.log(self.first) - variance / 2 + math.sqrt(variance) * normal)


NEVER = Distribution("never")
AT_ONCE = Distribution("fixed")


def read_distribution(written: Any) -> Distribution:
    """As it stands in a file: 30, never, {exponential: 180}, {uniform: [1, 5]}, {lognormal: {mean: 240, cv: 0.8}},
    {erlang: {mean: 240, phases: 3}}.

    Raises:
        ValueError: says how to write it.
    """
    if isinstance(written, Distribution):
        return written
    if written == "never":
        return NEVER
    if _is_time(written):
        return Distribution("fixed", float(written))
    match dict(written) if isinstance(written, Mapping) else {}:
        case {"exponential": mean, **rest} if not rest and _is_time(mean):
            return Distribution("exponential", float(mean))
        case {"uniform": [low, high], **rest} if not rest and _is_time(low) and _is_time(high) and low <= high:
            return Distribution("uniform", float(low), float(high))
        case {"lognormal": {"mean": mean, "cv": cv}, **rest} if not rest and _is_time(mean) and mean and _is_time(cv):
            return Distribution("lognormal", float(mean), float(cv))
        case {"erlang": {"mean": mean, "phases": int(phases)}, **rest} if not rest and _is_time(mean) and phases > 0:
            return Distribution("erlang", float(mean), float(phases))
    raise ValueError(HOW_TO_WRITE)


def _is_time(written: Any) -> bool:
    return isinstance(written, int | float) and not isinstance(written, bool) and written >= 0


HOW_TO_WRITE = (
    "write seconds (30), never, {exponential: 180}, {uniform: [1, 5]}, {lognormal: {mean: 240, cv: 0.8}} "
    "or {erlang: {mean: 240, phases: 3}}"
)
