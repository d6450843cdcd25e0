"""Pure: how much a customer is worth, in tiers that rise at once and fall slowly (domain.md 2.7).

Observed facts only: no occupation, income or contact lists (domain.md App. D-5).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Tier = Literal["vip", "gold", "standard"]
RANK: dict[Tier, int] = {"standard": 0, "gold": 1, "vip": 2}
MODEL_VERSION = "1"
WEIGHTS = {"recency": 0.15, "frequency": 0.15, "money": 0.30, "potential": 0.20, "referrals": 0.20}
VIP_SHARE = 0.05
GOLD_SHARE = 0.15
SCORES_BEFORE_FALLING = 2


@dataclass(frozen=True, slots=True)
class Score:
    value: float | None
    """0 to 100; None: nothing known."""

    confidence: float
    """Weight of what was known, 0 to 1."""


def quintile(value: float, population: Sequence[float]) -> int:
    """1 (lowest) to 5 among `population`, sorted ascending; equals share the middle of their ranks.

    Pass days since the last purchase as a negative number: more is better everywhere.
    """
    if not population:
        return 1
    below, upto = bisect_left(population, value), bisect_right(population, value)
    return min(5, 1 + int(5 * (below + upto) / 2 / len(population)))


def score(quintiles: Mapping[str, int]) -> Score:
    """100 * sum of weight * (quintile - 1) / 4 over what is known; the names are those of `WEIGHTS`."""
    known = {name: quintiles[name] for name in WEIGHTS if name in quintiles}
    weight = sum(WEIGHTS[name] for name in known)
    if not known:
        return Score(None, 0.0)
    return Score(100 * sum(WEIGHTS[name] * (level - 1) / 4 for name, level in known.items()) / weight, weight)


@dataclass(frozen=True, slots=True)
class Cuts:
    """The lowest scores of the tiers."""

    vip: float
    gold: float

    def tier(self, value: float) -> Tier:
        return "vip" if value >= self.vip else "gold" if value >= self.gold else "standard"


def cuts(scores: Sequence[float]) -> Cuts:
    """VIP are the top 5 %, gold the next 15 %. With nobody to compare, nobody is above standard."""
    if not scores:
        return Cuts(float("inf"), float("inf"))
    ranked = sorted(scores, reverse=True)
    vips = int(len(ranked) * VIP_SHARE)
    golds = int(len(ranked) * (VIP_SHARE + GOLD_SHARE))
    return Cuts(
        ranked[vips - 1] if vips else float("inf"),
        ranked[golds - 1] if golds else float("inf"),
    )


@dataclass(frozen=True, slots=True)
class Override:
    """A person decided otherwise."""

    tier: Tier
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Scored:
    """One line of the history."""

    at: datetime
    value: float
    tier: Tier
    model_version: str = MODEL_VERSION


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands."""

    tier: Tier = "standard"
    below: int = 0
    """Consecutive scores that were below the cut of the tier."""

    override: Override | None = None
    history: tuple[Scored, ...] = field(default=())

    def tier_at(self, now: datetime) -> Tier:
        """The tier that counts now."""
        return self.override.tier if self.override and now < self.override.expires_at else self.tier


def rescore(standing: Standing, value: float, found: Cuts, now: datetime) -> Standing:
    """After a monthly or event-driven score: up at once, down only after two consecutive scores below the cut."""
    fresh = found.tier(value)
    tier, below = standing.tier, 0
    if RANK[fresh] >= RANK[standing.tier] or standing.below + 1 >= SCORES_BEFORE_FALLING:
        tier = fresh
    else:
        below = standing.below + 1
    return replace(standing, tier=tier, below=below, history=(*standing.history, Scored(now, value, tier)))


@dataclass(frozen=True, slots=True)
class Returns:
    """Profit of service over a period; every amount an input with a source, in one currency (domain.md 2.7.5)."""

    repeat_revenue: float = 0.0
    referral_revenue: float = 0.0
    churn_cost: float = 0.0
    marketing_cost: float = 0.0
    staff_cost: float = 0.0
    compensation_cost: float = 0.0

    @property
    def profit(self) -> float:
        costs = self.churn_cost + self.marketing_cost + self.staff_cost + self.compensation_cost
        return self.repeat_revenue + self.referral_revenue - costs


def bot_saving(verified_contained: int, agent_aht: float, cost_per_second: float, bot_cost: float) -> float:
    """What the bot saved: verified_contained * agent AHT * cost per second - bot cost."""
    return verified_contained * agent_aht * cost_per_second - bot_cost
