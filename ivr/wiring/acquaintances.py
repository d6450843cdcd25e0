"""Who calls, as we know them from before: looked up when they come to a queue, while they hear music."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from ivr.model.acquaintance import Acquaintance, PastRules, acquainted
from ivr.model.errors import StoreError
from ivr.model.people import Handoff
from ivr.store.acquaintances import Acquaintances
from ivr.store.calls import utc_now

LOOK_UP_SECONDS = 0.5
"""Longest a caller's place waits for it; then they are a stranger this time."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recollection:
    """Implements `ivr.model.routing_ports.Memory`."""

    store: Acquaintances
    rules: PastRules = PastRules()
    utc: Callable[[], datetime] = utc_now
    seconds: float = LOOK_UP_SECONDS

    async def of(self, handoff: Handoff) -> Acquaintance:
        names = [name for name in (handoff.customer, handoff.caller) if name]
        if not names:
            return Acquaintance()
        now, rules = self.utc(), self.rules
        days = max(rules.sticky_days, rules.avoid_days, rules.repeat_hours / 24.0)
        try:
            async with asyncio.timeout(self.seconds):
                past = await self.store.past(names, now - timedelta(days=days), now)
        except (StoreError, TimeoutError) as error:
            log.warning("a caller could not be looked up", call_id=handoff.call_id, kind=type(error).__name__)
            return Acquaintance()
        known = acquainted(past.calls, past.subjects, handoff.intent, now.timestamp(), rules)
        return replace(known, customer=past.customer, tier=past.tier)
