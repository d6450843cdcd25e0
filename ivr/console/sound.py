"""Listening to a recording: who listens says why, and that is in the audit before a sound is heard."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.links import recording_link
from ivr.console.parts import card, empty, tried
from ivr.model.calls import CallRecord
from ivr.web.calls import SHORTEST_REASON

REASONS = ("quality check", "complaint", "training", "fault finding", "request of the caller")


FOLLOW = """
(() => {
  const sound = getHtmlElement(%d);
  const show = () => {
    const turns = [...document.querySelectorAll("[data-at]")];
    const now = turns.filter((one) => Number(one.dataset.at) <= sound.currentTime + 0.05).pop();
    for (const one of turns) {
      one.classList.toggle("now", one === now);
      one === now ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current");
    }
  };
  for (const happening of ["timeupdate", "seeked"]) sound.addEventListener(happening, show);
})();
"""
"""Run in the browser: what is said just now is marked in the transcript; nothing goes over the network for it."""


@dataclass(slots=True)
class Player:
    """The sound of the call on the page, once it was asked for."""

    ask: Callable[[], None] | None = None
    """Asks for the reason; None: there is nothing to be played."""

    sound: ui.audio | None = None

    def jump(self, seconds: float) -> None:
        """Play from here; asks for the reason where nobody was asked yet."""
        if self.sound:
            self.sound.seek(seconds)
            self.sound.play()
        elif self.ask:
            self.ask()


def player(visit: Visit, record: CallRecord) -> Player:
    """The card of the recording."""
    made = Player()
    with card(visit.t("Recording")) as place:
        if not record.recording:
            empty(visit.t("No recording was kept of this call."), "mic_off")
            return made
        if not visit.may("calls.play"):
            empty(visit.t("Your role may not listen to recordings."), "lock")
            return made

        async def opened(reason: str) -> None:
            await visit.needs("calls.play")
            await visit.look("call.play", record.call_id, reason=reason)
            place.clear()
            with place:
                link = recording_link(record.call_id, reason)
                made.sound = ui.audio(link).classes("w-full").props("data-test=sound")
                ui.label(visit.t("Left: the caller. Right: what the caller heard.")).classes("text-xs soft")
            ui.run_javascript(FOLLOW % made.sound.id)
            made.sound.play()

        made.ask = lambda: ask_reason(visit, visit.t("Why do you listen?"), visit.t("Listen"), opened)
        with ui.row().classes("items-center gap-3"):
            ui.button(visit.t("Listen"), icon="headphones", on_click=made.ask).props("data-test=listen")
            ui.label(visit.t("You are asked why, and it is written down.")).classes("text-sm soft")
            if visit.house.erase_sound and visit.may("calls.erase"):
                _eraser(visit, record.call_id, place)
    return made


def _eraser(visit: Visit, call_id: str, place: ui.element) -> None:
    """A button that deletes the sound for good; the record stays."""
    t = visit.t

    async def erased(reason: str) -> None:
        await visit.needs("calls.erase")
        await visit.look("call.erase_recording", call_id, reason=reason)
        assert visit.house.erase_sound
        await visit.house.erase_sound(call_id)
        place.clear()
        with place:
            empty(t("The recording was deleted."), "mic_off")

    ask = partial(ask_reason, visit, t("Why is it deleted?"), t("Delete for good"), erased)
    ui.button(t("Delete"), icon="delete", on_click=ask).props("flat color=negative data-test=erase-sound")


def ask_reason(visit: Visit, question: str, do_it: str, then: Callable[[str], Awaitable[None]]) -> None:
    """A dialog: why somebody wants to listen to a recording, or to delete it; `then` gets the words."""
    t = visit.t
    with ui.context.client.content, ui.dialog(value=True) as dialog, ui.card().classes("w-96 gap-3"):
        ui.label(question).classes("text-lg font-semibold")
        wish = ui.input(t("Reason")).classes("w-full").props("autofocus maxlength=200 data-test=reason")
        with ui.row().classes("gap-1"):
            for one in REASONS:
                ui.button(t(one), on_click=partial(wish.set_value, t(one))).props(
                    "outline rounded dense no-caps size=sm"
                )

        async def go() -> None:
            reason = str(wish.value or "").strip()[:200]
            if len(reason) < SHORTEST_REASON:
                ui.notify(t("Say why first."), type="warning")
                return
            dialog.close()
            await tried(visit, then(reason))

        wish.on("keydown.enter", go)
        with ui.row().classes("w-full justify-end"):
            ui.button(t("Cancel"), on_click=dialog.close).props("flat")
            ui.button(do_it, on_click=go).props("data-test=play")
