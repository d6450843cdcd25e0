"""Pure: which of the agents who may take a caller is rung: the strategies of domain.md 2.2.3. Smallest first."""

import math
from collections.abc import Sequence
from typing import assert_never

from ivr.model.routing import Strategy
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.routing.people import Agent

Rank = tuple[float, ...]


def ranked(floor: Floor, entry: QueueEntry, agents: Sequence[Agent], now: float) -> list[tuple[Rank, Agent]]:
    """Agents with what they were compared by, the best first; who knows the caller before all others."""
    strategy = floor.settings(entry.queue).strategy
    found = [(_rank(floor, strategy, entry, agent, now), agent) for agent in agents]
    if entry.last_agent:
        found = [((float(agent.agent_id != entry.last_agent), *rank), agent) for rank, agent in found]
    return sorted(found, key=lambda pair: (pair[0], pair[1].agent_id))


def _rank(floor: Floor, strategy: Strategy, entry: QueueEntry, agent: Agent, now: float) -> Rank:
    idle = agent.idle_since
    match strategy:
        case "longest_idle" | "ring_all":
            return (idle,)
        case "best_skill":
            return (-fit(entry, agent), idle)
        case "least_versatile":
            return (float(len(agent.profile.skills)), idle)
        case "fewest_calls":
            return (agent.calls_rate(now), idle)
        case "least_talk_time":
            return (agent.talk_rate(now), idle)
        case "round_robin":
            last = floor.last_position.get(entry.queue, -1)
            return (float(agent.profile.tier_position <= last), float(agent.profile.tier_position))
        case "top_down":
            return (float(agent.profile.tier_level), float(agent.profile.tier_position))
        case "weighted_random":
            # Efraimidis and Spirakis (2006): the smallest of -ln(U) / weight is drawn with probability by weight.
            return (-math.log(floor.chance.share()) / max(agent.profile.weight, 1e-9),)
    assert_never(strategy)


def fit(entry: QueueEntry, agent: Agent) -> float:
    """Sum of weight times level over what is asked, the optional included."""
    needs = (*entry.step.all_of, *entry.step.any_of)
    return sum(need.weight * agent.profile.skills.get(need.skill, 0) for need in needs)
