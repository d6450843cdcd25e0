"""Pure: when the routing must next be told that time has passed.

The server ticks every 250 ms; nothing happens in most ticks. Ticking only on the first one after each deadline has the
same outcome (a test compares) and makes a day pass in seconds.
"""

import math
from collections.abc import Iterator

from ivr.routing.centre import TICK_SECONDS
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.leaving import EMPTY_CHECK


def next_tick(floor: Floor, decided_at: float) -> float:
    """The first tick at which something may change that the routing could not yet see when it last decided; infinity:
    nothing will change by itself."""
    due = min((at for at in _deadlines(floor) if at > decided_at), default=math.inf)
    return due if math.isinf(due) else math.ceil(due / TICK_SECONDS) * TICK_SECONDS


def _deadlines(floor: Floor) -> Iterator[float]:
    for agent in floor.agents.values():
        if agent.state == "wrap_up" and agent.wrap_up_until is not None and agent.wrap_up.kind != "mandatory":
            yield agent.wrap_up_until
        if agent.state == "available":
            yield agent.ready_at
    for offer in floor.offers.values():
        yield offer.made_at + offer.limit
        if offer.rang_at is not None:
            yield offer.rang_at + offer.ring_seconds
    for entry in floor.entries.values():
        if entry.state in ("waiting", "offered"):
            yield from _of_entry(floor, entry)


def _of_entry(floor: Floor, entry: QueueEntry) -> Iterator[float]:
    settings = floor.settings(entry.queue)
    if entry.step.expires_after is not None:
        yield entry.step_since + entry.step.expires_after
    if settings.max_wait:
        yield entry.joined_at + settings.max_wait
    if settings.leave_when_empty:
        yield entry.empty_checked + EMPTY_CHECK
        if entry.empty_since is not None:
            yield entry.empty_since + settings.empty_grace
    if entry.callback_number:
        yield entry.callback_at
    yield from entry.excluded_until.values()
    for delay in floor.fitting(entry.queue, entry.step).values():
        yield entry.enqueued_at + delay
