"""`/desk/supervise`: talks of callers with agents, and joining one."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import Client, ui

from ivr.call.attendance import Mode
from ivr.console.desk_parts import button, chip, clock, spoken, title, why
from ivr.console.desk_supervise import MODES, Supervision, seat_of
from ivr.console.desks import Desks
from ivr.console.frame import Visitor, told
from ivr.model.errors import IvrError
from ivr.routing.entries import QueueEntry

ICONS = {"monitor": "hearing", "whisper": "record_voice_over", "barge": "campaign"}


JOIN = (
    "(async () => {{ while (!window.desk) await new Promise((done) => setTimeout(done, 50));"
    " window.desk.answer({token}); }})()"
)
"""The page's script may still be on its way."""


class TalksPage:
    """All talks. `?call=…&mode=…`, which the console links to, joins one of them at once."""

    def __init__(self, desks: Desks, supervision: Supervision, visitor: Visitor, client: Client) -> None:
        self._wanted = visitor.request.query_params.get("call", "")
        wanted_mode = visitor.request.query_params.get("mode", "")
        self._wanted_mode: Mode | None = next((mode for mode in MODES if mode == wanted_mode), None)
        self._desks, self._supervision, self._visitor, self._client = desks, supervision, visitor, client
        self._joined = ""
        """The talk that the browser of this page was sent into last."""

        self._shown: object = None
        self._is_due = False
        self._times: dict[str, ui.label] = {}
        ui.add_head_html('<link rel="stylesheet" href="/login/desk.css">')
        ui.add_head_html('<script type="module" src="/login/desk.js"></script>')
        title(visitor.say("supervise"), 1)
        self._list = ui.element("div").classes("talks")
        ui.timer(1.0, self.changed)
        ui.on("desk_audio", self._heard_of_audio)
        client.on_connect(self._connected)
        client.on_delete(lambda: desks.overview.pop(client.id, None))
        self._draw()

    async def _connected(self) -> None:
        self._desks.overview[self._client.id] = self.changed
        mode, self._wanted_mode = self._wanted_mode, None
        if mode is None:
            return
        with self._client:
            if self._wanted in self._desks.meetings.live:
                await self._join(self._wanted, mode)
            else:
                ui.notify(self._visitor.say("talk_gone"), type="warning")

    def changed(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._draw)

    def _draw(self) -> None:
        self._is_due = False
        if self._client.is_deleted:
            return
        talks = list(self._desks.meetings.live.items())
        shown = [(call_id, meeting.view) for call_id, meeting in talks]
        with self._client:
            if shown != self._shown:
                self._shown, self._times = shown, {}
                self._list.clear()
                with self._list:
                    for call_id, _ in talks:
                        self._card(call_id)
                    if not talks:
                        told("forum", self._visitor.say("no_talks"), self._visitor.say("no_talks_remedy"))
            for call_id, label in self._times.items():
                if entry := self._entry(call_id):
                    label.set_text(clock(self._desks.routing.now() - entry.connected_at))

    def _heard_of_audio(self, event: Any) -> None:
        """What the browser says of its sound: no microphone, no connection."""
        if event.args.get("problem"):
            words = f"{event.args.get('what', '')} {event.args.get('remedy', '')}"[:500]
            ui.notify(words, type="negative", timeout=10_000)

    def _entry(self, call_id: str) -> QueueEntry | None:
        entries = self._desks.routing.centre.floor.entries.values()
        return next((one for one in entries if one.call_id == call_id), None)

    def _card(self, call_id: str) -> None:
        say, view, entry = self._visitor.say, self._desks.meetings.live[call_id].view, self._entry(call_id)
        mine = view.supervisors.get(seat_of(self._visitor.user.name))
        agent = self._desks.routing.centre.floor.agents.get(view.agent)
        with ui.element("section").classes("card pad talk-card" + (" wanted" if call_id == self._wanted else "")):
            with ui.element("div").classes("call-head"):
                ui.icon("forum").classes("bell still").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    ui.label((agent.profile.name if agent else "") or view.agent).classes("h1")
                    known = [spoken(entry.queue), why(entry.reason, say)] if entry else []
                    ui.label(" · ".join(filter(None, known))).classes("soft")
                chip(say(f"phase_{view.phase}", name=view.consulted), "accent")
                self._times[call_id] = ui.label().classes("countdown figures")
            if mine:
                chip(say(f"{mine}_is"), "amber", ICONS[mine])
            with ui.element("div").classes("answers"):
                for mode in MODES:
                    kind = "on" if mode == mine else "plain"
                    button(say(mode), ICONS[mode], partial(self._join, call_id, mode), kind, name=mode)
                if mine:
                    button(say("leave"), "logout", self._leave(call_id), "stop", name="leave")

    async def _join(self, call_id: str, mode: Mode) -> None:
        """Take part, or otherwise than before. A seat from before this page was loaded has lost its sound."""
        reader = self._visitor.reader
        is_in = self._supervision.mode_of(self._visitor.user.name, call_id) is not None
        try:
            if is_in and call_id == self._joined:
                await self._supervision.change(reader, call_id, mode)
            else:
                if is_in:
                    self._supervision.leave(reader, call_id)
                token = await self._supervision.ticket(reader, call_id, mode)
                self._joined = call_id
                ui.run_javascript(JOIN.format(token=json.dumps(token)))
        except IvrError as error:
            ui.notify(self._visitor.say("not_now", why=str(error)), type="warning")
        self.changed()

    def _leave(self, call_id: str) -> Callable[[], object]:
        def leave() -> None:
            try:
                self._supervision.leave(self._visitor.reader, call_id)
            except IvrError as error:
                ui.notify(self._visitor.say("not_now", why=str(error)), type="warning")

        return leave
