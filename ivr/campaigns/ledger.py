"""Pure: from the alarm to the ring and the verdict, stage by stage: how long each took, and what was too late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.model.percentiles import percentile

STAGES = ("occurred", "received", "accepted", "dialled", "ringing", "answered", "verified", "acted", "reported")
"""t0 to t8 of domain.md 2.8.1; `verified` is the verdict, `acted` the action on the card."""


@dataclass(frozen=True, slots=True)
class Goal:
    """From one stage to another within so many seconds."""

    name: str
    begins: str
    ends: str
    seconds: float


GOALS = (
    Goal("event_to_dial", "received", "dialled", 5.0),
    Goal("event_to_answer", "occurred", "answered", 30.0),
    Goal("event_to_verdict", "occurred", "verified", 60.0),
    Goal("verdict_to_action", "verified", "acted", 2.0),
)
"""Defaults of domain.md 2.8.1."""


@dataclass(frozen=True, slots=True)
class Breach:
    case_id: str
    goal: str
    seconds: float
    """How long it took, or how long it has been waiting."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The stages of one case."""

    case_id: str
    times: Mapping[str, datetime] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    """Why it waited, as far as known: window, cap_day, no_line, trunk_down, no_answer …"""


@dataclass(frozen=True, slots=True)
class Percentiles:
    count: int
    p50: float | None
    p95: float | None
    p99: float | None


def seconds_between(entry: Entry, begins: str, ends: str) -> float | None:
    start, end = entry.times.get(begins), entry.times.get(ends)
    return (end - start).total_seconds() if start and end else None


def percentiles(entries: Iterable[Entry], goal: Goal) -> Percentiles:
    took = [seconds for entry in entries if (seconds := seconds_between(entry, goal.begins, goal.ends)) is not None]
    return Percentiles(len(took), percentile(took, 0.50), percentile(took, 0.95), percentile(took, 0.99))


def breaches(entries: Iterable[Entry], now: datetime, goals: Sequence[Goal] = GOALS) -> list[Breach]:
    """What took, or has been taking, longer than its goal, with the reason that is known."""
    found = []
    for entry in entries:
        for goal in goals:
            start = entry.times.get(goal.begins)
            if start is None or ("reported" in entry.times and goal.ends not in entry.times):
                continue  # never began, or the case ended without this stage
            seconds = ((entry.times.get(goal.ends) or now) - start).total_seconds()
            if seconds > goal.seconds:
                found.append(Breach(entry.case_id, goal.name, seconds, ",".join(entry.reasons) or "unknown"))
    return found
