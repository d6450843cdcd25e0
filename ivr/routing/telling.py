"""Pure: what waiting callers are told of their wait, and when (domain.md 2.2.8, 2.2.9)."""

from dataclasses import dataclass, field

from ivr.model.events import QueueNews
from ivr.routing.announcements import Announcing, Told, announce
from ivr.routing.entries import QueueEntry
from ivr.routing.estimates import Handled, effective_agents, estimated_wait, handling_time, recent_mean
from ivr.routing.floor import Floor, Held

LOOK_EVERY = 5.0
"""Seconds between two estimates for one caller."""

CALLBACK_GAP = 120.0
"""Seconds between two offers to call back."""


@dataclass(frozen=True, slots=True)
class Estimate:
    position: int
    """Among those of the queue whom the same agents could serve; 1 is next."""

    seconds: float | None
    """None: nobody works there, nothing can be said."""


def estimate(floor: Floor, entry: QueueEntry, now: float) -> Estimate:
    """How long this caller will still wait.

    Callers of other queues count once: they make the agents they share fewer. Counted in the position as well, the
    estimate was twice the wait (`ivr simulate`: 14 agents of two queues, told 53 s too much in the mean; now 10 s).
    """
    mine, fits = entry.order(now), floor.fitting(entry.queue, entry.steps[-1])
    ahead = sum(
        other.state == "waiting" and other.order(now) < mine and _share(floor, other, fits)
        for other in floor.entries.values()
        if other is not entry and other.queue == entry.queue
    )
    waiting_in = {one.queue for one in floor.entries.values() if one.state != "connected"}
    able = [floor.agents[agent_id] for agent_id in fits if floor.agents[agent_id].is_able]
    busy_queues = [sum(row.queue in waiting_in for row in agent.profile.queues) for agent in able]
    free = sum(agent.is_ready(now) for agent in able)
    recent = _by_recent_waits(floor, entry, now)
    if recent is not None and able and free <= ahead:
        return Estimate(ahead + 1, recent)
    seconds = estimated_wait(ahead + 1, free, effective_agents(busy_queues), handling_of(floor, entry.queue, now))
    return Estimate(ahead + 1, seconds)


def _by_recent_waits(floor: Floor, entry: QueueEntry, now: float) -> float | None:
    """What is left of the wait that callers had lately; None: the queue estimates otherwise, or nobody was answered."""
    if floor.settings(entry.queue).ewt_method != "recent_mean":
        return None
    mean = recent_mean([*floor.waits_of(entry.queue)])
    return None if mean is None else max(0.0, mean - entry.wait(now))


def handling_of(floor: Floor, queue: str, now: float) -> float:
    """Seconds an agent is busy with one contact of the queue."""
    handled = [Handled(ended_at, seconds) for ended_at, seconds in floor.handled_in(queue)]
    return handling_time(handled, now, floor.settings(queue).handling_default)


def _share(floor: Floor, other: QueueEntry, fits: Held) -> bool:
    theirs = floor.fitting(other.queue, other.steps[-1])
    return theirs is fits or not theirs.keys().isdisjoint(fits)


@dataclass(slots=True)
class _Listener:
    told: Told
    looked_at: float = 0.0
    callback_offers: int = 0
    callback_at: float = 0.0


@dataclass(slots=True)
class Announcer:
    """Remembers what each caller was told."""

    _listeners: dict[str, _Listener] = field(default_factory=dict)

    def news(self, floor: Floor, entry_id: str, now: float) -> list[QueueNews]:
        """What this caller is to hear now; mostly nothing."""
        entry = floor.entries.get(entry_id)
        if entry is None or entry.state != "waiting" or entry.callback_number:
            return []
        listener = self._listeners.setdefault(entry_id, _Listener(Told(entry.joined_at)))
        if now - listener.looked_at < LOOK_EVERY:
            return []
        listener.looked_at = now
        settings, found = floor.settings(entry.queue), estimate(floor, entry, now)
        rules = Announcing(settings.announce_first_over, settings.announce_every, settings.announce_min_gap)
        news, listener.told = announce(listener.told, now, found.position, found.seconds, rules)
        said = [news] if news else []
        callback = settings.callback
        # Whoever still waits when the queue closes is offered a call as well (domain.md 2.2.9).
        too_long = (found.seconds or 0.0) > callback.offer_over or not floor.is_open(entry.queue, now)
        long_wait = bool(callback.offer_over) and too_long
        again = not listener.callback_offers or now - listener.callback_at >= CALLBACK_GAP
        if long_wait and again and listener.callback_offers < callback.most_offers:
            listener.callback_offers, listener.callback_at = listener.callback_offers + 1, now
            said.append(QueueNews("callback_offer"))
        return said

    def minutes(self, entry_id: str) -> int:
        """Which this caller was told of last; 0: none."""
        listener = self._listeners.get(entry_id)
        return listener.told.minutes if listener else 0

    def forget(self, entry_id: str) -> None:
        self._listeners.pop(entry_id, None)
