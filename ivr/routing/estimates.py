"""Pure: how long will this caller wait? Position and handling time, or what callers waited lately (domain.md 2.2.8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DEFAULT_HANDLING_SECONDS = 240.0
"""Handling time of a queue that has not handled anything lately (domain.md App. A, `ewt.aht_default`)."""

HANDLING_ALPHA = 0.1
HANDLING_WINDOW_SECONDS = 3600.0
RECENT_ANSWERS = 10
"""How many answered calls `recent_mean` looks at (Ivanti's rule, domain.md 2.2.8)."""


@dataclass(frozen=True, slots=True)
class Handled:
    """One contact that an agent has finished."""

    ended_at: float
    """Monotonic seconds."""

    seconds: float
    """Talk, hold and wrap-up."""


def estimated_wait(position: int, free_agents: int, effective_agents: float, handling_seconds: float) -> float | None:
    """EWT := 0 if f >= p else (p - f) * AHT / N_eff, in seconds; None: nobody works there, nothing can be said.

    `position` is 1 for the next caller. Exact in expectation for exponential handling times (domain.md 2.2.8).
    """
    if free_agents >= position:
        return 0.0
    if effective_agents <= 0:
        return None
    return (position - free_agents) * handling_seconds / effective_agents


def effective_agents(queues_waiting: Iterable[int]) -> float:
    """N_eff: one item per eligible agent at work: how many of their queues have callers waiting.

    An agent shared by two waiting queues is half an agent for each (domain.md 2.2.8, after Google CCAI).
    """
    return sum(1 / max(1, queues) for queues in queues_waiting)


def handling_time(handled: Sequence[Handled], now: float, default: float = DEFAULT_HANDLING_SECONDS) -> float:
    """Seconds an agent is busy with one contact: EWMA (alpha 0.1) of the last 60 minutes, oldest first.

    The weights are normalised, so that ten short calls are not read against a first long one; nothing in the window:
    `default`.
    """
    weighted = weights = 0.0
    for contact in handled:
        if now - contact.ended_at <= HANDLING_WINDOW_SECONDS:
            weighted = (1 - HANDLING_ALPHA) * weighted + HANDLING_ALPHA * contact.seconds
            weights = (1 - HANDLING_ALPHA) * weights + HANDLING_ALPHA
    return weighted / weights if weights else default


def recent_mean(answered_waits: Sequence[float]) -> float | None:
    """Mean wait of the last ten answered calls, oldest first, without abandoned ones. None: no answers yet."""
    last = answered_waits[-RECENT_ANSWERS:]
    return sum(last) / len(last) if last else None


def asterisk_hold(average: int | None, sample: int) -> int:
    """Asterisk's running hold time, (3 * old + sample) / 4 in whole seconds, to compare reports with theirs
    (app_queue.c, domain.md 2.2.1)."""
    return sample if average is None else (3 * average + sample) // 4
