"""Whom to ask, or to give the caller to: a colleague, a queue, a number."""

import re
from functools import partial

from nicegui import ui

from ivr.console.desk_acts import Target
from ivr.console.desk_parts import button, chip
from ivr.console.desk_scenes import Around

NUMBER = re.compile(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+")


class TransferDialog:
    """Made once; its lists are as of the moment it is shown."""

    def __init__(self, around: Around) -> None:
        self._around = around
        with ui.dialog() as self._dialog, ui.element("div").classes("card pad dialog"):
            self._inside = ui.element("div")

    def show(self) -> None:
        say = self._around.say
        self._inside.clear()
        with self._inside:
            ui.label(say("transfer")).classes("h1").props('role="heading" aria-level="1"')
            with ui.tabs().props("no-caps align=left") as tabs:
                agents, queues, number = (ui.tab(say(f"to_{kind}")) for kind in ("agent", "queue", "number"))
            with ui.tab_panels(tabs, value=agents).props("animated=false"):
                with ui.tab_panel(agents):
                    self._agents()
                with ui.tab_panel(queues):
                    self._queues()
                with ui.tab_panel(number):
                    self._number()
            ui.button(say("close"), color=None, on_click=self._dialog.close).props("flat no-caps").classes("right")
        self._dialog.open()

    def _agents(self) -> None:
        floor, now = self._around.acts.desks.routing.centre.floor, self._around.now()
        found = [one for one in floor.agents.values() if one.agent_id != self._around.agent_id and one.is_ready(now)]
        if not found:
            ui.label(self._around.say("nobody_free")).classes("soft")
        for agent in sorted(found, key=lambda one: one.profile.name or one.agent_id):
            with ui.element("div").classes("choice"):
                ui.label(agent.profile.name or agent.agent_id).classes("grow")
                chip(self._around.say(f"state_{agent.state}"), "good")
                self._both(Target("agent", agent.agent_id))

    def _queues(self) -> None:
        floor, now = self._around.acts.desks.routing.centre.floor, self._around.now()
        names = self._around.names()
        for queue in sorted(floor.queues):
            with ui.element("div").classes("choice"):
                ui.label(names.queue(queue)).classes("grow")
                chip(f"{self._around.say('waiting')}: {len(floor.in_line(queue, now))}")
                self._both(Target("queue", queue))

    def _number(self) -> None:
        say = self._around.say
        box = ui.input(say("number_hint"), validation={say("number_hint"): lambda text: bool(NUMBER.fullmatch(text))})
        box.props("outlined").classes("wide").without_auto_validation()

        async def go(*, blind: bool) -> None:
            if box.validate():
                await self._go(Target("number", box.value), blind=blind)

        with ui.element("div").classes("answers"):
            button(say("consult_first"), "record_voice_over", partial(go, blind=False), "plain", name="consult_number")
            button(say("transfer_now"), "phone_forwarded", partial(go, blind=True), "plain", name="blind_number")

    def _both(self, target: Target) -> None:
        say, name = self._around.say, f"{target.kind}_{target.name}"
        button(say("consult_first"), "record_voice_over", partial(self._go, target, blind=False), "plain small",
               name=f"consult_{name}")  # fmt: skip
        button(say("transfer_now"), "phone_forwarded", partial(self._go, target, blind=True), "plain small",
               name=f"blind_{name}")  # fmt: skip

    async def _go(self, target: Target, *, blind: bool) -> None:
        self._dialog.close()
        acts, me = self._around.acts, self._around.agent_id
        await self._around.do(lambda: acts.consult(me, target, blind=blind))()
