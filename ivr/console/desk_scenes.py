"""The desk when nothing rings, when something rings, and when a call is written up. A scene is built once and then
updated; the page decides which one is on."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from nicegui import ui

from ivr.console.desk_acts import EXTEND_SECONDS, DeskActs
from ivr.console.desk_names import Names, spoken
from ivr.console.desk_parts import bubble, button, chip, clock, last_words, screen_pop, title, why
from ivr.console.desk_talk import Desk, Offer, Talk
from ivr.console.desk_words import DISPOSITIONS
from ivr.console.frame import told
from ivr.console.words import Say
from ivr.model.people import Handoff
from ivr.routing.people import Agent

RING_ABOUT = 20.0

Do = Callable[[Callable[[], Coroutine[Any, Any, None] | None]], Callable[[], Coroutine[Any, Any, None]]]
"""Wraps what an agent does: what cannot be done is told to them."""


class Scene(Protocol):
    def update(self) -> None:
        """Something has changed, or a second has passed."""


@dataclass(frozen=True, slots=True)
class Around:
    """What every scene works with."""

    acts: DeskActs
    agent_id: str
    say: Say
    do: Do
    language: str = "en"

    @property
    def desk(self) -> Desk:
        return self.acts.desks.desk(self.agent_id)

    @property
    def agent(self) -> Agent | None:
        return self.acts.desks.routing.centre.floor.agents.get(self.agent_id)

    def names(self, known: Handoff | None = None) -> Names:
        """What things are called in a call; without one, of the queues only."""
        return self.acts.desks.names_of(known.flow if known else "", self.language)

    def summary(self, known: Handoff) -> str:
        """In short, where that says more than what the caller wants: this the agent reads in their own language."""
        theirs = self.acts.desks.names_of(known.flow, known.language)
        wants = theirs.intent(known.intent) if known.intent else theirs.label(known.facts.get("chosen", ""))
        return known.summary if known.summary != wants else ""

    def outcomes(self, talk: Talk) -> dict[str, str]:
        """What can come of the call, by the name it is kept under, as it is shown."""
        own = self.acts.outcomes(self.agent_id, talk)
        if not own:
            return {key: self.say(f"out_{key}") for key in DISPOSITIONS}
        return {one.name: (one.zh if self.language == "zh" else one.en) or spoken(one.name) for one in own}

    def now(self) -> float:
        return self.acts.desks.routing.now()


class Idle:
    """No call: how it stands, and the agent's queues."""

    def __init__(self, around: Around) -> None:
        self._around, self._shown = around, ""
        self._told = ui.element("div").classes("card")
        with ui.element("section").classes("card queues"):
            title(around.say("my_queues"))
            self._queues = ui.element("div").classes("table").props('role="table"')
        self._rows: list[tuple[str, ...]] = []
        self.update()

    def update(self) -> None:
        agent, say = self._around.agent, self._around.say
        state = agent.state if agent else "offline"
        kind = state if state in ("offline", "available", "break", "not_responding") else "busy"
        if kind != self._shown:
            self._shown = kind
            self._told.clear()
            with self._told:
                told(ICONS[kind], say(f"idle_{kind}"), say(f"idle_{kind}_remedy"))
        rows = self._figures(agent) if agent else []
        if rows != self._rows or not self._queues.default_slot.children:
            self._rows = rows
            self._queues.clear()
            with self._queues:
                self._table(rows)

    def _figures(self, agent: Agent) -> list[tuple[str, ...]]:
        floor, now = self._around.acts.desks.routing.centre.floor, self._around.now()
        found: list[tuple[str, ...]] = []
        names = self._around.names()
        for row in agent.profile.queues:
            line = floor.in_line(row.queue, now)
            longest = max((entry.wait(now) for entry in line), default=0.0)
            ready = sum(one.is_ready(now) for one in floor.agents.values() if one.profile.serves(row.queue))
            found.append((names.queue(row.queue), str(len(line)), clock(longest) if line else "–", str(ready)))
        return found

    def _table(self, rows: list[tuple[str, ...]]) -> None:
        say = self._around.say
        if not rows:
            ui.label(say("no_queues")).classes("soft")
            return
        for row in [(say("queue"), say("waiting"), say("longest"), say("ready")), *rows]:
            with ui.element("div").classes("tr").props('role="row"'):
                for cell in row:
                    ui.label(cell).classes("td").props('role="cell"')


ICONS = {
    "available": "headset_mic", "offline": "power_settings_new", "break": "free_breakfast",
    "not_responding": "phone_missed", "busy": "hourglass_empty",
}  # fmt: skip


class Ringing:
    """Who calls, before they are answered."""

    def __init__(self, around: Around, offer: Offer, accept: Callable[[], object]) -> None:
        self._around, self._offer = around, offer
        say, known, names = around.say, offer.handoff, around.names(offer.handoff)
        self._whole = max(1.0, offer.rings_until - around.now())
        with ui.element("section").classes("card ringing").props('role="alertdialog" aria-labelledby="ringing-title"'):
            with ui.element("div").classes("call-head"):
                ui.icon("ring_volume").classes("bell").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    name = around.acts.name_of(offer.consulting)
                    text = say("incoming_consult", name=name) if offer.consulting else say("incoming")
                    ui.label(text).classes("h1").props('id="ringing-title"')
                    about = filter(None, (names.queue(known.queue), why(known.reason, say)))
                    ui.label(" · ".join(about)).classes("soft")
                self._left = ui.label().classes("countdown figures").props('aria-hidden="true"')
            self._bar = ui.element("div").classes("bar-left")
            with ui.element("div").classes("answers"):
                if offer.by_phone:
                    chip(say("by_phone"), "accent", "phone_in_talk")
                else:
                    button(say("accept"), "call", accept, "go big", key="A", name="accept")
                decline = around.do(lambda: around.acts.decline(around.agent_id))
                button(say("decline"), "call_end", decline, "stop big", key="X", name="decline")
        with ui.element("div").classes("two"):
            with ui.element("div").classes("card pad"):
                screen_pop(known, say, names, around.summary(known), offer.waited)
            with ui.element("div").classes("card pad"):
                last_words(known, say, names)
        self.update()

    def update(self) -> None:
        left = max(0.0, self._offer.rings_until - self._around.now())
        self._left.set_text(self._around.say("seconds_left", seconds=int(left + 0.5)))
        self._bar.style(f"--left: {left / self._whole:.3f}")


class WrapUp:
    """What came of the call."""

    def __init__(self, around: Around, talk: Talk) -> None:
        self._around, self._talk = around, talk
        say = around.say
        lasted = around.now() - talk.began
        with ui.element("section").classes("card pad wrap"):
            with ui.element("div").classes("call-head"):
                ui.icon("edit_note").classes("bell still").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    title(say("wrap_up"), 1)
                    name = talk.handoff.customer or talk.handoff.caller or say("unknown")
                    queue = around.names().queue(talk.handoff.queue)
                    ui.label(f"{name} · {queue} · {say('lasted', time=clock(lasted))}").classes("soft")
                self._left = ui.label().classes("countdown figures").props('role="timer"')
            title(say("outcome"))
            chosen = around.outcomes(talk)
            self._outcome = ui.toggle(chosen, value=talk.disposition or None, clearable=True).props(
                "no-caps unelevated"
            )
            self._outcome.classes("outcomes").bind_value_to(talk, "disposition", lambda value: value or "")
            self._needed = ui.label().classes("needed").props('role="alert"')
            title(say("notes"))
            box = ui.textarea(value=talk.text, placeholder=say("notes_hint")).props(
                "outlined autogrow input-class=notes"
            )
            box.props(f'aria-label="{say("notes")}"').bind_value(talk, "text")
            with ui.element("div").classes("answers"):
                button(say("done"), "done_all", around.do(self._finish), "go", name="done")
                extend = around.do(lambda: around.acts.extend(around.agent_id))
                self._longer = button(
                    say("longer", seconds=int(EXTEND_SECONDS)), "more_time", extend, "plain", name="longer"
                )
        self._about_the_call()
        self.update()

    def _about_the_call(self) -> None:
        talk, say = self._talk, self._around.say
        with ui.element("div").classes("two"):
            with ui.element("div").classes("card pad"):
                around = self._around
                screen_pop(talk.handoff, say, around.names(talk.handoff), around.summary(talk.handoff))
            with ui.element("div").classes("card pad"):
                title(say("transcript"))
                with ui.element("div").classes("lines"):
                    for line in talk.lines[-12:]:
                        bubble(line, say)
                    if not talk.lines:
                        ui.label(say("nothing_said")).classes("soft")

    async def _finish(self) -> None:
        talk, agent = self._talk, self._around.agent
        mandatory = agent is not None and agent.state == "wrap_up" and agent.wrap_up.kind == "mandatory"
        self._needed.set_text(self._around.say("outcome_needed") if mandatory and not talk.disposition else "")
        if not (mandatory and not talk.disposition):
            await self._around.acts.finish(self._around.agent_id, talk.disposition, talk.text)

    def update(self) -> None:
        agent, say = self._around.agent, self._around.say
        until = agent.wrap_up_until if agent and agent.state == "wrap_up" else None
        left = None if until is None else until - self._around.now()
        if left is None:
            text = say("no_limit")
        else:
            text = say("time_left", time=clock(left + 0.5)) if left > 0 else say("overdue")
        self._left.set_text(text)
        self._left.classes(
            add="late" if left is not None and left < 6 else "", remove="" if left is not None and left < 6 else "late"
        )
        self._longer.set_visibility(until is not None and agent is not None and not agent.is_extended)
