"""Try it: a call by text to the draft as it is on the page, with the same understanding as on the telephone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from ivr.call.text_call import TextCall
from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Visit
from ivr.console.parts import told
from ivr.model.errors import IvrError


@dataclass(slots=True)
class _Talk:
    call: TextCall | None = None
    is_busy: bool = False


def chat(visit: Visit, draft: OpenDraft) -> None:
    t, talk = visit.t, _Talk()
    languages = draft.flow.languages if draft.flow else (visit.language,)
    with ui.row().classes("w-full items-center gap-2"):
        language = ui.select(list(languages), value=languages[0], label=t("Language")).props("dense outlined")
        call = ui.button(t("Call"), icon="call").props("no-caps data-test=chat-call")
        end = ui.button(t("Hang up"), icon="call_end").props("flat no-caps color=negative")
        step = ui.label().classes("text-sm text-gray-500 dark:text-gray-400")
    lines = ui.scroll_area().classes("w-full h-80 border rounded").props("data-test=chat-log role=log aria-live=polite")
    with ui.row().classes("w-full items-center gap-2 no-wrap"):
        typed = ui.input(t("What the caller says; #123 presses keys, nothing is silence")).classes("grow")
        typed.props("dense outlined data-test=chat-input")
        send = ui.button(icon="send").props(f'dense aria-label="{t("Send")}"')

    def bubble(text: str, who: str) -> None:
        with lines:
            ui.chat_message(text, name=t(who), sent=who == "Caller").classes("w-full")
        lines.scroll_to(percent=1.0)

    def after(noticed: list[str]) -> None:
        for line in noticed:
            bubble(line, "Server")
        step.set_text(_standing(visit, talk.call))

    async def doing(act: Callable[[], list[str]]) -> None:
        talk.is_busy = True
        try:
            after(await asyncio.to_thread(act))
        except IvrError as error:
            ui.notify(told(visit, error), type="negative")
        finally:
            talk.is_busy = False

    async def begin() -> None:
        if draft.errors:
            ui.notify(t("Correct the errors first."), type="warning")
            return
        lines.clear()
        step.set_text(t("Learning what callers say …"))
        try:
            talk.call = await visit.house.workshop.call(draft.draft, str(language.value))
        except IvrError as error:
            step.set_text("")
            ui.notify(told(visit, error), type="negative")
            return
        await doing(talk.call.begin)

    async def say() -> None:
        if talk.call is None or talk.is_busy or talk.call.conductor.over:
            return
        words = str(typed.value or "").strip()
        typed.value = ""
        bubble(words or "…", "Caller")
        await doing(_act(talk.call, words))

    async def hang_up() -> None:
        if talk.call is not None and not talk.call.conductor.over:
            await doing(talk.call.hang_up)

    call.on_click(begin)
    end.on_click(hang_up)
    send.on_click(say)
    typed.on("keydown.enter", say)


def _standing(visit: Visit, call: TextCall | None) -> str:
    if call is None:
        return ""
    at = call.conductor.state.step
    return visit.t("The call is over.") if call.conductor.over else visit.t("at step {step}", step=at) if at else ""


def _act(call: TextCall, words: str) -> Callable[[], list[str]]:
    if words.startswith("#") and len(words) > 1:
        return lambda: call.press(words[1:])
    return (lambda: call.say(words)) if words else call.stay_silent
