"""Pure: what happened to a caller in queues and with people, from the events of the routing (domain.md 2.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ivr.model.calls import CallRecord, DisconnectBy, JournalEntry
from ivr.model.contacts import OfferMade, OfferOutcome, QueueVisit
from ivr.model.events import AgentJoined, QueueLeft
from ivr.model.routing import RoutingEvent

_LEFT = {
    "queue.abandoned": "abandoned",
    "queue.timed_out": "timed_out",
    "queue.exited_empty": "exited_empty",
    "queue.exited_with_key": "exited_with_key",
    "queue.callback_requested": "callback",
}
_FAILED: dict[str, OfferOutcome] = {
    "rejected": "rejected",
    "timed_out": "timed_out",
    "busy": "busy",
    "unreachable": "unreachable",
    "lost_race": "lost_race",
}
"""Every other reason means that we took the offer back: cancelled."""


@dataclass(slots=True)
class Company:
    """Stays in queues and talks with people of one call."""

    visits: list[QueueVisit] = field(default_factory=list)
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    holds: int = 0
    """Talks in which the caller was put on hold."""

    transfers: int = 0
    agent: str = ""
    """Whom they talked with last."""

    answered_at: datetime | None = None
    """First time a person was on the line."""

    parted_at: datetime | None = None
    ended_by: DisconnectBy = ""


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def company_of(events: Iterable[RoutingEvent]) -> Company:
    """Everything from the routing events of one call, oldest first.

    A caller who chose to be called back left with outcome `callback`; the callback is a contact of its own, so what
    comes after is not counted here.
    """
    known = Company()
    for event in events:
        if event.name == "queue.entered":
            _entered(known, event)
        elif event.name == "queue.offer_failed" and known.visits:
            outcome = _FAILED.get(str(event.carries.get("reason")), "cancelled")
            _offered(known, event.agent, float(event.carries.get("ring_ms", 0)) / 1000, outcome)
        elif event.name == "queue.connected" and known.visits:
            _offered(known, event.agent, float(event.carries.get("ring", 0.0)), "accepted")
            _left(known, event, "connected")
            known.agent, known.answered_at = event.agent, known.answered_at or at(event.at)
        elif event.name in _LEFT and known.visits:
            _left(known, event, "overflow" if event.carries.get("overflow") else _LEFT[event.name])
            if event.name == "queue.callback_requested":
                break
        elif event.name in ("call.completed", "call.transferred"):
            _parted(known, event)
    return known


def _entered(known: Company, event: RoutingEvent) -> None:
    known.visits.append(QueueVisit(event.queue, at(event.at), priority=int(event.carries.get("priority", 0))))


def _offered(known: Company, agent: str, seconds: float, outcome: OfferOutcome) -> None:
    visit = known.visits[-1]
    known.visits[-1] = replace(visit, offers=(*visit.offers, OfferMade(agent, seconds, outcome)))


def _left(known: Company, event: RoutingEvent, outcome: str) -> None:
    known.visits[-1] = replace(known.visits[-1], left_at=at(event.at), outcome=outcome, agent=event.agent)


def _parted(known: Company, event: RoutingEvent) -> None:
    hold = float(event.carries.get("hold", 0.0))
    known.talk_seconds += max(0.0, float(event.carries.get("talk", 0.0)))
    known.hold_seconds += hold
    known.holds += hold > 0
    known.parted_at = at(event.at)
    known.agent = event.agent or known.agent
    if event.name == "call.transferred":
        known.transfers += 1
    else:
        known.ended_by = _by(str(event.carries.get("by", "")))


def _by(name: str) -> DisconnectBy:
    known: dict[str, DisconnectBy] = {"customer": "customer", "agent": "agent", "system": "system"}
    return known.get(name, "network" if name == "network" else "")


def company_without_events(record: CallRecord, journal: Sequence[JournalEntry]) -> Company:
    """The same from the call alone, where no routing event was kept (a queue that was closed, an old record)."""
    known, began = Company(), record.answered_at or record.arrived_at
    queues = [str(name) for name in record.stats.get("queues", ())]
    left = [entry for entry in journal if isinstance(entry.event, QueueLeft)]
    joined = [entry for entry in journal if isinstance(entry.event, AgentJoined)]
    for queue, entry in zip(queues, left, strict=False):
        assert isinstance(entry.event, QueueLeft)
        moment = at(began.timestamp() + entry.at)
        outcome, agent = entry.event.outcome, entry.event.agent
        known.visits.append(QueueVisit(queue, moment, moment, outcome, agent))
    known.visits += [QueueVisit(queue, began, record.ended_at, "abandoned") for queue in queues[len(left) :]]
    known.talk_seconds = float(record.stats.get("talk_seconds", 0.0))
    if joined:
        assert isinstance(joined[-1].event, AgentJoined)
        known.agent, known.answered_at = joined[-1].event.agent, at(began.timestamp() + joined[0].at)
    return known
