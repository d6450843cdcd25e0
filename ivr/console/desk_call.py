"""The desk during a call: what is said, what may help, and what can be done with the caller."""

from collections.abc import Callable

from nicegui import ui

from ivr.console.desk_advice import advice
from ivr.console.desk_assist import Assistance
from ivr.console.desk_buttons import Act, LastingButton
from ivr.console.desk_faces import faces
from ivr.console.desk_parts import bubble, chosen, clock, last_words, mood_chip, screen_pop, title
from ivr.console.desk_scenes import Around
from ivr.console.desk_talk import Talk
from ivr.console.desk_transfer import TransferDialog


class Talking:
    def __init__(self, around: Around, talk: Talk, come_back: Callable[[], None]) -> None:
        """`come_back`: let the browser call again, where its sound was lost."""
        self._around, self._talk, self._written = around, talk, 0
        self._come_back = come_back
        self._phase_shown = ""
        self._mood_shown = ""
        self._held_since: float | None = None
        say, self._names = around.say, around.names(talk.handoff)
        self._dialog = TransferDialog(around)
        with ui.element("div").classes("talk"):
            with ui.element("section").classes("middle-column"):
                self._head()
                with ui.element("div").classes("card pad transcript"):
                    title(say("transcript"))
                    props = f'role="log" aria-live="polite" tabindex="0" aria-label="{say("transcript")}"'
                    self._lines = ui.element("div").classes("lines live").props(props)
                    with self._lines:
                        self._empty = ui.label(say("transcript_empty")).classes("soft")
            with ui.element("aside").classes("side-column"):
                with ui.element("section").classes("card pad assist"):
                    self._assistance = Assistance(around, talk, self._names)
                with ui.element("section").classes("card pad"):
                    title(say("notes"))
                    box = ui.textarea(value=talk.text, placeholder=say("notes_hint"))
                    box.props(f'outlined autogrow input-class=notes aria-label="{say("notes")}"').bind_value(
                        talk, "text"
                    )
            with ui.element("aside").classes("card pad pop-column"):
                screen_pop(talk.handoff, say, self._names, around.summary(talk.handoff))
                last_words(talk.handoff, say, self._names)
        self.update()

    def _head(self) -> None:
        with ui.element("div").classes("card pad call"):
            with ui.element("div").classes("call-head"):
                ui.icon("phone_in_talk").classes("bell still").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    known = self._talk.handoff
                    title(known.customer or known.caller or self._around.say("unknown"), 1)
                    wants = self._names.intent(known.intent) or chosen(known, self._names)
                    ui.label(" · ".join(filter(None, (self._names.queue(known.queue), wants)))).classes("soft")
                    self._phase = ui.label().classes("soft").props('role="status" data-phase=""')
                self._mood = ui.element("span")
                self._time = ui.label().classes("countdown figures").props('role="timer"')
            with ui.element("div").classes("answers"):
                self._make_buttons()

    def update(self) -> None:
        talk, around = self._talk, self._around
        self._time.set_text(clock(around.now() - talk.began))
        self._phase.set_text(self._phase_text())
        self._phase.props(f'data-phase="{talk.phase}"')
        is_lost = talk.phase == "lost"
        self._phase.classes(add="lost" if is_lost else "", remove="" if is_lost else "lost")
        if talk.phase != self._phase_shown:
            self._phase_shown = talk.phase
            self._held_since = around.now() if talk.phase == "held" else None
        self._show_buttons()
        self._write()
        self._help()

    def _phase_text(self) -> str:
        talk, say, name = self._talk, self._around.say, self._around.acts.name_of
        if talk.ringing:
            return say("ringing_other", name=name(talk.ringing))
        if talk.phase == "consulting" and talk.view:
            other = talk.view.agent if talk.view.consulted == self._around.agent_id else talk.view.consulted
            return say("phase_consulting", name=name(other))
        return say(f"phase_{talk.phase}")

    def _make_buttons(self) -> None:
        acts, me, do = self._around.acts, self._around.agent_id, self._around.do

        def simply(act: Callable[[str], None]) -> Act:
            async def acting(wish: str) -> None:
                await do(lambda: act(me))()

            return acting

        async def transfer(wish: str) -> None:
            self._dialog.show()

        async def again(wish: str) -> None:
            await do(self._come_back)()

        self._buttons = {
            "again": LastingButton("again", again),
            "mute": LastingButton("mute", self._mute, key="M"),
            "hold": LastingButton("hold", self._hold, key="H"),
            "transfer": LastingButton("transfer", transfer, key="T"),
            "complete": LastingButton("complete", simply(acts.complete)),
            "conference": LastingButton("conference", simply(acts.conference)),
            "back": LastingButton("back", simply(acts.cancel)),
            "cancel": LastingButton("cancel", simply(acts.cancel)),
            "hang_up": LastingButton("hang_up", simply(acts.hang_up), key="X", more="last"),
        }

    def _show_buttons(self) -> None:
        now = faces(self._talk, self._around.agent_id, self._around.say)
        for name, button in self._buttons.items():
            button.show(now.get(name))

    async def _hold(self, wish: str) -> None:
        await self._around.do(lambda: self._around.acts.hold(self._around.agent_id, held=wish == "hold"))()

    async def _mute(self, wish: str) -> None:
        await self._around.do(lambda: self._set_mute(wish == "mute"))()

    def _set_mute(self, muted: bool) -> None:
        self._around.acts.mute(self._around.agent_id, muted=muted)
        if not self._talk.by_phone:
            ui.run_javascript(f"window.desk?.mute({str(muted).lower()})")

    def _write(self) -> None:
        lines = self._talk.lines
        if len(lines) <= self._written and lines:
            return
        fresh = lines[self._written :]
        if fresh:
            self._empty.set_visibility(False)
            with self._lines:
                for line in fresh:
                    bubble(line, self._around.say)
            ui.run_javascript('document.querySelector(".lines.live").scrollTo(0, 1e6)')
        self._written = len(lines)

    def _help(self) -> None:
        talk, around = self._talk, self._around
        held_for = around.now() - self._held_since if self._held_since is not None else 0.0
        todo = advice(talk, held_for, around.acts.desks.helping.rules())
        if talk.mood.level != self._mood_shown:
            self._mood_shown = talk.mood.level
            self._mood.clear()
            with self._mood:
                mood_chip(talk.mood.level if talk.mood.level != "none" else None, around.say)
        self._assistance.show(todo)
