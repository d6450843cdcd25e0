"""Pure: why somebody is still waiting, and why an agent was chosen: every decision can be explained (peers.md 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.model.routing import RoutingStep
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor, unmet
from ivr.routing.people import Agent


@dataclass(frozen=True, slots=True)
class Why:
    """One caller, at one moment. Times in seconds."""

    entry_id: str
    queue: str
    state: str
    position: int
    waited: float
    score: float
    emergency: bool
    step: int
    steps: tuple[str, ...]
    """What each step asks, in words."""

    statuses: tuple[str, ...]
    """Of each step: EXPIRED, ACTIVE, INACTIVE, or JOINED where an agent was found in it (domain.md 3)."""

    next_step_in: float | None
    """None: this is the last."""

    agents: tuple[tuple[str, str], ...]
    """Every agent and the first rule that excludes them; empty text: they may take the caller."""

    decisions: tuple[Mapping[str, Any], ...]
    """Offers made for this caller: which agent, by which strategy, compared by what, out of how many."""


def why(floor: Floor, entry_id: str, now: float) -> Why:
    """Raises NotThere: nobody waits under this number."""
    entry = floor.entry(entry_id)
    expires = entry.step.expires_after
    return Why(
        entry_id, entry.queue, entry.state, floor.position(entry, now), round(entry.wait(now), 3),
        round(entry.score(now), 3), bool(entry.class_rank), entry.step_ix, tuple(map(in_words, entry.steps)),
        tuple(_status(entry, number) for number in range(len(entry.steps))),
        None if expires is None else round(max(0.0, entry.step_since + expires - now), 3),
        tuple((agent_id, exclusion(floor, entry, agent, now)) for agent_id, agent in sorted(floor.agents.items())),
        tuple(one for one in floor.decisions if one["entry_id"] == entry_id),
    )  # fmt: skip


def _status(entry: QueueEntry, number: int) -> str:
    if number != entry.step_ix:
        return "EXPIRED" if number < entry.step_ix else "INACTIVE"
    return "JOINED" if entry.state == "connected" else "ACTIVE"


def exclusion(floor: Floor, entry: QueueEntry, agent: Agent, now: float) -> str:
    """The first rule that keeps this agent from this caller now; empty: none does."""
    if not agent.is_ready(now):
        return _away(agent, now)
    row = agent.profile.serves(entry.queue)
    if row is None:
        return f"does not serve {entry.queue}"
    if lack := unmet(agent, entry.step):
        return lack
    if agent.agent_id in entry.avoid:
        return "is to be avoided for this caller"
    if (until := entry.excluded_until.get(agent.agent_id, 0.0)) > now:
        return f"was rung for this caller; again in {until - now:.0f} s"
    if (missing := row.delay_seconds - entry.wait(now)) > 0:
        return f"takes callers of {entry.queue} later; in {missing:.0f} s"
    return ""


def _away(agent: Agent, now: float) -> str:
    if agent.state == "available":
        return f"cools down after an offer; {agent.ready_at - now:.0f} s"
    return f"is {agent.state}" + (f" ({agent.reason})" if agent.reason else "")


def in_words(step: RoutingStep) -> str:
    parts = [f"{need.skill}>={need.min_level}" + ("" if need.mandatory else " (optional)") for need in step.all_of]
    if step.any_of:
        parts.append("one of " + "|".join(f"{need.skill}>={need.min_level}" for need in step.any_of))
    if step.agents is not None:
        parts.append("only " + ", ".join(sorted(step.agents)))
    asks = ", ".join(parts) or "anybody"
    return asks if step.expires_after is None else f"{asks} for {step.expires_after:g} s"
