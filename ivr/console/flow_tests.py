"""The conversations beside a flow, played against the draft as it is on the page."""

from nicegui import ui

from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Rehearsed, Visit
from ivr.console.parts import empty, told
from ivr.model.errors import IvrError


def tests_tab(visit: Visit, draft: OpenDraft) -> None:
    t = visit.t
    run = ui.button(t("Play the conversations"), icon="play_arrow").props("no-caps data-test=run-tests")
    place = ui.column().classes("w-full gap-2")
    with place:
        empty(t("Plays every conversation test of this flow on what you have typed."), "rule")

    async def play() -> None:
        run.disable()
        place.clear()
        with place, ui.row().classes("items-center gap-2"):
            ui.spinner()
            ui.label(t("Learning what callers say …"))
        try:
            await shown(await visit.house.workshop.rehearse(draft.draft))
        except IvrError as error:
            place.clear()
            with place:
                ui.label(told(visit, error)).classes("text-red-600 whitespace-pre-wrap").props("role=alert")
        finally:
            run.enable()

    async def shown(found: Rehearsed) -> None:
        place.clear()
        with place:
            verdict(visit, found)

    run.on_click(play)


def verdict(visit: Visit, found: Rehearsed) -> None:
    """How it went, and what went differently."""
    t = visit.t
    with ui.row().classes("items-center gap-2").props("data-test=verdict"):
        good = found.is_good
        ui.icon("check_circle" if good else "cancel", color="positive" if good else "negative", size="1.5rem")
        words = t("All {n} conversations went as written.", n=found.played)
        ui.label(words if good else t("Some of {n} conversations went differently.", n=found.played))
    for line in found.failures:
        ui.label(line).classes("text-sm font-mono whitespace-pre-wrap break-words")
