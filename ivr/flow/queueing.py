"""Pure: what a queue step asks of the person who answers, and what can become of a wait."""

import re
from collections.abc import Sequence
from typing import Protocol

from ivr.model.people import COMPLAINT, Requirement
from ivr.model.routing import RoutingStep

MOST_PRIORITY = 300
"""Longest head start in seconds: more would let nobody else through (domain.md 2.2.3)."""

QUEUE_OUTCOMES = (
    "connected", "abandoned", "timed_out", "exited_with_key", "exited_empty", "closed", "callback", "failed",
)  # fmt: skip
TRANSFER_OUTCOMES = ("completed", "busy", "no_answer", "rejected", "failed", "cancelled")

RED = "red"
"""The mood of a caller who is angry."""

_SKILL = re.compile(r"([a-z][a-z0-9_]*(?::[A-Za-z0-9_-]+)?)(?:\s*>=\s*([1-5]))?(\?)?")


class RingPart(Protocol):
    """One step as a flow writes it; `ivr.flow.schema_steps.Ring` is it."""

    @property
    def skills(self) -> tuple[str, ...]: ...

    @property
    def any_of(self) -> tuple[str, ...]: ...

    @property
    def agents(self) -> tuple[str, ...]: ...

    @property
    def seconds(self) -> float | None: ...


def requirement(text: str) -> Requirement:
    """`card_services>=3`, `product:ac`, `lang:zh`; with a question mark behind it: wished for, not needed.

    Raises:
        ValueError: it is written otherwise; says how.
    """
    match = _SKILL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"write a skill as name, or name>=1 to name>=5, not {text!r}")
    name, level = match[1], int(match[2] or 1)
    return Requirement(name, level, mandatory=not match[3])


def readable(skills: tuple[str, ...]) -> tuple[str, ...]:
    """The same, once every one of them was understood.

    Raises:
        ValueError: as `requirement`.
    """
    for skill in skills:
        requirement(skill)
    return skills


def requirements(skills: tuple[str, ...], language: str) -> tuple[Requirement, ...]:
    """What the step asks for, and the caller's language unless the step names one."""
    asked = tuple(requirement(skill) for skill in skills)
    if any(one.skill.startswith("lang:") for one in asked):
        return asked
    return (*asked, requirement(f"lang:{language}"))


def with_complaint(asked: tuple[Requirement, ...], upset: str) -> tuple[Requirement, ...]:
    """Who is angry (red) had best talk to somebody who is good at that (domain.md 2.10.1): wished for, not needed."""
    if upset != RED or any(need.skill == COMPLAINT for need in asked):
        return asked
    return (*asked, Requirement(COMPLAINT, mandatory=False))


def routing_steps(rings: Sequence[RingPart], language: str) -> tuple[RoutingStep, ...]:
    """What is asked of agents, one after the other, instead of the usual ladder."""
    return tuple(
        RoutingStep(
            requirements(ring.skills, language), tuple(requirement(skill) for skill in ring.any_of),
            frozenset(ring.agents) if ring.agents else None, ring.seconds,
        )
        for ring in rings
    )  # fmt: skip
