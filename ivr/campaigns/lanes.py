"""Pure: which case gets the next free line: urgent before routine, never more than trunks, pace and guards allow."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from ivr.model.campaigns import Lane

RESERVED_SHARE = 0.3
"""Of all lines, kept free of routine calls (domain.md 2.8.3)."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What there is to dial with at one moment."""

    most: int
    """Outgoing calls at once."""

    urgent: int = 0
    """Urgent calls under way."""

    routine: int = 0

    @property
    def free(self) -> int:
        return max(0, self.most - self.urgent - self.routine)


def room_for(lines: Lines, lane: Lane, reserved_share: float = RESERVED_SHARE) -> int:
    """How many more calls of a lane may begin: routine ones leave the reserve alone."""
    if lane == "urgent":
        return lines.free
    reserve = max(1, round(lines.most * reserved_share)) if lines.most > 1 else 0
    return max(0, min(lines.free, lines.most - reserve - lines.routine))


@dataclass(slots=True)
class Pace:
    """Token bucket of calls per second on one trunk. `take` is given the time."""

    per_second: float
    burst: float = 1.0
    _tokens: float = field(default=-1.0)
    _at: float = 0.0

    def take(self, at: float) -> bool:
        if self._tokens < 0:
            self._tokens, self._at = self.burst, at
        self._tokens = min(self.burst, self._tokens + (at - self._at) * self.per_second)
        self._at = at
        if self._tokens < 1.0 - 1e-9:
            return False
        self._tokens -= 1.0
        return True

    def wait(self, at: float) -> float:
        """Seconds until the next call may begin."""
        if self._tokens < 0:
            return 0.0
        tokens = self._tokens + (at - self._at) * self.per_second
        return max(0.0, (1.0 - tokens) / self.per_second)


@dataclass(slots=True)
class Breaker:
    """Stops a trunk that fails: open for `rest` seconds when half of the calls of a window failed, then one trial.

    Defaults as in peers.md §5: 50 % of at least 5 calls within 120 s.
    """

    share: float = 0.5
    window: float = 120.0
    least: int = 5
    rest: float = 30.0
    _seen: list[tuple[float, bool]] = field(default_factory=list)
    _opened_at: float | None = None
    _trying: bool = False

    def allows(self, at: float) -> bool:
        """Whether a call may be placed now; after the rest one trial call is, and its result decides."""
        if self._opened_at is None:
            return True
        if self._trying or at - self._opened_at < self.rest:
            return False
        self._trying = True
        return True

    def saw(self, at: float, *, failed: bool) -> bool:
        """Take the result of a call (failed: network_error or congestion); True if the trunk was just stopped."""
        if self._trying:
            self._trying = False
            self._opened_at = at if failed else None
            self._seen.clear()
            return failed
        self._seen = [(when, bad) for when, bad in self._seen if at - when < self.window] + [(at, failed)]
        bad = sum(one for _, one in self._seen)
        if self._opened_at is None and len(self._seen) >= self.least and bad >= self.share * len(self._seen):
            self._opened_at = at
            return True
        return False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def is_rested(self, at: float) -> bool:
        """Whether a trial call may be placed."""
        return self._opened_at is not None and not self._trying and at - self._opened_at >= self.rest


def transfers_fit(live: int, share_transferred: float, free_specialists: int, allowance: int) -> bool:
    """The transfer guard: one more call only while those expected to need a person will find one (2.8.3)."""
    return (live + 1) * share_transferred <= free_specialists + allowance


@dataclass(order=True, slots=True)
class _Waiting:
    due_first: int
    priority: float
    received: float
    case_id: str


@dataclass(slots=True)
class Lanes:
    """Cases that are due, urgent and routine apart. Order within a lane: deadline near, priority, age."""

    _heaps: dict[Lane, list[_Waiting]] = field(default_factory=lambda: {"urgent": [], "routine": []})
    _queued: set[str] = field(default_factory=set)

    def put(self, case_id: str, lane: Lane, *, priority: float, received: float, deadline_near: bool = False) -> None:
        """A case is due. A case that waits already is not put twice."""
        if case_id not in self._queued:
            self._queued.add(case_id)
            heapq.heappush(self._heaps[lane], _Waiting(0 if deadline_near else 1, -priority, received, case_id))

    def drop(self, case_id: str) -> None:
        """The case was settled elsewhere; it is passed over when its turn comes."""
        self._queued.discard(case_id)

    def take(self, lane: Lane) -> str | None:
        """The next case of a lane."""
        heap = self._heaps[lane]
        while heap:
            waiting = heapq.heappop(heap)
            if waiting.case_id in self._queued:
                self._queued.discard(waiting.case_id)
                return waiting.case_id
        return None

    def waiting(self) -> int:
        return len(self._queued)

    def next_calls(self, lines: Lines, *, routine_allowed: bool = True) -> Sequence[tuple[str, Lane]]:
        """Take as many cases as there are lines for: all urgent ones first."""
        taken: list[tuple[str, Lane]] = []
        while room_for(lines, "urgent") and (case := self.take("urgent")):
            taken.append((case, "urgent"))
            lines = Lines(lines.most, lines.urgent + 1, lines.routine)
        while routine_allowed and room_for(lines, "routine") and (case := self.take("routine")):
            taken.append((case, "routine"))
            lines = Lines(lines.most, lines.urgent, lines.routine + 1)
        return taken
