"""Queues and agents: who waits and why, who works, and what a supervisor may do about it."""

from functools import partial

from nicegui import ui
from pydantic import BaseModel

from ivr.console.agents import agents_card
from ivr.console.clocks import lasting
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import card, empty, follow, heading, share, told, tried
from ivr.console.wallboard import queues_now
from ivr.model.errors import IvrError, NotNow
from ivr.routing.happenings import Pulled, Reprioritised
from ivr.routing.why import Why
from ivr.web.routing_shapes import EntryShape, QueueShape, entry_shape

STATES = {"waiting": "waiting", "offered": "being offered", "calling": "being called back", "connected": "talking"}
MODES = (("monitor", "hearing", "Listen in"), ("whisper", "record_voice_over", "Whisper to the agent"),
         ("barge", "groups", "Join the call"))  # fmt: skip


async def queues(visit: Visit) -> None:
    await visit.look("queue.entries")
    heading(visit.t("Queues and agents"), visit.t("Who waits, why, and who could help them."))
    lines = ui.column().classes("w-full gap-3")
    people = ui.column().classes("w-full")
    clocks: dict[str, ui.label] = {}
    shown: dict[str, bool] = {}
    seen: list[object] = [None, None]

    async def draw() -> None:
        """Only what has changed is built anew: a button that somebody has the focus on must stay."""
        now = queues_now(visit)
        callers = {one.queue: _entries(visit, one.queue) for one in now}
        still = [_lasting_facts(one) for one in (*now, *(each for those in callers.values() for each in those))]
        if still != seen[0]:
            seen[0] = still
            clocks.clear()
            lines.clear()
            with lines:
                _lines(visit, now, callers, clocks)
        for one in (each for those in callers.values() for each in those):
            clocks[one.entry_id].set_text(lasting(one.waited))
        agents = [(one.profile, one.state, one.reason) for one in visit.house.routing.centre.floor.agents.values()]
        if agents != seen[1]:
            seen[1] = agents
            people.clear()
            with people:
                agents_card(visit, shown)

    await draw()
    follow(visit, draw, every_seconds=2.0)


RUNNING = {"waited", "score", "longest_wait", "estimated_wait"}
"""Fields that change with the clock alone."""


def _lasting_facts(shape: BaseModel) -> object:
    return shape.model_dump(exclude=RUNNING)


def _lines(
    visit: Visit, now: list[QueueShape], callers: dict[str, list[EntryShape]], clocks: dict[str, ui.label]
) -> None:
    if not now:
        empty(visit.t("No queue is configured: add one to queues in config.yaml."), "groups")
    for one in now:
        _queue(visit, one, callers[one.queue], clocks)


def _entries(visit: Visit, queue: str) -> list[EntryShape]:
    """Who waits and who talks, the next first."""
    routing, now = visit.house.routing, visit.house.routing.now()
    floor = routing.centre.floor
    talking = [one for one in floor.entries.values() if one.queue == queue and one.state == "connected"]
    return [entry_shape(floor, one, now) for one in (*floor.in_line(queue, now), *talking)]


def _queue(visit: Visit, queue: QueueShape, callers: list[EntryShape], clocks: dict[str, ui.label]) -> None:
    t = visit.t
    with card():
        with ui.row().classes("w-full items-center gap-3"):
            ui.label(visit.code(queue.queue)).classes("text-base font-semibold").props("role=heading aria-level=2")
            ui.badge(t("open") if queue.is_open else t("closed")).props(
                f"color={'positive' if queue.is_open else 'grey-7'}"
            )
            figures = t(
                "{waiting} waiting · service level {level} · {free} agents free", waiting=queue.waiting,
                level=share(queue.service_level), free=queue.agents.get("available", 0),
            )  # fmt: skip
            ui.label(figures).classes("text-sm soft")
        if not callers:
            ui.label(t("Nobody waits.")).classes("text-sm soft")
        for one in callers:
            clocks[one.entry_id] = _caller(visit, one)


def _caller(visit: Visit, one: EntryShape) -> ui.label:
    """One row; the label that shows how long they have waited."""
    t = visit.t
    place = f"{one.position}." if one.position else ""
    with ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled").props("data-test=waiting"):
        ui.label(place).classes("w-6 font-semibold")
        ui.badge(t(STATES[one.state])).props("color=primary outline")
        clock = ui.label(lasting(one.waited)).classes("tabular-nums w-14")
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
        if one.state == "connected" and visit.may("live.join"):
            _supervising(visit, one)
        ui.button(t("Why?"), on_click=partial(_ask_why, visit, one)).props("flat dense no-caps data-test=why")
        if one.state != "connected" and visit.may("queues.change"):
            ui.button(t("Change"), on_click=partial(_ask_change, visit, one)).props("flat dense no-caps")
        if visit.may("calls.read"):
            ui.link(t("Call"), call_link(one.call_id)).classes("text-sm")
    return clock


def _supervising(visit: Visit, one: EntryShape) -> None:
    for mode, icon, words in MODES:
        button = ui.button(icon=icon, on_click=partial(_supervise, visit, one.call_id, mode)).tooltip(visit.t(words))
        button.props(f'flat dense round data-test=supervise-{mode} aria-label="{visit.t(words)}"')


async def _supervise(visit: Visit, call_id: str, mode: str) -> None:
    async def begin() -> None:
        await visit.needs("live.join")
        if visit.house.supervise is None:
            raise NotNow(visit.t("This server cannot put you into a call: open the desk first."))
        await visit.look(f"call.{mode}", call_id)
        if address := await visit.house.supervise(call_id, mode, visit.user.name):
            ui.navigate.to(address, new_tab=True)

    await tried(visit, begin())


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
