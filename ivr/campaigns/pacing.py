"""Pure: which call is placed next and how many at once, so that nobody who answers meets silence (domain.md 2.8.3)."""

import math
from bisect import bisect_right

HIGHEST_ABANDONED = 0.02
LARGEST_BURST = 2000
VIP_BONUS = 10.0


def fraud_priority(amount: float, fraud_probability: float, age_seconds: float, is_vip: bool = False) -> float:
    """20 * log10(1 + amount * p) + min(40, age / 1.5) + 10 for a VIP; higher is called first."""
    exposure = 20 * math.log10(1 + amount * fraud_probability)
    return exposure + min(40.0, age_seconds / 1.5) + (VIP_BONUS if is_vip else 0.0)


def abandoned_share(calls: int, free_agents: int, answer_probability: float) -> float:
    """E[(Bin(m, p) - f)+] / (m * p): the share of those who answer and find no agent."""
    p = answer_probability
    if not calls or p <= 0:
        return 0.0
    if p >= 1:
        return max(0, calls - free_agents) / calls
    expected = sum(
        _chance_of(answering, calls, p) * (answering - free_agents) for answering in range(free_agents + 1, calls + 1)
    )
    return expected / (calls * p)


def _chance_of(k: int, n: int, p: float) -> float:
    """Binomial probability, by logarithms: the coefficients do not fit into a float."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(p) + (n - k) * math.log(1 - p))


def calls_to_place(free_agents: int, answer_probability: float, target: float = HIGHEST_ABANDONED) -> int:
    """The largest m with an abandoned share within `target`; never fewer calls than free agents.

    Below 8 to 10 agents progressive dialling (one call an agent) is better: see the table in domain.md App. B.
    """
    if answer_probability <= 0:
        return free_agents
    more = range(free_agents + 1, LARGEST_BURST + 1)
    # The share grows with every call more, so the last one allowed is found by halving.
    allowed = bisect_right(more, target, key=lambda calls: abandoned_share(calls, free_agents, answer_probability))
    return free_agents + allowed


def over_dial_table(
    most_agents: int, answer_probability: float, target: float = HIGHEST_ABANDONED
) -> tuple[tuple[int, int, float], ...]:
    """(free agents, calls to place, expected abandoned share) for 1 to `most_agents`."""
    table = []
    for free in range(1, most_agents + 1):
        calls = calls_to_place(free, answer_probability, target)
        table.append((free, calls, abandoned_share(calls, free, answer_probability)))
    return tuple(table)
