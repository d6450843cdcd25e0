"""The conversations beside a flow, played against the draft as it is on the page."""

from dataclasses import replace

from nicegui import ui

from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Rehearsed, Visit
from ivr.console.parts import empty, match_colours, told, tried
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
    # What is said on the telephone stands in the tests as well: who changes the one has to change the other.
    files = ui.column().classes("w-full gap-2 pt-2")
    ui.timer(0.0, lambda: _files(visit, draft, files), once=True)


async def _files(visit: Visit, draft: OpenDraft, place: ui.column) -> None:
    """The conversations as text, to be changed."""
    t, workshop = visit.t, visit.house.workshop
    opened = [await workshop.conversations(draft.draft.flow)]
    if not opened[0].texts or place.is_deleted:
        return
    with (
        place,
        ui.expansion(t("The conversations"), icon="edit_note").classes("w-full").props("dense data-test=conversations"),
    ):
        chosen = ui.select(list(opened[0].texts), value=next(iter(opened[0].texts)), label=t("File"))
        chosen.classes("w-full").props("dense outlined")
        editor = ui.codemirror(opened[0].texts[chosen.value], language="YAML", indent="  ", line_wrapping=True,
                                theme="vscodeLight")  # fmt: skip
        editor.classes("w-full h-72 flow-editor border rounded overflow-hidden ruled").props("data-test=conversation")
        editor.set_enabled(visit.may("flows.publish"))
        await match_colours(editor)

        async def keep() -> None:
            await visit.needs("flows.publish")
            before, file = opened[0], str(chosen.value)
            after = replace(before, texts={**before.texts, file: editor.value})
            await workshop.save_conversations(before, after, visit.by)
            await visit.look("flow.save", file)
            opened[0] = after

        chosen.on_value_change(lambda: editor.set_value(opened[0].texts[str(chosen.value)]))
        if visit.may("flows.publish"):
            save = ui.button(
                t("Save the conversations"), icon="save", on_click=lambda: tried(visit, keep(), t("Saved."))
            )
            save.props("outline no-caps dense data-test=save-conversations").classes("px-3 mt-2")


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
