"""Pure: head starts, in seconds (domain.md 2.2.3). They add up to at most 300: nobody is overtaken for ever."""

MOST = 300
TIERS = {"gold": 60, "vip": 120}
REPEAT_CALLER = 45
"""The same issue within 72 hours."""

RED_MOOD = 120
TRANSFERRED = 30
HARD_TO_PLACE = 60
LINE_LOST = 30
RED = -0.5
"""Running mood from which on it is red (domain.md App. A, `emotion.red`)."""


def head_start(asked: int, tier: str = "", mood: float | None = None, *, is_repeat: bool = False) -> int:
    """The `base_priority` of a caller: what the flow asks, their tier, their mood, and whether they call again."""
    total = asked + TIERS.get(tier, 0) + (REPEAT_CALLER if is_repeat else 0)
    if mood is not None and mood <= RED:
        total += RED_MOOD
    return capped(total)


def capped(priority: int) -> int:
    return max(-MOST, min(MOST, priority))
