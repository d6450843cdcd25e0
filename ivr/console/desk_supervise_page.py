"""`/desk/supervise`: talks of callers with agents, and joining one."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import Client, ui

from ivr.call.attendance import Mode
from ivr.console.desk_buttons import Act, LastingButton
from ivr.console.desk_faces import Face
from ivr.console.desk_parts import chip, clock, title, why
from ivr.console.desk_supervise import MODES, Supervision, seat_of
from ivr.console.desks import Desks
from ivr.console.frame import Visitor, told
from ivr.model.errors import IvrError

ICONS = {"monitor": "hearing", "whisper": "record_voice_over", "barge": "campaign"}


Join = Callable[[str, Mode], Awaitable[None]]
Leave = Callable[[str], Awaitable[None]]

JOIN = (
    "(async () => {{ while (!window.desk) await new Promise((done) => setTimeout(done, 50));"
    " window.desk.answer({token}); }})()"
)
"""The page's script may still be on its way."""


class TalkCard:
    """One talk. Its buttons stay the same elements while it lasts: others begin and end all the time."""

    def __init__(self, desks: Desks, visitor: Visitor, call_id: str, join: Join, leave: Leave) -> None:
        self._desks, self._visitor, self.call_id = desks, visitor, call_id
        self._join, self._leave = join, leave
        with ui.element("section").classes("card pad talk-card") as self._whole:
            with ui.element("div").classes("call-head"):
                ui.icon("forum").classes("bell still").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    self._agent = ui.label().classes("h1").props('role="heading" aria-level="2"')
                    self._about = ui.label().classes("soft")
                with chip("", "accent"):
                    self._phase = ui.label()
                self._time = ui.label().classes("countdown figures")
            with ui.element("div").props('role="status"') as self._taking_part, chip("", "amber", "hearing"):
                self._part = ui.label()
            with ui.element("div").classes("answers"):
                self._modes = {mode: LastingButton(mode, self._in_mode(mode)) for mode in MODES}
                self._out = LastingButton("leave", self._go, more="last")

    def _in_mode(self, mode: Mode) -> Act:
        async def join(wish: str) -> None:
            await self._join(self.call_id, mode)

        return join

    async def _go(self, wish: str) -> None:
        await self._leave(self.call_id)

    def delete(self) -> None:
        self._whole.delete()

    def update(self, *, is_wanted: bool) -> None:
        say, view = self._visitor.say, self._desks.meetings.live[self.call_id].view
        floor, mine = self._desks.routing.centre.floor, view.supervisors.get(seat_of(self._visitor.user.name))
        entry = next((one for one in floor.entries.values() if one.call_id == self.call_id), None)
        agent, names = floor.agents.get(view.agent), self._desks.names_of("", self._visitor.language)
        self._whole.classes(add="wanted" if is_wanted else "", remove="" if is_wanted else "wanted")
        self._agent.set_text((agent.profile.name if agent else "") or view.agent)
        known = [names.queue(entry.queue), why(entry.reason, say)] if entry else []
        self._about.set_text(" · ".join(filter(None, known)))
        self._phase.set_text(say(f"phase_{view.phase}", name=view.consulted))
        self._time.set_text(clock(self._desks.routing.now() - entry.connected_at) if entry else "")
        self._taking_part.set_visibility(mine is not None)
        self._part.set_text(say(f"{mine}_is") if mine else "")
        for mode, button in self._modes.items():
            button.show(Face(say(mode), ICONS[mode], "on" if mode == mine else "plain"))
        self._out.show(Face(say("leave"), "logout", "stop") if mine else None)


class TalksPage:
    """All talks. `?call=…&mode=…`, which the console links to, joins one of them at once."""

    def __init__(self, desks: Desks, supervision: Supervision, visitor: Visitor, client: Client) -> None:
        self._wanted = visitor.request.query_params.get("call", "")
        wanted_mode = visitor.request.query_params.get("mode", "")
        self._wanted_mode: Mode | None = next((mode for mode in MODES if mode == wanted_mode), None)
        self._desks, self._supervision, self._visitor, self._client = desks, supervision, visitor, client
        self._joined = ""
        """The talk that the browser of this page was sent into last."""

        self._is_due = False
        self._cards: dict[str, TalkCard] = {}
        ui.add_head_html('<link rel="stylesheet" href="/login/desk.css">')
        ui.add_head_html('<script type="module" src="/login/desk.js"></script>')
        title(visitor.say("supervise"), 1)
        self._list = ui.element("div").classes("talks")
        with ui.element("div") as self._nobody:
            told("forum", visitor.say("no_talks"), visitor.say("no_talks_remedy"))
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
        live = self._desks.meetings.live
        with self._client:
            for call_id in [one for one in self._cards if one not in live]:
                self._cards.pop(call_id).delete()
            for call_id in [one for one in live if one not in self._cards]:
                with self._list:
                    self._cards[call_id] = TalkCard(self._desks, self._visitor, call_id, self._join, self._leave)
            for card in self._cards.values():
                card.update(is_wanted=card.call_id == self._wanted)
            self._nobody.set_visibility(not live)

    def _heard_of_audio(self, event: Any) -> None:
        """What the browser says of its sound: no microphone, no connection."""
        if event.args.get("problem"):
            words = f"{event.args.get('what', '')} {event.args.get('remedy', '')}"[:500]
            ui.notify(words, type="negative", timeout=10_000)

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

    async def _leave(self, call_id: str) -> None:
        try:
            self._supervision.leave(self._visitor.reader, call_id)
        except IvrError as error:
            ui.notify(self._visitor.say("not_now", why=str(error)), type="warning")
