"""Pure: who is rung for whom: the heart of the routing (domain.md 2.2.3).

Callers choose agents by the strategy of their queue, agents choose callers by class, by the priority their profile
gives the queue, and by score. Both wishes are met by deferred acceptance (Gale and Shapley 1962): each caller asks the
best agent, an agent keeps the best caller who asked. Where profiles name no priorities it is the same as going through
the callers in order. Nobody is left waiting whom a free agent could take (I2), and whoever cannot be placed blocks
nobody (I8).
"""

from collections import deque
from collections.abc import Sequence

from ivr.routing.choosing import Rank, ranked
from ivr.routing.effects import CallBackNow
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.offers import make_offer
from ivr.routing.people import Agent

Place = tuple[float, float, float, float, int]
"""How much an agent wants a caller; smaller is more."""


def dispatch(floor: Floor, now: float) -> None:
    """Ring agents until no waiting caller has an eligible available agent."""
    while True:
        ready = {agent.agent_id: agent for agent in floor.agents.values() if agent.is_ready(now)}
        waiting = [entry for entry in floor.entries.values() if entry.may_be_served(now)] if ready else []
        if not waiting:
            return
        waiting.sort(key=lambda entry: entry.order(now))
        pairs = matched(floor, waiting, ready, now)
        called = False
        for entry, chosen in pairs:
            if _is_customer_first(floor, entry):
                entry.state, called = "calling", True
                floor.do(CallBackNow(entry.entry_id, entry.callback_number))
                continue
            for rank, agent, considered in chosen:
                note_decision(floor, entry, agent, rank, considered, now)
                make_offer(floor, entry, agent, now)
        if not called:
            return  # who is called back first has taken no agent: then others may have them


Chosen = list[tuple[Rank, Agent, int]]


class _Asking:
    """One caller: whom they may still ask."""

    __slots__ = ("considered", "entry", "order", "rest", "rings_all")

    def __init__(self, floor: Floor, entry: QueueEntry, found: Sequence[tuple[Rank, Agent]], now: float) -> None:
        self.entry, self.rest, self.considered = entry, deque(found), len(found)
        self.order = entry.order(now)
        self.rings_all = floor.settings(entry.queue).strategy == "ring_all"

    def place_with(self, agent: Agent) -> Place:
        row = agent.profile.serves(self.entry.queue)
        rank, score, since, number = self.order
        return (rank, float(row.priority if row else 99), score, since, number)


def matched(
    floor: Floor, waiting: Sequence[QueueEntry], ready: dict[str, Agent], now: float
) -> list[tuple[QueueEntry, Chosen]]:
    """A stable matching of callers (in order) and ready agents."""
    held: dict[str, tuple[Place, Rank, _Asking]] = {}
    asking: deque[_Asking] = deque()
    for entry in waiting:
        if found := eligible(floor, entry, ready, now):
            asking.append(_Asking(floor, entry, ranked(floor, entry, found, now), now))
    order = list(asking)
    while asking:
        caller = asking.popleft()
        while caller.rest:
            rank, agent = caller.rest.popleft()
            place = caller.place_with(agent)
            other = held.get(agent.agent_id)
            if other and other[0] < place:
                continue
            held[agent.agent_id] = (place, rank, caller)
            if other and not other[2].rings_all:
                asking.appendleft(other[2])
            if not caller.rings_all:
                break
    result: dict[str, Chosen] = {}
    for agent_id, (_, rank, caller) in held.items():
        result.setdefault(caller.entry.entry_id, []).append((rank, ready[agent_id], caller.considered))
    return [(one.entry, result[one.entry.entry_id]) for one in order if one.entry.entry_id in result]


def eligible(floor: Floor, entry: QueueEntry, ready: dict[str, Agent], now: float) -> list[Agent]:
    """The ready agents who may take the caller now. `why.exclusion` says the same of one agent, in words."""
    fits = floor.fitting(entry.queue, entry.step)
    few, many = (fits, ready) if len(fits) < len(ready) else (ready, fits)
    wait = now - entry.enqueued_at
    return [
        ready[agent_id]
        for agent_id in few
        if agent_id in many
        and fits[agent_id] <= wait
        and agent_id not in entry.avoid
        and entry.excluded_until.get(agent_id, 0.0) <= now
    ]


def _is_customer_first(floor: Floor, entry: QueueEntry) -> bool:
    return bool(entry.callback_number) and floor.settings(entry.queue).callback.mode == "customer_first"


def note_decision(
    floor: Floor, entry: QueueEntry, agent: Agent, rank: Rank, considered: int, now: float, strategy: str = ""
) -> None:
    """Why this agent: kept for whoever asks. `strategy`: instead of the queue's."""
    floor.decisions.append(
        {
            "at": now, "entry_id": entry.entry_id, "queue": entry.queue, "agent": agent.agent_id,
            "strategy": strategy or floor.settings(entry.queue).strategy, "rank": list(rank), "considered": considered,
            "step": entry.step_ix, "waited": round(entry.wait(now), 3), "score": round(entry.score(now), 3),
        }
    )  # fmt: skip
