"""Pure: what other systems are told of calls, queues and agents, how it is signed, and when it is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ivr.model.signing import signature

NAMES = {"queue.offered": "call.offered", "queue.connected": "call.connected"}
"""Events of the routing that are about the call, under the name a CRM looks for; the others keep theirs."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3600.0
MOST_ATTEMPTS = 30
"""With pauses that double up to an hour: for about a day."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one address."""

    delivery_id: str
    """The same for every attempt: who got it before ignores it."""

    url: str
    body: str
    """JSON as it is sent and signed."""

    attempts: int = 0
    due_at: float = 0.0
    """Seconds since 1970 UTC."""


def body_of(delivery_id: str, name: str, at: float, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": delivery_id, "event": name, "at": round(at, 3), "data": dict(told)}


def is_wanted(name: str, patterns: Sequence[str]) -> bool:
    """`call.*`, `queue.entered`, `*`."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def signature_header(secret: str, timestamp: int, body: str) -> str:
    """Of the header `X-Ivr-Signature`: `t=<timestamp>,v1=<HMAC-SHA256 of "<timestamp>.<body>", hex>`."""
    return f"t={timestamp},v1={signature(secret, str(timestamp), body.encode())}"


def pause_after(attempts: int) -> float:
    """Seconds until the next attempt, after so many failed."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 20))
