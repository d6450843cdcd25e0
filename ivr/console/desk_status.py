"""The bar on top of the desk: what the agent is just now, for how long, and what they may become."""

from functools import partial

from nicegui import ui

from ivr.console.desk_buttons import LastingButton
from ivr.console.desk_faces import Face
from ivr.console.desk_parts import chip, clock
from ivr.console.desk_scenes import Around
from ivr.console.desk_words import DESK
from ivr.routing.people import Agent

BREAKS = ("lunch", "rest", "training", "meeting", "coaching", "tech", "personal")
"""`ivr.model.people.BREAK_REASONS` that people choose themselves."""

TONES = {"available": "good", "offline": "", "break": "amber", "not_responding": "red"}


class StatusBar:
    """The buttons stay the same elements as long as the page does."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._shown_for: tuple[object, ...] = ()
        self._since: ui.label | None = None
        self._whole = ui.element("section").classes("card status")
        with self._whole:
            self._standing = ui.element("div").classes("standing")
            self._choices()

    def update(self) -> None:
        agent = self._around.agent
        self._whole.set_visibility(agent is not None)
        if agent is None:
            return
        wanted = (agent.state, agent.reason, agent.next_state, agent.calls_today, int(agent.talk_today))
        if wanted != self._shown_for:
            self._shown_for = wanted
            self._standing.clear()
            with self._standing:
                self._stand(agent)
            self._show_choices(agent.state)
        assert self._since
        self._since.set_text(clock(self._around.now() - agent.since) if agent.since else "")

    def _stand(self, agent: Agent) -> None:
        say = self._around.say
        reason = f" · {say('reason_' + agent.reason)}" if f"reason_{agent.reason}" in DESK and agent.reason else ""
        with chip(say(f"state_{agent.state}") + reason, TONES.get(agent.state, "accent"), "circle").props(
            f'role="status" data-state="{agent.state}"'
        ):
            self._since = ui.label().classes("figures")
        if agent.next_state:
            chip(say("after_this", state=say(f"state_{agent.next_state}")), "amber", "schedule")
        key, talk = "today_one" if agent.calls_today == 1 else "today", clock(agent.talk_today)
        ui.label(say(key, calls=agent.calls_today, talk=talk)).classes("soft grow figures today")

    def _choices(self) -> None:
        acts, me, say, do = self._around.acts, self._around.agent_id, self._around.say, self._around.do

        async def be_available(wish: str) -> None:
            await do(lambda: acts.be_available(me))()

        async def go_offline(wish: str) -> None:
            await do(lambda: acts.go_offline(me))()

        self._available = LastingButton("available", be_available)
        with (
            ui.dropdown_button(say("go_break"), icon="free_breakfast", color=None, auto_close=True)
            .props(f'no-caps unelevated data-act="break" toggle-aria-label="{say("go_break")}"')
            .classes("act plain")
        ):
            for reason in BREAKS:
                ui.item(say(f"reason_{reason}"), on_click=do(partial(acts.take_break, me, reason)))
        self._offline = LastingButton("offline", go_offline)

    def _show_choices(self, state: str) -> None:
        say, is_ready = self._around.say, state in ("available", "reserved", "ringing")
        self._available.show(Face(say("go_available"), "headset_mic", "go", is_on=not is_ready))
        self._offline.show(Face(say("go_offline"), "power_settings_new", is_on=state != "offline"))
