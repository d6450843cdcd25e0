"""Pure: what a queue step asks of the person who answers, and what can become of a wait."""

import re

from ivr.model.people import Requirement

MOST_PRIORITY = 300
"""Longest head start in seconds: more would let nobody else through (domain.md 2.2.3)."""

QUEUE_OUTCOMES = (
    "connected", "abandoned", "timed_out", "exited_with_key", "exited_empty", "closed", "callback", "failed",
)  # fmt: skip
TRANSFER_OUTCOMES = ("completed", "busy", "no_answer", "rejected", "failed", "cancelled")

_SKILL = re.compile(r"([a-z][a-z0-9_]*(?::[A-Za-z0-9_-]+)?)(?:\s*>=\s*([1-5]))?")


def requirement(text: str) -> Requirement:
    """`card_services>=3`, `product:ac`, `lang:zh`.

    Raises:
        ValueError: it is written otherwise; says how.
    """
    match = _SKILL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"write a skill as name, or name>=1 to name>=5, not {text!r}")
    name, level = match[1], int(match[2] or 1)
    return Requirement(name, level)


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
