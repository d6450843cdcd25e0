"""What the draft changes of what callers get now: entry by entry, and line by line."""

import difflib
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ivr.console.flow_draft import OpenDraft
from ivr.console.house import Visit
from ivr.console.parts import empty, told
from ivr.flow.difference import Change, difference
from ivr.flow.loader import flow_of_texts
from ivr.model.errors import IvrError

MARKS = {
    "added": ("add_circle", "positive", "new"), "removed": ("remove_circle", "negative", "taken out"),
    "changed": ("edit", "warning", "altered"),
}  # fmt: skip
"""Icon, colour, English word."""

SHADES = {"+": "bg-green-100 dark:bg-green-900", "-": "bg-red-100 dark:bg-red-900", "@": "opacity-60"}


def difference_tab(visit: Visit, draft: OpenDraft) -> None:
    t = visit.t
    compare = ui.button(t("Compare with what is live"), icon="difference").props("no-caps data-test=compare")
    place = ui.column().classes("w-full gap-1")
    with place:
        empty(t("Shows what would change for callers."), "difference")

    async def show() -> None:
        place.clear()
        with place:
            try:
                live = await visit.house.workshop.live(draft.draft.flow)
                _shown(visit, live or draft.opened.texts, draft, is_live=bool(live))
            except IvrError as error:
                ui.label(told(visit, error)).classes("text-red-600 whitespace-pre-wrap").props("role=alert")

    compare.on_click(show)


def _shown(visit: Visit, before: Mapping[str, str], draft: OpenDraft, *, is_live: bool) -> None:
    """Raises FlowError: one of them cannot be read."""
    if not is_live:
        ui.label(visit.t("Never published: compared with the folder.")).classes("text-sm")
    after = draft.draft.texts
    if dict(before) == dict(after):
        empty(visit.t("Nothing differs."), "done_all")
        return
    main = draft.draft.main
    if not draft.errors:
        for one in difference(flow_of_texts(before, main), flow_of_texts(after, main)):
            _entry(visit, one)
    with ui.expansion(visit.t("Line by line"), value=bool(draft.errors)).classes("w-full").props("dense"):
        for path in dict.fromkeys((*before, *after)):
            lines = difflib.unified_diff(before.get(path, "").splitlines(), after.get(path, "").splitlines(),
                                         visit.t("live"), visit.t("draft"), lineterm="", n=2)  # fmt: skip
            for line in list(lines)[2:]:
                ui.label(line).classes(f"font-mono text-xs whitespace-pre-wrap w-full {SHADES.get(line[:1], '')}")


def _entry(visit: Visit, one: Change) -> None:
    icon, colour, words = MARKS[one.kind]
    with ui.row().classes("w-full items-start gap-2 no-wrap").props("data-test=change"):
        ui.icon(icon, color=colour, size="1.2rem").props(f'aria-label="{visit.t(words)}"')
        with ui.column().classes("gap-0 min-w-0"):
            ui.label(one.where).classes("text-sm font-mono break-words")
            if one.kind == "changed":
                ui.label(_plain(one.before)).classes("text-sm line-through opacity-60 break-words")
                ui.label(_plain(one.after)).classes("text-sm break-words")
            else:
                ui.label(_plain(one.after if one.kind == "added" else one.before)).classes("text-sm break-words")


def _plain(value: Any) -> str:
    """As it stands in the file, not as a programming language writes it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return " / ".join(_plain(one) for one in value)
    return "–" if value is None else str(value)
