"""The desk during a call: what is said, what may help, and what can be done with the caller."""

from collections.abc import Callable

from nicegui import ui

from ivr.console.desk_advice import Advice, advice
from ivr.console.desk_buttons import Act, LastingButton
from ivr.console.desk_faces import faces
from ivr.console.desk_parts import bubble, clock, last_words, mood_chip, screen_pop, title
from ivr.console.desk_scenes import Around
from ivr.console.desk_talk import Suggestion, Talk
from ivr.console.desk_transfer import TransferDialog
from ivr.console.desk_words import DESK


class Talking:
    def __init__(self, around: Around, talk: Talk, come_back: Callable[[], None]) -> None:
        """`come_back`: let the browser call again, where its sound was lost."""
        self._around, self._talk, self._written = around, talk, 0
        self._come_back = come_back
        self._phase_shown = ""
        self._todo_for: tuple[object, ...] = ()
        self._suggested: dict[tuple[str, str], tuple[ui.element, ui.label]] = {}
        self._suggested_now: tuple[Suggestion, ...] = ()
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
                    title(say("next"))
                    self._todo = ui.element("div").classes("assist")
                    title(say("suggested"))
                    self._none_found = ui.label(say("suggested_empty")).classes("soft")
                    self._found = ui.element("div").classes("assist")
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
        todo = advice(talk, held_for, self._names)
        if (talk.mood.level, *todo) != self._todo_for:
            self._todo_for = (talk.mood.level, *todo)
            self._show_mood()
            self._show_todo(todo)
        self._suggest()

    def _show_mood(self) -> None:
        self._mood.clear()
        with self._mood:
            mood_chip(self._talk.mood.level if self._talk.mood.level != "none" else None, self._around.say)

    def _show_todo(self, todo: list[Advice]) -> None:
        say = self._around.say
        self._todo.clear()
        with self._todo:
            for one in todo:
                with ui.element("div").classes(f"todo {one.tone}"):
                    ui.icon(TODO_ICONS.get(one.tone, "chevron_right")).props('aria-hidden="true"')
                    ui.label(say(one.key, about=one.about) if "{about}" in DESK[one.key][0] else say(one.key))

    def _suggest(self) -> None:
        """What is suggested still keeps its element: somebody may be about to press its button."""
        found = self._talk.suggestions
        if found == self._suggested_now:
            return
        self._suggested_now = found
        shown = {(one.source, one.text): one for one in found}
        for gone in [key for key in self._suggested if key not in shown]:
            self._suggested.pop(gone)[0].delete()
        for place, (key, one) in enumerate(shown.items()):
            if key not in self._suggested:
                with self._found:
                    self._suggested[key] = self._suggestion(one)
            article, sure = self._suggested[key]
            article.move(target_index=place)
            percent = self._around.say("sure", percent=round(one.confidence * 100))
            sure.set_text(f"{percent} · {one.source.replace('.yaml', '')}")
        self._none_found.set_visibility(not found)

    def _suggestion(self, found: Suggestion) -> tuple[ui.element, ui.label]:
        """And the label that says how sure it is."""
        say = self._around.say
        with ui.element("article").classes("suggestion") as made:
            ui.label(found.question).classes("question")
            ui.label(found.text).classes("answer")
            with ui.element("div").classes("suggestion-foot"):
                sure = ui.label().classes("soft small")
                note = ui.button(say("into_notes"), icon="note_add", color=None)
                note.on_click(lambda: self._talk.note(found.text)).props('flat dense no-caps data-act="note"')
        return made, sure


TODO_ICONS = {"red": "priority_high", "amber": "warning_amber", "accent": "lightbulb"}
