"""Pure: where an agent's time went, in the words of reports."""

from collections.abc import Mapping
from dataclasses import fields

from ivr.model.contacts import AgentShift
from ivr.model.people import AgentState


def shift(agent_id: str, spent: Mapping[AgentState, float]) -> AgentShift:
    """Seconds by state; being rung is neither idle nor work."""

    def of(*states: AgentState) -> float:
        return sum(spent.get(state, 0.0) for state in states)

    return AgentShift(
        agent_id,
        talk=of("on_call"),
        hold=of("on_hold", "consulting"),
        wrap_up=of("wrap_up"),
        ring=of("reserved", "ringing"),
        idle=of("available"),
        away=of("break", "not_responding"),
    )


SECONDS = tuple(field.name for field in fields(AgentShift) if field.name != "agent")


def more(one: AgentShift, other: AgentShift) -> AgentShift:
    return AgentShift(one.agent, **{name: getattr(one, name) + getattr(other, name) for name in SECONDS})


def less(after: AgentShift, before: AgentShift) -> AgentShift:
    """What was added in between."""
    return AgentShift(after.agent, **{name: getattr(after, name) - getattr(before, name) for name in SECONDS})
