"""Pure: where each agent's time went in a stretch of time, from what they began to do and when (domain.md 2.3.3)."""

from collections.abc import Iterable
from datetime import datetime

from ivr.model.contacts import AgentShift
from ivr.model.insight import AgentChange

SPENT_ON = {
    "on_call": "talk",
    "consulting": "talk",
    "on_hold": "hold",
    "wrap_up": "wrap_up",
    "reserved": "ring",
    "ringing": "ring",
    "available": "idle",
    "break": "away",
    "not_responding": "away",
}
"""State of an agent to the kind of time it is; `offline` is none. Consulting counts as talk: a caller is served."""


def shifts_from(changes: Iterable[AgentChange], since: datetime, until: datetime) -> tuple[AgentShift, ...]:
    """One for each agent who was logged in between `since` and `until`, by name.

    Args:
        changes: in any order; the last one before `since` says what an agent was doing then.
    """
    by_agent: dict[str, list[AgentChange]] = {}
    for change in changes:
        by_agent.setdefault(change.agent, []).append(change)
    found = (_shift(agent, sorted(mine, key=lambda one: one.at), since, until) for agent, mine in by_agent.items())
    return tuple(sorted((one for one in found if one.logged_in), key=lambda one: one.agent))


def _shift(agent: str, changes: list[AgentChange], since: datetime, until: datetime) -> AgentShift:
    spent: dict[str, float] = {}
    ends = [change.at for change in changes[1:]] + [until]
    for change, end in zip(changes, ends, strict=True):
        kind = SPENT_ON.get(change.state)
        seconds = (min(end, until) - max(change.at, since)).total_seconds()
        if kind and seconds > 0:
            spent[kind] = spent.get(kind, 0.0) + seconds
    return AgentShift(agent, **spent)
