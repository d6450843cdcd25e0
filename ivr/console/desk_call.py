"""The desk during a call: what is said, what may help, and what can be done with the caller."""

from nicegui import ui

from ivr.console.desk_advice import advice
from ivr.console.desk_assist import assistance
from ivr.console.desk_parts import bubble, button, clock, last_words, mood_chip, screen_pop, title
from ivr.console.desk_scenes import Around
from ivr.console.desk_talk import Talk
from ivr.console.desk_transfer import TransferDialog


class Talking:
    def __init__(self, around: Around, talk: Talk) -> None:
        self._around, self._talk, self._written = around, talk, 0
        self._controls_for: tuple[object, ...] = ()
        self._assist_for: tuple[object, ...] = ()
        self._held_since: float | None = None
        say = around.say
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
                self._assist = ui.element("section").classes("card pad assist")
                with ui.element("section").classes("card pad"):
                    title(say("notes"))
                    box = ui.textarea(value=talk.text, placeholder=say("notes_hint"))
                    box.props(f'outlined autogrow input-class=notes aria-label="{say("notes")}"').bind_value(
                        talk, "text"
                    )
            with ui.element("aside").classes("card pad pop-column"):
                screen_pop(talk.handoff, say)
                last_words(talk.handoff, say)
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
            self._controls = ui.element("div").classes("answers")

    def update(self) -> None:
        talk, around = self._talk, self._around
        self._time.set_text(clock(around.now() - talk.began))
        self._phase.set_text(self._phase_text())
        self._phase.props(f'data-phase="{talk.phase}"')
        wanted = (talk.phase, talk.ringing, talk.is_muted(around.agent_id))
        if wanted != self._controls_for:
            self._controls_for = wanted
            self._held_since = around.now() if talk.phase == "held" else None
            self._controls.clear()
            with self._controls:
                self._buttons()
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

    def _buttons(self) -> None:
        talk, around = self._talk, self._around
        acts, me, say, do = around.acts, around.agent_id, around.say, around.do
        muted = talk.is_muted(me)
        if talk.phase not in ("connecting", "over"):
            text, icon = (say("unmute"), "mic_off") if muted else (say("mute"), "mic")
            button(text, icon, do(lambda: self._mute(not muted)), "on" if muted else "plain", name="mute")
        is_first = talk.view is not None and talk.view.agent == me
        if talk.ringing:
            button(say("stop_ringing"), "close", do(lambda: acts.cancel(me)), "plain", name="cancel")
        elif talk.phase in ("talking", "held") and is_first:
            held = talk.phase == "held"
            text, icon = (say("resume"), "play_arrow") if held else (say("hold"), "pause")
            button(text, icon, do(lambda: acts.hold(me, held=not held)), "on" if held else "plain", name="hold")
            button(say("transfer"), "phone_forwarded", self._dialog.show, "plain", name="transfer")
        elif talk.phase in ("consulting", "conference") and is_first:
            button(say("complete"), "phone_forwarded", do(lambda: acts.complete(me)), "go", name="complete")
            if talk.phase == "consulting":
                button(say("conference"), "groups", do(lambda: acts.conference(me)), "plain", name="conference")
            button(say("cancel"), "undo", do(lambda: acts.cancel(me)), "plain", name="back")
        if talk.phase not in ("connecting", "over"):
            button(say("hang_up"), "call_end", do(lambda: acts.hang_up(me)), "stop", name="hang_up")

    def _mute(self, muted: bool) -> None:
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
        wanted = (tuple(map(repr, todo)), talk.suggestions, repr(talk.similar), talk.mood.level)
        if wanted == self._assist_for:
            return
        self._assist_for = wanted
        self._mood.clear()
        with self._mood:
            mood_chip(talk.mood.level if talk.mood.level != "none" else None, around.say)
        self._assist.clear()
        with self._assist:
            assistance(around, talk, todo)
