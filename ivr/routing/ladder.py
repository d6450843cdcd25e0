"""Pure: what is asked of agents, step by step: more and more of them may take who has waited (domain.md 2.2.3)."""

from collections.abc import Iterable
from dataclasses import replace

from ivr.model.people import Requirement
from ivr.model.routing import QueueSettings, RoutingStep

VIP_TEAM = Requirement("team:vip")


def needs_of(settings: QueueSettings, skills: Iterable[Requirement], language: str) -> tuple[Requirement, ...]:
    """Everything asked of an agent: by the flow, by the queue, and the caller's language unless the flow names one.
    Twice asked: the flow's."""
    asked = list(skills)
    if language and not any(need.skill.startswith("lang:") for need in asked):
        asked.append(Requirement(f"lang:{language}"))
    asked += settings.skills
    return tuple({need.skill: need for need in reversed(asked)}.values())[::-1]


def default_ladder(needs: tuple[Requirement, ...], settings: QueueSettings) -> tuple[RoutingStep, ...]:
    """As asked; all levels one lower; without the optional; any domain skill and the language.

    Language and authority stay as they are in every step. Steps that would ask the same are one.
    """
    lower = tuple(replace(need, min_level=max(1, need.min_level - 1)) if need.may_relax else need for need in needs)
    needed = tuple(need for need in lower if need.mandatory or not need.may_relax)
    barest = tuple(
        replace(need, min_level=1) if need.may_relax else need
        for need in needed
        if need.is_domain or not need.may_relax
    )
    asked, seconds = [needs, lower, needed, barest], [*settings.relax_after, settings.last_step]
    if settings.on_exhausted == "any_in_queue":
        asked.append(kept_needs(needs))
        seconds.append(settings.last_step)
    steps: list[RoutingStep] = []
    for all_of, holds in zip(asked, seconds, strict=True):
        if steps and steps[-1].all_of == all_of:
            steps[-1] = replace(steps[-1], expires_after=(steps[-1].expires_after or 0.0) + holds)
        else:
            steps.append(RoutingStep(all_of, expires_after=holds))
    if settings.on_exhausted != "overflow":
        steps[-1] = replace(steps[-1], expires_after=None)
    return tuple(steps)


def kept_needs(needs: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """What not even the last step gives up."""
    return tuple(need for need in needs if not need.may_relax)


def vip_step(first: RoutingStep, seconds: float) -> RoutingStep:
    """Before the others: the team for VIPs, who must have the skills as well."""
    return replace(first, all_of=(*first.all_of, VIP_TEAM), expires_after=seconds)


def wish_step(first: RoutingStep, wish: Requirement, seconds: float) -> RoutingStep:
    """Before the others: who has what is only wished for, too."""
    asked = tuple(need for need in first.all_of if need.skill != wish.skill)
    return replace(first, all_of=(*asked, replace(wish, mandatory=True)), expires_after=seconds)


def sticky_step(agent_id: str, seconds: float) -> RoutingStep:
    """Before everybody: whoever knows the case."""
    return RoutingStep(agents=frozenset({agent_id}), expires_after=seconds)
