"""Pure: what is known of a caller from before this call, as the routing uses it (domain.md 2.2.3, 2.2.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.model.people import Handoff

DAY, HOUR = 86_400.0, 3_600.0
NUMBER_MATCH = 1
"""Authentication level of a caller whose number we know (domain.md 2.11)."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """One earlier call of the same customer."""

    at: float
    """Arrival; seconds since 1970 UTC."""

    matter: str = ""
    """Intent; empty: not known."""

    agent: str = ""
    """Who talked with them last in it; empty: nobody."""

    score: int | None = None
    """Satisfaction 1 to 5; None: not said."""

    was_in_vain: bool = False
    """They gave up in the queue: to call again is no second call about it."""


@dataclass(frozen=True, slots=True)
class PastRules:
    """How far back what counts; 0 switches it off."""

    sticky_days: float = 7.0
    repeat_hours: float = 72.0
    low_score: int = 2
    """From this score downwards the agent is not rung for this customer again."""

    avoid_days: float = 90.0


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A caller as we know them. Empty: a stranger."""

    customer: str = ""
    tier: str = ""
    last_agent: str = ""
    """Who handled the same matter last, and may again."""

    avoid: frozenset[str] = frozenset()
    is_repeat: bool = False

    def added_to(self, handoff: Handoff) -> Handoff:
        """What the flow found out counts; what it does not know is filled in. A number that we know is a number
        match, never more."""
        if not self.customer:
            return handoff
        level = handoff.authentication_level if handoff.customer else max(handoff.authentication_level, NUMBER_MATCH)
        return replace(
            handoff, customer=handoff.customer or self.customer, tier=handoff.tier or self.tier,
            authentication_level=level,
        )  # fmt: skip


def acquainted(
    past: Iterable[PastCall], subjects: Iterable[str], matter: str, now: float, rules: PastRules = PastRules()
) -> Acquaintance:
    """What earlier calls say for this one. Customer and tier are not theirs to say.

    Args:
        subjects: agents whom a complaint of this customer was found to be about.
        matter: intent of this call; empty: not known.
    """
    newest_first = sorted(past, key=lambda call: -call.at)
    low = {
        call.agent for call in newest_first
        if call.score is not None and call.score <= rules.low_score and now - call.at <= rules.avoid_days * DAY
    }  # fmt: skip
    avoid = frozenset({*low, *subjects} - {""})
    known = (
        call.agent for call in newest_first
        if call.agent and now - call.at <= rules.sticky_days * DAY and _is_same(call, matter, now, rules)
    )  # fmt: skip
    last = next(known, "")
    recent = (call for call in newest_first if now - call.at <= rules.repeat_hours * HOUR)
    is_repeat = any(not call.was_in_vain and _is_same(call, matter, now, rules) for call in recent)
    return Acquaintance(last_agent="" if last in avoid else last, avoid=avoid, is_repeat=is_repeat)


def _is_same(call: PastCall, matter: str, now: float, rules: PastRules) -> bool:
    """Where one of the matters is not known (they just asked for a person), calls close together are taken for one."""
    if call.matter and matter:
        return call.matter == matter
    return now - call.at <= rules.repeat_hours * HOUR
