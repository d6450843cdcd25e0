"""Pure: offers of a caller to an agent and how they end (domain.md 2.2.4). An offer ends once; then it is ignored."""

from typing import Literal

from ivr.routing.effects import BeingRung, CallBackNow, CancelOffer, Connect, PlaceChanged, Ring
from ivr.routing.entries import Offer, QueueEntry
from ivr.routing.floor import MOST_OFFERS_REMEMBERED, Floor
from ivr.routing.people import Agent
from ivr.routing.presence import changed, free, log_out
from ivr.routing.priority import HARD_TO_PLACE, capped

FailedHow = Literal["rejected", "timed_out", "busy", "unreachable"]
HARD_AFTER = 3
"""Failed offers until a supervisor is told, and the caller moves up."""


def make_offer(floor: Floor, entry: QueueEntry, agent: Agent, now: float, *, is_pull: bool = False) -> Offer:
    """Reserve the agent and ring. The agent must be free: an agent has one offer at most (I1)."""
    rules = floor.settings(entry.queue).offer
    limit = rules.ring + rules.hard_limit
    offer = Offer(floor.next_offer(), entry.entry_id, agent.agent_id, now, rules.ring, limit, is_pull=is_pull)
    floor.offers[offer.offer_id] = offer
    first = not entry.offers
    entry.offers.append(offer.offer_id)
    entry.state = "offered"
    agent.offer_id = offer.offer_id
    agent.enter("reserved", now)
    floor.last_position[entry.queue] = agent.profile.tier_position
    floor.record(
        "queue.offered", now, entry, agent.agent_id, offer.offer_id, step=entry.step_ix, wait=round(entry.wait(now), 3)
    )
    changed(floor, agent)
    floor.do(Ring(offer.offer_id, agent.agent_id, entry.entry_id, rules.ring))
    if first and not entry.callback_number:
        floor.do(BeingRung(entry.entry_id))
    return offer


def rang(floor: Floor, offer_id: str, now: float) -> None:
    if (offer := floor.offers.get(offer_id)) and offer.rang_at is None:
        offer.rang_at = now
        agent = floor.agents[offer.agent_id]
        agent.enter("ringing", now)
        changed(floor, agent)


def accepted(floor: Floor, offer_id: str, now: float) -> None:
    """The first who accepts has the caller; whoever comes later is told."""
    offer = floor.offers.get(offer_id)
    if offer is None:
        if late := floor.ended.get(offer_id):
            floor.do(CancelOffer(offer_id, late.agent_id, late.entry_id, "too_late"))
        return
    entry, agent = floor.entries[offer.entry_id], floor.agents[offer.agent_id]
    _close(floor, offer, entry)
    withdraw(floor, entry, "lost_race", now)
    ring_seconds = offer.rang_for(now)
    if entry.callback_number:
        entry.state, entry.agent_id, entry.connected_at = "calling", agent.agent_id, now
        agent.missed, agent.unreachable, agent.entry_id = 0, 0, entry.entry_id
        agent.enter("on_call", now, "callback")
        changed(floor, agent)
        floor.do(CallBackNow(entry.entry_id, entry.callback_number, offer_id, agent.agent_id))
        return
    connect(floor, entry, agent, offer_id, ring_seconds, now)


def connect(floor: Floor, entry: QueueEntry, agent: Agent, offer_id: str, ring_seconds: float, now: float) -> None:
    wait = entry.wait(now)
    position = floor.position(entry, now)
    entry.state, entry.agent_id, entry.connected_at = "connected", agent.agent_id, now
    entry.held_seconds, entry.hold_since = 0.0, None
    agent.missed, agent.unreachable = 0, 0
    agent.entry_id, agent.handled_from, agent.handled_queue = entry.entry_id, now, entry.queue
    agent.calls_today += 1
    agent.enter("on_call", now)
    floor.waits_of(entry.queue).append(wait)
    floor.record(
        "queue.connected", now, entry, agent.agent_id, offer_id, hold=round(wait, 3), ring=round(ring_seconds, 3),
        position=position, original_position=entry.original_position,
    )  # fmt: skip
    changed(floor, agent)
    floor.do(PlaceChanged(entry.entry_id, gone=True))
    floor.do(Connect(offer_id, agent.agent_id, entry.entry_id))


def failed(floor: Floor, offer_id: str, how: FailedHow, now: float) -> None:
    """Back to waiting at the same place; what the agent gets for it stands in the table of domain.md 2.2.4."""
    offer = floor.offers.get(offer_id)
    if offer is None:
        return
    entry, agent = floor.entries[offer.entry_id], floor.agents[offer.agent_id]
    rules = floor.settings(entry.queue).offer
    _close(floor, offer, entry)
    excluded = rules.reject_delay if how == "rejected" else rules.missed_exclusion
    entry.excluded_until[agent.agent_id] = now + excluded
    floor.record(
        "queue.offer_failed", now, entry, agent.agent_id, offer_id, reason=how,
        ring_ms=round(offer.rang_for(now) * 1000),
    )  # fmt: skip
    _count_failure(floor, entry, now)
    match how:
        case "rejected":
            agent.rejects += 1
            free(floor, agent, now, cool_down=rules.reject_delay)
        case "timed_out":
            agent.missed += 1
            if agent.missed >= rules.max_missed:
                agent.enter("not_responding", now)
                changed(floor, agent)
            else:
                free(floor, agent, now, cool_down=rules.missed_delay, idle_from=now)
        case "busy":
            free(floor, agent, now, cool_down=rules.busy_delay)
        case "unreachable":
            agent.unreachable += 1
            if agent.unreachable >= rules.max_unreachable:
                log_out(floor, agent, now, "unreachable")
            else:
                free(floor, agent, now, cool_down=rules.unreachable_delay)


def withdraw(floor: Floor, entry: QueueEntry, reason: str, now: float) -> None:
    """End all offers of a caller without blame: the agents are as they were, idle since when they were."""
    for offer_id in list(entry.offers):
        offer = floor.offers[offer_id]
        agent = floor.agents[offer.agent_id]
        _close(floor, offer, entry)
        floor.record(
            "queue.offer_failed", now, entry, agent.agent_id, offer_id, reason=reason,
            ring_ms=round(offer.rang_for(now) * 1000),
        )  # fmt: skip
        floor.do(CancelOffer(offer_id, agent.agent_id, entry.entry_id, reason))
        free(floor, agent, now)


def withdraw_from(floor: Floor, agent: Agent, reason: str, now: float) -> None:
    """The agent goes away while being rung."""
    offer = floor.offers[agent.offer_id]
    entry = floor.entries[offer.entry_id]
    _close(floor, offer, entry)
    floor.record("queue.offer_failed", now, entry, agent.agent_id, offer.offer_id, reason=reason,
                 ring_ms=round(offer.rang_for(now) * 1000))  # fmt: skip
    floor.do(CancelOffer(offer.offer_id, agent.agent_id, entry.entry_id, reason))


def expire_offers(floor: Floor, now: float) -> None:
    for offer in [one for one in floor.offers.values() if one.has_expired(now)]:
        floor.do(CancelOffer(offer.offer_id, offer.agent_id, offer.entry_id, "timed_out"))
        failed(floor, offer.offer_id, "timed_out", now)


def _close(floor: Floor, offer: Offer, entry: QueueEntry) -> None:
    del floor.offers[offer.offer_id]
    floor.ended[offer.offer_id] = offer
    while len(floor.ended) > MOST_OFFERS_REMEMBERED:
        del floor.ended[next(iter(floor.ended))]
    entry.offers.remove(offer.offer_id)
    floor.agents[offer.agent_id].offer_id = ""
    if not entry.offers and entry.state == "offered":
        entry.state = "waiting"


def _count_failure(floor: Floor, entry: QueueEntry, now: float) -> None:
    entry.failed_offers += 1
    if entry.failed_offers == HARD_AFTER:
        entry.base_priority = capped(entry.base_priority + HARD_TO_PLACE)
        floor.record("routing.hard_to_place", now, entry, failed_offers=entry.failed_offers)
        floor.do(PlaceChanged(entry.entry_id))
