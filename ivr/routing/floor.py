"""Pure: everything the routing knows at one moment: queues, agents, callers, offers. One owner, never shared."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.model.errors import NotThere
from ivr.model.people import Requirement
from ivr.model.routing import QueueSettings, RoutingEvent, RoutingStep
from ivr.routing.chance import Chance
from ivr.routing.effects import Effect, Record
from ivr.routing.entries import Offer, QueueEntry
from ivr.routing.people import Agent

IsOpen = Callable[[str, float], bool]
"""Whether a queue is open at a moment (seconds since 1970 UTC)."""

MOST_STEPS_KNOWN = 2_000
MOST_OFFERS_REMEMBERED = 1_000
MOST_HANDLED = 200
MOST_WAITS = 10
MOST_ARRIVALS = 200
MOST_DECISIONS = 1_000

Held = Mapping[str, float]
"""Agents by id who meet a step, and how long a caller must have waited for each."""


def always_open(queue: str, at: float) -> bool:
    return True


@dataclass(slots=True)
class Floor:
    queues: dict[str, QueueSettings] = field(default_factory=dict)
    is_open: IsOpen = always_open
    chance: Chance = field(default_factory=lambda: Chance(1))
    offer_prefix: str = "o"
    agents: dict[str, Agent] = field(default_factory=dict)
    entries: dict[str, QueueEntry] = field(default_factory=dict)
    """Everybody who waits or talks."""

    offers: dict[str, Offer] = field(default_factory=dict)
    """Those that are alive."""

    ended: dict[str, Offer] = field(default_factory=dict)
    """The latest that are not, to tell who accepts too late."""

    effects: list[Effect] = field(default_factory=list)
    last_position: dict[str, int] = field(default_factory=dict)
    """Round robin: the position last offered, by queue."""

    former: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """(caller, queue): the place they had, and until when it is theirs again."""

    handled: dict[str, deque[tuple[float, float]]] = field(default_factory=dict)
    """By queue: (ended at, seconds of talk, hold and wrap-up) of the latest contacts."""

    waits: dict[str, deque[float]] = field(default_factory=dict)
    """By queue: how long the latest answered callers had waited."""

    decisions: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_DECISIONS))
    """Why which agent was chosen; the latest."""

    emergencies: deque[bool] = field(default_factory=lambda: deque(maxlen=MOST_ARRIVALS))
    """Whether the latest callers were."""

    has_many_emergencies: bool = False
    _arrivals: int = 0
    _offers_made: int = 0
    _fits: dict[tuple[str, int], tuple[RoutingStep, Held]] = field(default_factory=dict)
    _steps: dict[RoutingStep, RoutingStep] = field(default_factory=dict)

    # -- finding

    def settings(self, queue: str) -> QueueSettings:
        """Of a queue; one that nobody configured has the defaults."""
        found = self.queues.get(queue)
        if found is None:
            found = self.queues[queue] = QueueSettings(queue)
        return found

    def agent(self, agent_id: str) -> Agent:
        if found := self.agents.get(agent_id):
            return found
        raise NotThere(f"there is no agent {agent_id!r}")

    def entry(self, entry_id: str) -> QueueEntry:
        if found := self.entries.get(entry_id):
            return found
        raise NotThere("nobody waits under this number: they have left, or a person has answered and hung up")

    def waiting(self) -> list[QueueEntry]:
        return [entry for entry in self.entries.values() if entry.state == "waiting"]

    def in_line(self, queue: str, now: float) -> list[QueueEntry]:
        """Who has not been answered yet, the next first."""
        found = [one for one in self.entries.values() if one.queue == queue and one.state != "connected"]
        return sorted(found, key=lambda one: one.order(now))

    def position(self, entry: QueueEntry, now: float) -> int:
        """Place in the line of the queue; 1 is next."""
        mine = entry.order(now)
        return 1 + sum(
            one.queue == entry.queue and one.state != "connected" and one.order(now) < mine
            for one in self.entries.values()
        )

    def waits_of(self, queue: str) -> deque[float]:
        return self.waits.setdefault(queue, deque(maxlen=MOST_WAITS))

    def handled_in(self, queue: str) -> deque[tuple[float, float]]:
        return self.handled.setdefault(queue, deque(maxlen=MOST_HANDLED))

    # -- numbering

    def next_arrival(self) -> int:
        self._arrivals += 1
        return self._arrivals

    def next_offer(self) -> str:
        self._offers_made += 1
        return f"{self.offer_prefix}{self._offers_made}"

    # -- telling

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def record(self, name: str, now: float, entry: QueueEntry | None = None, agent: str = "",
               offer_id: str = "", queue: str = "", **carries: Any) -> None:  # fmt: skip
        entry_id, queue = (entry.entry_id, entry.queue) if entry else ("", queue)
        self.do(Record(RoutingEvent(name, now, entry_id, queue, agent, offer_id, carries)))

    # -- who meets a step (skills change rarely, so the answer is kept)

    def interned(self, steps: Iterable[RoutingStep]) -> tuple[RoutingStep, ...]:
        """The same objects for the same steps, so that callers who ask the same share the answer."""
        return tuple(self._steps.setdefault(step, step) for step in steps)

    def fitting(self, queue: str, step: RoutingStep) -> Held:
        """Agents of the queue who meet the step, whatever they do just now. The step is kept with the answer: as
        long as it is, nothing else can have its identity."""
        key = (queue, id(step))
        if (found := self._fits.get(key)) is not None:
            return found[1]
        if len(self._fits) >= MOST_STEPS_KNOWN:
            self.forget_fits()
        held = {
            agent.agent_id: row.delay_seconds
            for agent in self.agents.values()
            if (row := agent.profile.serves(queue)) and not unmet(agent, step)
        }
        self._fits[key] = (step, held)
        return held

    def forget_fits(self) -> None:
        self._fits.clear()
        self._steps.clear()


def unmet(agent: Agent, step: RoutingStep) -> str:
    """The first thing a step asks that this agent is not or has not; empty: they meet it."""
    if step.agents is not None and agent.agent_id not in step.agents:
        return f"the step is for {', '.join(sorted(step.agents))} only"
    for need in step.all_of:
        if need.mandatory and agent.profile.skills.get(need.skill, 0) < need.min_level:
            return lacking(agent, need)
    if step.any_of and not any(agent.profile.skills.get(need.skill, 0) >= need.min_level for need in step.any_of):
        return "has none of " + ", ".join(f"{need.skill}>={need.min_level}" for need in step.any_of)
    return ""


def lacking(agent: Agent, need: Requirement) -> str:
    level = agent.profile.skills.get(need.skill, 0)
    return f"has {need.skill} {level} of {need.min_level}" if level else f"has not {need.skill}>={need.min_level}"
