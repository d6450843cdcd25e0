"""Pure: how stays in queues are counted, and the identity that must hold (domain.md 2.3.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.model.contacts import Contact, QueueVisit

FLOW_OUT = frozenset({"timed_out", "overflow", "exited_with_key", "exited_empty", "closed"})
SHORT_ABANDON_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Counts:
    """offered = answered + abandoned + flow_out + callback_converted + in_queue."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    """Part of `abandoned`."""

    flow_out: int = 0
    callback_converted: int = 0
    in_queue: int = 0

    @property
    def unaccounted(self) -> int:
        """Contacts that came and whose end is not known: 0, or something is wrong with the records."""
        known = self.answered + self.abandoned + self.flow_out + self.callback_converted + self.in_queue
        return self.offered - known


def of_queue(contacts: Iterable[Contact], queue: str) -> list[Contact]:
    """These contacts with only their visits to `queue`; who was never there is left out."""
    kept = ((contact, tuple(visit for visit in contact.visits if visit.queue == queue)) for contact in contacts)
    return [replace(contact, visits=visits) for contact, visits in kept if visits]


def is_short(visit: QueueVisit) -> bool:
    return visit.outcome == "abandoned" and visit.wait < SHORT_ABANDON_SECONDS


def count(contacts: Iterable[Contact]) -> Counts:
    """What came and what became of it. An outcome nobody knows shows up as `unaccounted`."""
    visits = [visit for contact in contacts for visit in contact.visits]
    outcomes = [visit.outcome for visit in visits]
    return Counts(
        offered=len(visits),
        answered=outcomes.count("connected"),
        abandoned=outcomes.count("abandoned"),
        short_abandoned=sum(is_short(visit) for visit in visits),
        flow_out=sum(outcome in FLOW_OUT for outcome in outcomes),
        callback_converted=outcomes.count("callback"),
        in_queue=outcomes.count(""),
    )
