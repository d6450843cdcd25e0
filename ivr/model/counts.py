"""Pure: contacts as numbers that can be added up, alone and by quarter hour, hour or day (`ivr.insight.counting`).

Nothing in them says who called: no number, no customer, no words.
"""

from dataclasses import dataclass
from datetime import datetime

QUARTER, HOUR, DAY = 900, 3_600, 86_400
LENGTHS = (QUARTER, HOUR, DAY)
"""Lengths of what is added up, seconds. They begin at multiples of their length since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What metrics add up. Both are packed arrays; empty: nothing was counted."""

    sums: bytes = b""
    """Little-endian pairs (uint32 id, float64 sum), `ivr.insight.counting`."""

    spread: bytes = b""
    """Little-endian (uint32 id, int16 bucket, uint32 values, float64 sum of them), `ivr.insight.spreads`."""


@dataclass(frozen=True, slots=True)
class CountedContact:
    """One contact, or what of it belongs to one of several queues, as numbers."""

    contact_id: str
    part: int
    """0: the whole contact; from 1: only its stays in `queue`."""

    counted_at: datetime
    """When it came to the (first) queue, else when it arrived (domain.md 2.3)."""

    flow: str
    flow_version: str
    language: str
    direction: str
    intent: str
    topic: str
    agent: str
    queue: str
    """Of part 0: the only queue it was in; empty for none, and for several, which are parts of their own."""

    numbers: Numbers
    recount_at: datetime | None = None
    """From then on the same facts say something else: nobody has come back for a week."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Numbers of all contacts that have something in common, over a stretch of time."""

    begin_s: int
    """Seconds since 1970 UTC."""

    flow: str
    key: str
    """The queue, intent … that they have in common; empty where the cells are of all."""

    numbers: Numbers
