"""What the customers of a generated history are worth: facts that nobody observed, for the page of values."""

import random
from collections.abc import Sequence

from ivr.store.customer_values import CustomerFacts

SOURCE = "generated"
MOST = 2000
"""Customers with facts: enough for tiers and their history, few enough to score in a moment."""


def facts_of(callers: Sequence[str], seed: int) -> list[CustomerFacts]:
    """Of the first callers, each number once. What somebody spends says something of how often they buy."""
    rng = random.Random(seed)
    found = []
    for caller in list(dict.fromkeys(caller for caller in callers if caller))[:MOST]:
        money = rng.lognormvariate(6.0, 1.1)
        often = max(1.0, round(rng.gauss(2.0 + money / 400, 2.0)))
        referrals = float(rng.random() < 0.08) + float(rng.random() < 0.02)
        found.append(
            CustomerFacts(
                caller, SOURCE, round(rng.expovariate(1 / (400 / often)), 1), often, round(money, 2),
                round(rng.random() * 100, 1) if rng.random() < 0.7 else None, referrals,
            )
        )  # fmt: skip
    return found
