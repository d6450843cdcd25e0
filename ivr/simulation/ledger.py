"""Pure: what happened in a simulated centre, as contacts that the reports of `ivr.insight` can count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ivr.model.contacts import Contact, OfferMade, OfferOutcome, QueueVisit
from ivr.model.routing import RoutingEvent

ENDINGS: dict[str, str] = {
    "queue.connected": "connected",
    "queue.abandoned": "abandoned",
    "queue.timed_out": "timed_out",
    "queue.exited_empty": "exited_empty",
    "queue.exited_with_key": "exited_with_key",
    "queue.callback_requested": "callback",
}
"""Event to how the stay in the queue ended (domain.md 2.1)."""

OFFER_ENDINGS: dict[str, OfferOutcome] = {
    "rejected": "rejected",
    "timed_out": "timed_out",
    "busy": "busy",
    "unreachable": "unreachable",
    "lost_race": "lost_race",
}
"""Anything else: cancelled."""


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@dataclass(slots=True)
class Story:
    """One caller's."""

    entry_id: str
    kind: str
    """Which of the plan's callers."""

    arrived_at: float
    visits: list[QueueVisit] = field(default_factory=list)
    queue: str = ""
    """Where they are waiting; empty: nowhere."""

    estimate: float | None = None
    offers: list[OfferMade] = field(default_factory=list)
    agent: str = ""
    talk: float = 0.0
    hold: float = 0.0
    writing: float = 0.0
    transfers: int = 0
    by: str = ""

    def contact(self) -> Contact:
        return Contact(
            self.entry_id,
            moment(self.arrived_at),
            topic=self.kind,
            agent=self.agent,
            disconnect_by="customer" if self.by else "",
            end_reason="agent_completed" if self.by else "",
            handled_by="agent" if self.agent else "none",
            visits=(*self.visits, *self._still_waiting()),
            talk_seconds=self.talk,
            hold_seconds=self.hold,
            wrap_up_seconds=self.writing,
            transfers=self.transfers,
        )

    def _still_waiting(self) -> tuple[QueueVisit, ...]:
        return (self._visit(None, ""),) if self.queue else ()

    def _visit(self, left_at: float | None, outcome: str, agent: str = "") -> QueueVisit:
        """`enqueued_at` stays what it was at first, whatever queue comes after it (domain.md 2.2.7)."""
        return QueueVisit(
            self.queue,
            moment(self.arrived_at),
            None if left_at is None else moment(left_at),
            outcome,
            agent,
            announced_seconds=self.estimate,
            offers=tuple(self.offers),
        )

    def leaves(self, at: float, outcome: str, agent: str = "") -> None:
        self.visits.append(self._visit(at, outcome, agent))
        self.queue, self.offers = "", []


@dataclass(slots=True)
class Ledger:
    stories: dict[str, Story] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    """What no caller's story may contain (I9)."""

    def joins(self, entry_id: str, kind: str, at: float) -> None:
        self.stories[entry_id] = Story(entry_id, kind, at)

    def is_gone(self, entry_id: str, queue: str, outcome: str, at: float) -> None:
        """Who goes without ever having entered was not let in: closed, full, or nobody there."""
        story = self.stories[entry_id]
        if not story.visits:
            story.queue = queue
            story.leaves(at, outcome)

    def expects(self, entry_id: str, estimate: float | None) -> None:
        self.stories[entry_id].estimate = estimate

    def wrote(self, entry_id: str, seconds: float) -> None:
        self.stories[entry_id].writing += seconds

    def contacts(self, since: float) -> list[Contact]:
        """Of those who arrived from then on."""
        return [story.contact() for story in self.stories.values() if story.arrived_at >= since]

    def saw(self, event: RoutingEvent) -> None:
        story = self.stories.get(event.entry_id)
        if story is None:
            return
        if event.name == "queue.entered":
            self._entered(story, event)
        elif event.name in ENDINGS:
            self._left(story, event)
        elif event.name == "queue.offer_failed":
            story.offers.append(_failed(event))
        elif event.name in ("call.completed", "call.transferred"):
            _talked(story, event.carries)
            story.transfers += event.name == "call.transferred"

    def _entered(self, story: Story, event: RoutingEvent) -> None:
        if story.queue:
            self.broken.append(f"I9: {story.entry_id} enters {event.queue} and is in {story.queue} already")
        story.queue = event.queue

    def _left(self, story: Story, event: RoutingEvent) -> None:
        called_back = event.name == "queue.connected" and bool(story.visits) and story.visits[-1].outcome == "callback"
        if called_back:
            story.agent = event.agent
            return
        if not story.queue:
            self.broken.append(f"I9: {story.entry_id} leaves a queue twice: {event.name}")
            return
        if event.name == "queue.connected":
            story.agent = event.agent
            story.offers.append(OfferMade(event.agent, event.carries["ring"], "accepted"))
        outcome = "overflow" if event.carries.get("overflow") else ENDINGS[event.name]
        story.leaves(event.at, outcome, story.agent)


def _failed(event: RoutingEvent) -> OfferMade:
    outcome = OFFER_ENDINGS.get(event.carries["reason"], "cancelled")
    return OfferMade(event.agent, event.carries["ring_ms"] / 1000, outcome)


def _talked(story: Story, carries: Mapping[str, Any]) -> None:
    story.talk += carries["talk"]
    story.hold += carries["hold"]
    story.by = carries.get("by", "agent")


def kinds(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    """Contacts by which of the plan's callers they are."""
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        found.setdefault(contact.topic, []).append(contact)
    return found
