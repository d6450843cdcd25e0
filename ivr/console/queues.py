"""Queues and agents: who waits and why, who works, and what a supervisor may do about it."""

from functools import partial

from nicegui import ui

from ivr.console.agents import agents_card
from ivr.console.clocks import lasting
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.listening_in import supervise_buttons
from ivr.console.parts import card, empty, follow, heading, share, told, tried
from ivr.console.wallboard import queues_now
from ivr.model.errors import IvrError, NotNow
from ivr.routing.happenings import Pulled, Reprioritised
from ivr.routing.why import Why
from ivr.web.routing_shapes import EntryShape, QueueShape, entry_shape

STATES = {"waiting": "waiting", "offered": "being offered", "calling": "being called back", "connected": "talking"}


async def queues(visit: Visit) -> None:
    await visit.look("queue.entries")
    heading(visit.t("Queues and agents"), visit.t("Who waits, why, and who could help them."))
    lines = ui.column().classes("w-full gap-3")
    people = ui.column().classes("w-full")
    cards: dict[str, QueueCard] = {}
    seen: list[object] = [None]
    shown: dict[str, bool] = {}

    async def draw() -> None:
        """Only what has changed is built anew: a button that somebody has the focus on must stay."""
        now = queues_now(visit)
        if not now and not lines.default_slot.children:
            with lines:
                empty(visit.t("No queue is configured: add one to queues in config.yaml."), "groups")
        for one in now:
            if one.queue not in cards:
                with lines:
                    cards[one.queue] = QueueCard(visit, one.queue)
            cards[one.queue].show(one, _entries(visit, one.queue))
        agents = [(one.profile, one.state, one.reason) for one in visit.house.routing.centre.floor.agents.values()]
        if agents != seen[0]:
            seen[0] = agents
            people.clear()
            with people:
                agents_card(visit, shown)

    await draw()
    follow(visit, draw, every_seconds=2.0)


RUNNING = {"waited", "score", "position"}
"""Fields that change with the clock, or with others."""


def _entries(visit: Visit, queue: str) -> list[EntryShape]:
    """Who waits and who talks, the next first."""
    routing, now = visit.house.routing, visit.house.routing.now()
    floor = routing.centre.floor
    talking = [one for one in floor.entries.values() if one.queue == queue and one.state == "connected"]
    return [entry_shape(floor, one, now) for one in (*floor.in_line(queue, now), *talking)]


class QueueCard:
    """One queue; a caller keeps their row, and its buttons, as long as nothing about them has changed."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit = visit
        self._rows: dict[str, CallerRow] = {}
        with card():
            with ui.row().classes("w-full items-center gap-3"):
                ui.label(visit.code(name)).classes("text-base font-semibold").props("role=heading aria-level=2")
                self._open = ui.badge()
                self._figures = ui.label().classes("text-sm soft")
            self._nobody = ui.label(visit.t("Nobody waits.")).classes("text-sm soft")
            self._callers = ui.column().classes("w-full")

    def show(self, queue: QueueShape, callers: list[EntryShape]) -> None:
        t = self._visit.t
        self._open.set_text(t("open") if queue.is_open else t("closed"))
        self._open.props(f"color={'positive' if queue.is_open else 'grey-7'}")
        self._figures.set_text(t(
            "{waiting} waiting · service level {level} · {free} agents free", waiting=queue.waiting,
            level=share(queue.service_level), free=queue.agents.get("available", 0),
        ))  # fmt: skip
        self._nobody.set_visibility(not callers)
        here = {one.entry_id for one in callers}
        for gone in [entry_id for entry_id in self._rows if entry_id not in here]:
            self._rows.pop(gone).delete()
        for place, one in enumerate(callers):
            if one.entry_id not in self._rows:
                with self._callers:
                    self._rows[one.entry_id] = CallerRow(self._visit)
            self._rows[one.entry_id].show(one, place)


class CallerRow:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: object = None
        self._place = -1
        self._number: ui.label
        self._clock: ui.label
        self._row = ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled").props("data-test=waiting")

    def delete(self) -> None:
        self._row.delete()

    def show(self, one: EntryShape, place: int) -> None:
        facts = one.model_dump(exclude=RUNNING)
        if facts != self._shown:
            self._shown = facts
            self._row.clear()
            with self._row:
                self._draw(one)
        if place != self._place:
            self._place = place
            self._row.move(target_index=place)
        self._number.set_text(f"{one.position}." if one.position else "")
        self._clock.set_text(lasting(one.waited))

    def _draw(self, one: EntryShape) -> None:
        visit, t = self._visit, self._visit.t
        self._number = ui.label().classes("w-6 font-semibold")
        ui.badge(t(STATES[one.state])).props("color=primary outline")
        self._clock = ui.label().classes("tabular-nums w-14")
        with ui.column().classes("grow gap-0 min-w-40"):
            words = [
                visit.code(one.language),
                visit.code(one.tier),
                visit.code(one.reason),
                t("priority {n}", n=one.priority),
            ]
            ui.label(" · ".join(word for word in words if word)).classes("text-sm")
            if one.agent:
                ui.label(t("agent {name}", name=one.agent)).classes("text-sm soft")
        if one.state == "connected":
            supervise_buttons(visit, one.call_id)
        ui.button(t("Why?"), on_click=partial(_ask_why, visit, one)).props("flat dense no-caps data-test=why")
        if one.state != "connected" and visit.may("queues.change"):
            ui.button(t("Change"), on_click=partial(_ask_change, visit, one)).props("flat dense no-caps")
        if visit.may("calls.read"):
            ui.link(t("Call"), call_link(one.call_id)).classes("text-sm")


async def _ask_why(visit: Visit, one: EntryShape) -> None:
    try:
        await visit.look("queue.why", one.entry_id)
        why = visit.house.routing.centre.why(one.entry_id, visit.house.routing.now())
    except IvrError as error:
        ui.notify(told(visit, error), type="warning")
        return
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-[36rem] max-w-full gap-3"):
        title = "Why this agent" if one.state == "connected" else "Why they still wait"
        ui.label(visit.t(title)).classes("text-lg font-semibold")
        _why(visit, why)
        ui.button(visit.t("Close"), on_click=dialog.close).props("flat autofocus").classes("self-end")
    dialog.on("hide", dialog.delete)


def _why(visit: Visit, why: Why) -> None:
    t = visit.t
    if why.state != "connected":
        ui.label(t("Place {n} in {queue}, waiting for {time}, score {score}.", n=why.position, queue=why.queue,
                   time=lasting(why.waited), score=f"{why.score:.0f}"))  # fmt: skip
    with ui.column().classes("gap-0 w-full"):
        ui.label(t("What is asked of an agent")).classes("font-semibold text-sm")
        for number, step in enumerate(why.steps):
            now = number == why.step
            ui.label(f"{'▶ ' if now else ''}{step}").classes("text-sm" + (" font-semibold" if now else " opacity-60"))
        if why.next_step_in is not None and why.state != "connected":
            ui.label(t("next step in {time}", time=lasting(why.next_step_in))).classes("text-xs")
    _decisions(visit, why)
    if why.state == "connected":
        return
    with ui.column().classes("gap-0 w-full").props("data-test=exclusions"):
        ui.label(t("Agents")).classes("font-semibold text-sm")
        if not why.agents:
            ui.label(t("No agent is known: add one below.")).classes("text-sm")
        for agent, excluded in why.agents:
            with ui.row().classes("gap-2 items-center w-full no-wrap"):
                ui.icon("check_circle" if not excluded else "block", color="positive" if not excluded else "grey-6")
                ui.label(f"{agent}: {excluded or t('may take the call')}").classes("text-sm")


MOST_DECISIONS = 6


def _decisions(visit: Visit, why: Why) -> None:
    """Whom it rang for this caller, and why them: the latest."""
    t = visit.t
    if not why.decisions:
        return
    with ui.column().classes("gap-0 w-full").props("data-test=decisions"):
        ui.label(t("Whom it rang")).classes("font-semibold text-sm")
        for one in why.decisions[-MOST_DECISIONS:]:
            words = t("{agent}: {strategy}, of {n}, after {time}, step {step}", agent=one["agent"],
                      strategy=one["strategy"].replace("_", " "), n=one["considered"], time=lasting(one["waited"]),
                      step=one["step"] + 1)  # fmt: skip
            ui.label(words).classes("text-sm")


async def _ask_change(visit: Visit, one: EntryShape) -> None:
    t, house = visit.t, visit.house
    free = [agent.agent_id for agent in house.routing.centre.floor.agents.values() if agent.state == "available"]
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-96 max-w-full gap-3"):
        ui.label(t("Change their place")).classes("text-lg font-semibold")
        priority = ui.number(t("Head start in seconds"), value=one.priority, min=-300, max=300, step=10).classes(
            "w-full"
        )

        async def reprioritise() -> None:
            await visit.needs("queues.change")
            await visit.look("queue.reprioritise", one.entry_id, priority=int(priority.value or 0))
            await house.routing.ask(Reprioritised(one.entry_id, int(priority.value or 0)))
            dialog.close()

        async def pull() -> None:
            await visit.needs("queues.change")
            if not agent.value:
                raise NotNow(t("Choose an agent who is free."))
            await visit.look("queue.pull", one.entry_id, agent=agent.value)
            await house.routing.ask(Pulled(one.entry_id, agent.value))
            dialog.close()

        ui.button(t("Set"), on_click=lambda: tried(visit, reprioritise(), t("Done."))).props("data-test=set-priority")
        agent = ui.select(free, label=t("Ring this agent now")).classes("w-full")
        ui.button(t("Ring"), on_click=lambda: tried(visit, pull(), t("Done."))).set_enabled(bool(free))
        ui.button(t("Close"), on_click=dialog.close).props("flat").classes("self-end")
    dialog.on("hide", dialog.delete)
