"""Pure: what a metric is: a name, a formula one can read, and two sums over facts.

Every figure is numerator over denominator, and both are sums over single facts: hours add up to days, queues to the
whole centre, and a report can keep the two sums instead of the facts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from ivr.insight.intervals import wilson
from ivr.model.percentiles import percentile

Fact = TypeVar("Fact")
Kind = Literal["share", "mean", "ratio", "count", "highest"]
"""share: part of a whole, has a Wilson interval. mean: has percentiles. ratio: neither. count: a plain sum."""

PERCENTILES = (0.5, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Target:
    at_least: float | None = None
    at_most: float | None = None
    of_median: bool = False
    """Compare the median, not the mean."""

    def met_by(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True)
class Metric(Generic[Fact]):
    """One figure of the reports; names are those of domain.md §3."""

    name: str
    english: str
    chinese: str
    formula: str
    unit: str
    """share, seconds, points, contacts …"""

    kind: Kind
    numerator: Callable[[Fact], float]
    """What one fact adds above the line; for `highest` what it is a candidate with."""

    denominator: Callable[[Fact], float]
    target: Target | None = None
    values: Callable[[Fact], Sequence[float]] | None = None
    """Single values, where percentiles make sense."""

    source: str = "domain.md 2.3"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric that was measured. `value` is None where the denominator is 0."""

    name: str
    value: float | None
    numerator: float
    denominator: float
    interval: tuple[float, float] | None = None
    """95 % Wilson, for shares."""

    percentiles: tuple[tuple[float, float], ...] = ()
    """(share, value) for 0.5, 0.9 and 0.95, where single values are known."""

    on_target: bool | None = None
    """None: no target, or nothing to compare."""


def measure(metric: Metric[Fact], facts: Iterable[Fact]) -> Figure:
    """The figure over these facts."""
    known = list(facts)
    numerators = [metric.numerator(fact) for fact in known]
    above = max(numerators, default=0.0) if metric.kind == "highest" else sum(numerators)
    below = sum(metric.denominator(fact) for fact in known)
    found: list[float] = []
    if metric.values:
        for fact in known:
            found.extend(metric.values(fact))
    return figure(metric, above, below, found)


def figure(metric: Metric[Fact], numerator: float, denominator: float, values: Sequence[float] = ()) -> Figure:
    """The figure from sums and single values."""
    spread = tuple((share, found) for share in PERCENTILES if (found := percentile(values, share)) is not None)
    return figure_of(metric, numerator, denominator, spread)


def figure_of(
    metric: Metric[Fact], numerator: float, denominator: float, spread: tuple[tuple[float, float], ...] = ()
) -> Figure:
    """The figure from sums and percentiles that were kept."""
    value = _value(metric.kind, numerator, denominator)
    return Figure(
        metric.name,
        value,
        numerator,
        denominator,
        wilson(numerator, denominator) if metric.kind == "share" else None,
        spread,
        _on_target(metric.target, value, spread),
    )


def _on_target(target: Target | None, value: float | None, spread: tuple[tuple[float, float], ...]) -> bool | None:
    compared = value
    if target and target.of_median:
        compared = dict(spread).get(0.5)
    return None if target is None or compared is None else target.met_by(compared)


def _value(kind: Kind, numerator: float, denominator: float) -> float | None:
    if kind == "count":
        return numerator
    if not denominator:
        return None
    return numerator if kind == "highest" else numerator / denominator
