"""Agents on the page of the queues: what they do just now, what they can, and changing that."""

import re
from functools import partial

from nicegui import ui
from pydantic import ValidationError

from ivr.console.clocks import lasting
from ivr.console.house import Visit
from ivr.console.parts import card, empty, tried
from ivr.console.wallboard import STATES
from ivr.model.errors import BadQuery
from ivr.model.people import AgentProfile
from ivr.routing.happenings import AgentKnown
from ivr.routing.people import Agent
from ivr.web.routing_shapes import AgentWish, ServedShape

AGENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


MANY = 12
"""From here on those who are logged out are behind a line that opens."""


def agents_card(visit: Visit, shown: dict[str, bool]) -> None:
    """`shown`: whether the agents who are logged out are; kept while the card is drawn anew."""
    t, routing = visit.t, visit.house.routing
    agents = sorted(routing.centre.floor.agents.values(), key=lambda one: (one.state == "offline", one.agent_id))
    with card():
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(t("Agents")).classes("text-base font-semibold").props("role=heading aria-level=2")
            if visit.may("queues.change"):
                add = ui.button(t("Add an agent"), icon="person_add", on_click=partial(_edit, visit, None))
                add.props("flat dense no-caps data-test=add-agent")
        if not agents:
            empty(t("No agent is known yet: add one, or list agents in config.yaml."), "person_off")
        away = [one for one in agents if one.state == "offline"] if len(agents) > MANY else []
        for agent in agents[: len(agents) - len(away)]:
            _agent(visit, agent, routing.now())
        if away:
            words = t("{n} agents are logged out", n=len(away))
            with (
                ui.expansion(words, value=shown.get("away", False))
                .classes("w-full")
                .props("dense data-test=agents-away") as behind
            ):
                for agent in away:
                    _agent(visit, agent, routing.now())
            behind.on_value_change(lambda event: shown.update(away=bool(event.value)))


def _agent(visit: Visit, agent: Agent, now: float) -> None:
    t, profile = visit.t, agent.profile
    words, colour = STATES[agent.state]
    with ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled").props("data-test=agent"):
        ui.icon("circle", size="0.9rem").style(f"color: {colour}").props("aria-hidden=true")
        with ui.column().classes("gap-0 w-44"):
            ui.label(profile.name or profile.agent_id).classes("font-semibold")
            reason = f" ({t(agent.reason)})" if agent.reason else ""
            ui.label(f"{t(words)}{reason} · {lasting(now - agent.since) if agent.since else '–'}").classes("text-xs")
        with ui.row().classes("grow gap-1 min-w-40"):
            for skill, level in sorted(profile.skills.items()):
                ui.badge(f"{_skill(visit, skill)} {level}").props("color=primary outline")
            for row in profile.queues:
                ui.badge(visit.code(row.queue), color="grey-8").tooltip(
                    t("serves this queue, order {n}", n=row.priority)
                )
        ui.label(t("{n} calls today", n=agent.calls_today)).classes("text-sm")
        if visit.may("queues.change"):
            change = ui.button(icon="edit", on_click=partial(_edit, visit, profile))
            change.props(f'flat dense round aria-label="{t("Change {name}", name=profile.agent_id)}"')


def _skill(visit: Visit, skill: str) -> str:
    """`lang:en` is English; the rest in words."""
    return visit.code(skill.removeprefix("lang:"))


def _edit(visit: Visit, before: AgentProfile | None) -> None:
    t, known = visit.t, sorted(visit.house.routing.centre.floor.queues)
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-[32rem] max-w-full gap-2"):
        ui.label(t("Change {name}", name=before.agent_id) if before else t("Add an agent")).classes(
            "text-lg font-semibold"
        )
        agent_id = ui.input(t("Id"), value=before.agent_id if before else "").classes("w-full").props("autofocus")
        agent_id.set_enabled(before is None)
        name = ui.input(t("Name, as callers may hear it"), value=before.name if before else "").classes("w-full")
        skills = ui.input(t("Skills with levels 1 to 5"), value=_skills_text(before)).classes("w-full")
        skills.props('hint="lang:en 5, card_services 3"')
        rows = [row.queue for row in before.queues] if before else []
        served = ui.select(sorted({*known, *rows}), label=t("Queues, the first is served first"), multiple=True)
        served.classes("w-full").props("use-chips").set_value(rows)
        phone = ui.input(t("Telephone; empty: the desk in the browser"), value=before.phone if before else "")
        phone.classes("w-full")

        async def keep() -> None:
            await visit.needs("queues.change")
            profile = _profile(agent_id.value, name.value, skills.value, served.value, phone.value, before)
            await visit.look("agent.keep", profile.agent_id)
            await visit.house.agents.keep_agent(profile)
            await visit.house.routing.ask(AgentKnown(profile))
            dialog.close()

        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat")
            ui.button(t("Save"), on_click=lambda: tried(visit, keep(), t("Done."))).props("data-test=save-agent")
    dialog.on("hide", dialog.delete)


def _skills_text(profile: AgentProfile | None) -> str:
    return ", ".join(f"{skill} {level}" for skill, level in sorted(profile.skills.items())) if profile else ""


def _profile(
    agent_id: str, name: str, skills: str, queues: list[str], phone: str, before: AgentProfile | None
) -> AgentProfile:
    """Raises BadQuery: something of it will not do."""
    if not AGENT_ID.fullmatch(agent_id or ""):
        raise BadQuery("an id has letters, digits, dot, dash, underscore and @, and begins with a letter or digit")
    had = {row.queue: row for row in before.queues} if before else {}
    rows = [
        ServedShape(queue=queue, priority=number, delay_seconds=had[queue].delay_seconds if queue in had else 0.0)
        for number, queue in enumerate(queues, 1)
    ]
    kept = {
        "tier_level": before.tier_level, "tier_position": before.tier_position, "weight": before.weight,
        "one_shot": before.one_shot,
    } if before else {}  # fmt: skip
    try:
        wish = AgentWish.model_validate(
            {"name": name, "skills": _levels(skills), "queues": rows, "phone": (phone or "").strip(), **kept}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadQuery(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return wish.profile(agent_id)


def _levels(text: str) -> dict[str, int]:
    """`lang:en 5, card_services 3`. Raises BadQuery."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        skill, _, level = part.rpartition(" ")
        if not skill or not level.isdecimal():
            raise BadQuery(f"write each skill with its level: 'lang:en 5'; not {part!r}")
        found[skill.strip()] = int(level)
    return found
