"""Try it: a call by text to the draft as it is on the page, with the same understanding as on the telephone."""

import asyncio
from collections.abc import Callable

from nicegui import ui

from ivr.call.text_call import TextCall
from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Visit
from ivr.console.parts import told
from ivr.model.errors import IvrError


def chat(visit: Visit, draft: OpenDraft) -> None:
    """The tab."""
    t, talk = visit.t, _Talk(visit, draft)
    languages = draft.flow.languages if draft.flow else (visit.language,)
    with ui.row().classes("w-full items-center gap-2"):
        named = {one: visit.code(one) for one in languages}
        language = ui.select(named, value=languages[0], label=t("Language")).props("dense outlined")
        language.classes("min-w-28")
        call = ui.button(t("Call"), icon="call", on_click=lambda: talk.begin(str(language.value)))
        call.props("no-caps data-test=chat-call")
        ui.button(t("Hang up"), icon="call_end", on_click=talk.hang_up).props("flat no-caps color=negative")
        talk.step = ui.label().classes("text-sm soft")
    talk.lines = ui.scroll_area().classes("w-full h-80 border rounded ruled")
    talk.lines.props("data-test=chat-log role=log aria-live=polite")
    with ui.row().classes("w-full items-center gap-2 no-wrap"):
        typed = ui.input(t("What the caller says; #123 presses keys, nothing is silence")).classes("grow")
        typed.props("dense outlined data-test=chat-input")

        async def say() -> None:
            words, typed.value = str(typed.value or "").strip(), ""
            await talk.say(words)

        ui.button(icon="send", on_click=say).props(f'dense aria-label="{t("Send")}"')
        typed.on("keydown.enter", say)


class _Talk:
    """One call after the other, on one page."""

    step: ui.label
    lines: ui.scroll_area

    def __init__(self, visit: Visit, draft: OpenDraft) -> None:
        self._visit, self._draft = visit, draft
        self._call: TextCall | None = None
        self._is_busy = False

    async def begin(self, language: str) -> None:
        if self._draft.errors:
            ui.notify(self._visit.t("Correct the errors first."), type="warning")
            return
        self.lines.clear()
        self.step.set_text(self._visit.t("Learning what callers say …"))
        try:
            self._call = await self._visit.house.workshop.call(self._draft.draft, language)
        except IvrError as error:
            self.step.set_text("")
            ui.notify(told(self._visit, error), type="negative")
            return
        await self._do(self._call.begin)

    async def say(self, words: str) -> None:
        if self._call is not None and not self._is_busy and not self._call.conductor.over:
            self._bubble(words or "…", "Caller")
            await self._do(_act(self._call, words))

    async def hang_up(self) -> None:
        if self._call is not None and not self._is_busy and not self._call.conductor.over:
            await self._do(self._call.hang_up)

    async def _do(self, act: Callable[[], list[str]]) -> None:
        """Requests of the flow may take seconds: not on the loop that carries the calls."""
        self._is_busy = True
        try:
            for line in await asyncio.to_thread(act):
                self._bubble(line, "Server")
            self.step.set_text(_standing(self._visit, self._call))
        except IvrError as error:
            ui.notify(told(self._visit, error), type="negative")
        finally:
            self._is_busy = False

    def _bubble(self, text: str, who: str) -> None:
        with self.lines:
            ui.chat_message(text, name=self._visit.t(who), sent=who == "Caller").classes("w-full")
        self.lines.scroll_to(percent=1.0)


def _standing(visit: Visit, call: TextCall | None) -> str:
    if call is None:
        return ""
    at = call.conductor.state.step
    return visit.t("The call is over.") if call.conductor.over else visit.t("at step {step}", step=at) if at else ""


def _act(call: TextCall, words: str) -> Callable[[], list[str]]:
    if words.startswith("#") and len(words) > 1:
        return lambda: call.press(words[1:])
    return (lambda: call.say(words)) if words else call.stay_silent
