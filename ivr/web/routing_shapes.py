"""Queues, agents and waiting callers as the API shows them. Times are seconds unless they say otherwise."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.model.people import AgentProfile, ServedQueue
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.people import IN_A_CALL, Agent
from ivr.routing.tally import QueueTally
from ivr.routing.telling import estimate
from ivr.routing.why import Why

Level = Annotated[int, Field(ge=1, le=5)]


class ServedShape(BaseModel):
    queue: str
    priority: Annotated[int, Field(ge=1, le=99)] = 1
    delay_seconds: Annotated[float, Field(ge=0.0, le=9999.0)] = 0.0


class AgentWish(BaseModel):
    """Who an agent is: everything, as it shall be from now on."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=100)
    skills: dict[str, Level] = {}
    queues: list[ServedShape] = []
    phone: str = Field(default="", pattern=r"^(|\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+)$")
    tier_level: Annotated[int, Field(ge=1)] = 1
    tier_position: Annotated[int, Field(ge=0)] = 0
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    one_shot: bool = False

    def profile(self, agent_id: str) -> AgentProfile:
        rows = tuple(ServedQueue(row.queue, row.priority, row.delay_seconds) for row in self.queues)
        return AgentProfile(
            agent_id, self.name, dict(self.skills), rows, self.phone, self.tier_level, self.tier_position, self.weight,
            self.one_shot,
        )  # fmt: skip


class AgentShape(AgentWish):
    agent_id: str
    state: str
    reason: str
    since: datetime
    next_state: str
    offer_id: str
    entry_id: str
    """Whom they talk with."""

    cools_down_for: float
    wrap_up_left: float | None
    missed: int
    calls_today: int
    talk_today: float
    logged_in_today: float
    time_in: dict[str, float]
    """Seconds in each state since the login."""


class StateWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["available", "break", "offline", "login"]
    """login: logged in, not ready yet. While busy a break takes effect after wrap-up."""

    reason: str = Field(default="", max_length=40)


class WrapUpWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    disposition: str = Field(default="", max_length=100)
    extend_seconds: float = 0.0
    """Instead of being done: so much longer, once for each call."""


class PriorityWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    priority: Annotated[int, Field(ge=-300, le=300)]
    emergency: bool | None = None


class PullWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent_id: str


class EntryShape(BaseModel):
    entry_id: str
    call_id: str
    queue: str
    state: str
    position: int
    waited: float
    score: float
    priority: int
    emergency: bool
    tier: str
    language: str
    reason: str
    agent: str
    """Who talks with them, or is being rung."""

    is_callback: bool
    estimated_wait: float | None


class WhyAgent(BaseModel):
    agent_id: str
    excluded: str
    """The first rule that keeps them from this caller; empty: none does."""


class WhyShape(BaseModel):
    """Why somebody is still waiting."""

    entry_id: str
    queue: str
    state: str
    position: int
    waited: float
    score: float
    emergency: bool
    step: int
    steps: list[str]
    statuses: list[str]
    """Of each step: EXPIRED, ACTIVE, INACTIVE, JOINED."""

    next_step_in: float | None
    agents: list[WhyAgent]
    decisions: list[dict[str, Any]]


class QueueShape(BaseModel):
    queue: str
    strategy: str
    is_open: bool
    waiting: int
    callbacks: int
    talking: int
    longest_wait: float
    estimated_wait: float | None
    """For somebody who came now; null: nobody works there."""

    agents: dict[str, int]
    """How many of the agents who serve it are in which state."""

    offered: int
    answered: int
    abandoned: int
    short_abandoned: int
    flow_out: int
    callback_converted: int
    service_level: float | None
    service_level_goal: float
    asa: float | None
    abandonment: float | None


def agent_shape(agent: Agent, now: float) -> AgentShape:
    profile = agent.profile
    return AgentShape(
        agent_id=profile.agent_id, name=profile.name, skills=dict(profile.skills), phone=profile.phone,
        queues=[ServedShape(queue=one.queue, priority=one.priority, delay_seconds=one.delay_seconds)
                for one in profile.queues],
        tier_level=profile.tier_level, tier_position=profile.tier_position, weight=profile.weight,
        one_shot=profile.one_shot, state=agent.state, reason=agent.reason,
        since=datetime.fromtimestamp(agent.since, UTC), next_state=agent.next_state or "", offer_id=agent.offer_id,
        entry_id=agent.entry_id, cools_down_for=max(0.0, agent.ready_at - now),
        wrap_up_left=None if agent.wrap_up_until is None else max(0.0, agent.wrap_up_until - now),
        missed=agent.missed, calls_today=agent.calls_today, talk_today=agent.talk_today,
        logged_in_today=agent.seconds_today(now),
        time_in={str(name): spent for name, spent in agent.times(now).items()},
    )  # fmt: skip


def entry_shape(floor: Floor, entry: QueueEntry, now: float) -> EntryShape:
    waits = entry.state != "connected"
    rung = floor.offers[entry.offers[0]].agent_id if entry.offers else ""
    return EntryShape(
        entry_id=entry.entry_id, call_id=entry.call_id, queue=entry.queue, state=entry.state,
        position=floor.position(entry, now) if waits else 0, waited=round(entry.wait(now), 3),
        score=round(entry.score(now), 3), priority=entry.base_priority, emergency=bool(entry.class_rank),
        tier=entry.tier, language=entry.language, reason=entry.reason, agent=entry.agent_id or rung,
        is_callback=bool(entry.callback_number),
        estimated_wait=estimate(floor, entry, now).seconds if waits else None,
    )  # fmt: skip


def queue_shape(floor: Floor, queue: str, tally: QueueTally, now: float) -> QueueShape:
    settings, line = floor.settings(queue), floor.in_line(queue, now)
    waiting = [entry for entry in line if not entry.callback_number]
    states: dict[str, int] = {}
    for agent in floor.agents.values():
        if agent.profile.serves(queue):
            states[agent.state] = states.get(agent.state, 0) + 1
    talking = sum(agent.state in IN_A_CALL and agent.handled_queue == queue for agent in floor.agents.values())
    return QueueShape(
        queue=queue, strategy=settings.strategy, is_open=floor.is_open(queue, now), waiting=len(waiting),
        callbacks=len(line) - len(waiting), talking=talking,
        longest_wait=max((round(entry.wait(now), 3) for entry in waiting), default=0.0),
        estimated_wait=estimate(floor, line[-1], now).seconds if line else None, agents=states, offered=tally.offered,
        answered=tally.answered, abandoned=tally.abandoned, short_abandoned=tally.short_abandoned,
        flow_out=tally.flow_out, callback_converted=tally.callback_converted, service_level=tally.service_level,
        service_level_goal=settings.service_level_goal, asa=tally.asa, abandonment=tally.abandonment,
    )  # fmt: skip


def why_shape(why: Why) -> WhyShape:
    return WhyShape(
        entry_id=why.entry_id, queue=why.queue, state=why.state, position=why.position, waited=why.waited,
        score=why.score, emergency=why.emergency, step=why.step, steps=list(why.steps),
        statuses=list(why.statuses), next_step_in=why.next_step_in,
        agents=[WhyAgent(agent_id=agent_id, excluded=excluded) for agent_id, excluded in why.agents],
        decisions=[_plain(one) for one in why.decisions],
    )  # fmt: skip


def _plain(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {**decision, "at": datetime.fromtimestamp(decision["at"], UTC).isoformat()}
