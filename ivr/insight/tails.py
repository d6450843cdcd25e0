"""Pure: how unlikely a count is: Poisson and negative binomial tails, and many tests at once (domain.md 2.10.2)."""

import math
from collections.abc import Callable, Mapping

NEARLY_POISSON = 1.0 + 1e-9


def poisson_tail(k: int, mean: float) -> float:
    """P(X >= k)."""
    if mean <= 0:
        return float(k <= 0)
    return _tail(k, mean, lambda n: n * math.log(mean) - mean - math.lgamma(n + 1))


def negative_binomial_tail(k: int, mean: float, dispersion: float) -> float:
    """P(X >= k) with variance = dispersion * mean; r = mean / (dispersion - 1), p = 1 / dispersion."""
    if dispersion <= NEARLY_POISSON or mean <= 0:
        return poisson_tail(k, mean)
    r, q = mean / (dispersion - 1), 1 - 1 / dispersion
    fixed = r * math.log(1 - q) - math.lgamma(r)
    return _tail(k, mean, lambda n: fixed + math.lgamma(n + r) - math.lgamma(n + 1) + n * math.log(q))


def _tail(k: int, mean: float, log_probability: Callable[[int], float]) -> float:
    """Above the mean summed from k upwards, where the terms only shrink, so that tiny tails keep their digits."""
    if k <= mean:
        return max(0.0, 1 - math.fsum(math.exp(log_probability(n)) for n in range(k)))
    total, n = 0.0, k
    while (term := math.exp(log_probability(n))) > total * 1e-16:
        total += term
        n += 1
    return total


def surprising(p_values: Mapping[str, float], rate: float) -> frozenset[str]:
    """Benjamini-Hochberg: those that may be believed if a share of at most `rate` of them is to be false."""
    ranked = sorted(p_values.items(), key=lambda item: item[1])
    last = max((place for place, (_, p) in enumerate(ranked, 1) if p <= rate * place / len(ranked)), default=0)
    return frozenset(name for name, _ in ranked[:last])
