"""Scoring customers: facts in the store to scores, tiers and history (domain.md 2.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ivr.insight.value import MODEL_VERSION, Standing, Tier, cuts, quintile, rescore, score
from ivr.store.customer_values import CustomerValues, KeptStanding

COMPONENTS = {
    "recency": "recency_days", "frequency": "frequency", "money": "money", "potential": "potential",
    "referrals": "referrals",
}  # fmt: skip
TIERS: Mapping[str, Tier] = {"vip": "vip", "gold": "gold", "standard": "standard"}


async def rescore_all(values: CustomerValues, now: datetime) -> int:
    """Score every active customer anew; how many. Up at once, down after two scores below the cut.

    Raises:
        StoreError: the database is away; nothing is changed.
    """
    scored = rescored(await values.all_active(), now)
    await values.keep_scores(scored, now, MODEL_VERSION)
    return len(scored)


def rescored(everybody: Sequence[KeptStanding], now: datetime) -> Sequence[KeptStanding]:
    """The standings after one scoring; who has no facts at all keeps theirs."""
    populations = {name: sorted(_known(everybody, name)) for name in COMPONENTS}
    scores = [score(_quintiles(one, populations)) for one in everybody]
    found = cuts([each.value for each in scores if each.value is not None])
    after = []
    for one, each in zip(everybody, scores, strict=True):
        if each.value is None:
            continue
        standing = rescore(Standing(TIERS.get(one.tier, "standard"), one.below), each.value, found, now)
        tier, below = standing.tier, standing.below
        after.append(replace(one, value=each.value, confidence=each.confidence, tier=tier, below=below))
    return after


def _known(everybody: Sequence[KeptStanding], name: str) -> list[float]:
    return [value for one in everybody if (value := _component(one, name)) is not None]


def _component(one: KeptStanding, name: str) -> float | None:
    value: float | None = getattr(one.facts, COMPONENTS[name])
    # Fewer days are better: turned round, more is better everywhere.
    return -value if value is not None and name == "recency" else value


def _quintiles(one: KeptStanding, populations: Mapping[str, Sequence[float]]) -> dict[str, int]:
    known = {name: _component(one, name) for name in COMPONENTS}
    return {name: quintile(value, populations[name]) for name, value in known.items() if value is not None}
