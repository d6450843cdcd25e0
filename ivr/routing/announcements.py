"""Pure: when a waiting caller is told how it goes, and what. Never a longer time than before (domain.md 2.2.8)."""

from dataclasses import dataclass, replace

from ivr.model.events import QueueNews

LADDER = (1, 2, 3, 5, 8, 10, 15, 20, 30)
"""Minutes that are ever spoken."""

BEYOND_LADDER = 31
"""More than the ladder: "over thirty minutes"."""


@dataclass(frozen=True, slots=True)
class Announcing:
    """When to speak. Seconds; defaults are domain.md App. A, `announce.*`."""

    at_once_above: float = 30.0
    """The first announcement comes at once if the estimate is longer than this."""

    every: float = 75.0
    """60 to 90."""

    min_gap: float = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """What one caller was told so far."""

    joined_at: float
    """Monotonic seconds, as every time here."""

    last_at: float | None = None
    minutes: int = 0
    """Shortest time announced; 0: none."""

    promised_by: float | None = None
    """The earliest moment by which an announcement said it would be their turn."""

    was_next: bool = False


def minutes_of(seconds: float) -> int:
    """The wait rounded up to the next step of the ladder."""
    return next((step for step in LADDER if seconds <= step * 60), BEYOND_LADDER)


def announce(
    told: Told, now: float, position: int, estimate: float | None, rules: Announcing = Announcing()
) -> tuple[QueueNews | None, Told]:
    """What to say to this caller now, if anything, and what they were told then.

    `position` is 1 for the next caller; `estimate` in seconds, None where nothing can be said. Time is left out once
    the caller has waited longer than announced; becoming the next one is told early.
    """
    if not _due(told, now, position, estimate, rules):
        return None, told
    minutes = _minutes(told, now, estimate)
    is_next = position <= 1
    news = QueueNews("next" if is_next else "position", position, minutes)
    after = replace(told, last_at=now, was_next=is_next)
    if not minutes:
        return news, after
    promise = now + minutes * 60
    earliest = promise if told.promised_by is None else min(promise, told.promised_by)
    return news, replace(after, minutes=minutes, promised_by=earliest)


def _due(told: Told, now: float, position: int, estimate: float | None, rules: Announcing) -> bool:
    if told.last_at is None:
        long_wait = estimate is not None and estimate > rules.at_once_above
        return long_wait or now - told.joined_at >= rules.every
    since = now - told.last_at
    became_next = position <= 1 and not told.was_next
    return since >= (rules.min_gap if became_next else rules.every)


def _minutes(told: Told, now: float, estimate: float | None) -> int:
    if estimate is None or (told.promised_by is not None and now > told.promised_by):
        return 0
    fresh = minutes_of(estimate)
    return min(fresh, told.minutes) if told.minutes else fresh
