"""Pure: a caller's place in a queue, and an offer of it to an agent."""

from dataclasses import dataclass, field
from typing import Literal

from ivr.model.people import Requirement
from ivr.model.routing import KeptPlace, RoutingStep

EntryState = Literal["waiting", "offered", "calling", "connected"]
"""calling: the customer of a callback is being called."""

STRICT = 1e9
"""What a second of priority weighs where priority comes before everything: longer than any wait."""


@dataclass(slots=True)
class QueueEntry:
    entry_id: str
    queue: str
    enqueued_at: float
    """Seconds since 1970 UTC. Failed offers, overflow and restarts never change it (I5)."""

    joined_at: float
    """When they came to this queue: overflow and re-queueing begin a new stay."""

    number: int
    """Of the arrival; settles ties."""

    steps: tuple[RoutingStep, ...]
    step_since: float
    base_priority: int = 0
    class_rank: int = 0
    age_rate: float = 1.0
    is_strict: bool = False
    call_id: str = ""
    caller: str = ""
    language: str = ""
    tier: str = ""
    reason: str = ""
    asked: tuple[Requirement, ...] = ()
    """What the flow asked for, to build the steps of another queue from."""

    last_agent: str = ""
    step_ix: int = 0
    avoid: set[str] = field(default_factory=set)
    excluded_until: dict[str, float] = field(default_factory=dict)
    state: EntryState = "waiting"
    offers: list[str] = field(default_factory=list)
    failed_offers: int = 0
    callback_number: str = ""
    callback_attempts: int = 0
    callback_at: float = 0.0
    """Not before this is the customer called."""

    original_position: int = 0
    empty_since: float | None = None
    empty_checked: float = 0.0
    first_queue: str = ""
    """Where they first came; overflow and transfers lead elsewhere."""

    been_in: tuple[str, ...] = ()
    """Queues it has been in, so that overflow does not go in circles."""

    agent_id: str = ""
    connected_at: float = 0.0
    held_seconds: float = 0.0
    hold_since: float | None = None

    @property
    def step(self) -> RoutingStep:
        return self.steps[self.step_ix]

    def wait(self, now: float) -> float:
        return now - self.enqueued_at

    def score(self, now: float) -> float:
        """base_priority + age_rate * wait, in seconds (domain.md 2.2.3)."""
        weight = STRICT if self.is_strict else 1.0
        return self.base_priority * weight + self.age_rate * (now - self.enqueued_at)

    def order(self, now: float) -> tuple[float, float, float, int]:
        """Smallest first."""
        return (-self.class_rank, -self.score(now), self.enqueued_at, self.number)

    def may_be_served(self, now: float) -> bool:
        return self.state == "waiting" and (not self.callback_number or self.callback_at <= now)

    def kept(self) -> KeptPlace:
        return KeptPlace(
            self.entry_id, self.call_id, self.queue, self.caller, self.enqueued_at, self.base_priority,
            bool(self.class_rank), self.tier, self.language, self.asked, tuple(sorted(self.avoid)),
            self.callback_number, self.callback_attempts, self.reason,
        )  # fmt: skip


@dataclass(slots=True)
class Offer:
    offer_id: str
    entry_id: str
    agent_id: str
    made_at: float
    ring_seconds: float
    limit: float
    """Seconds after `made_at` when it ends, whatever became of the telephone."""

    rang_at: float | None = None
    is_pull: bool = False

    def has_expired(self, now: float) -> bool:
        if self.rang_at is not None and now - self.rang_at >= self.ring_seconds:
            return True
        return now - self.made_at >= self.limit

    def rang_for(self, now: float) -> float:
        return 0.0 if self.rang_at is None else now - self.rang_at
