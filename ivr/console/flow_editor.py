"""The flow editor: the text with its errors at the line, the graph beside it, and everything before publishing."""

import json
from functools import partial

from nicegui import ui

from ivr.console import completion
from ivr.console.flow_chat import chat
from ivr.console.flow_difference import difference_tab
from ivr.console.flow_draft import OpenDraft
from ivr.console.flow_publishing import publish_buttons, versions_tab
from ivr.console.flow_tests import tests_tab
from ivr.console.graph import MERMAID, SHOW_BEGIN, drawn
from ivr.console.house import Visit
from ivr.console.links import ROOT
from ivr.console.parts import Filled, card, crumbs, empty, heading
from ivr.flow.problems import Problem

STYLE = """
.cm-line.flow-error { background: rgba(209, 73, 91, .22); box-shadow: inset 3px 0 #d1495b; }
.cm-line.flow-warning { background: rgba(230, 159, 0, .18); box-shadow: inset 3px 0 #e69f00; }
.flow-editor .cm-editor { height: 100%; font-size: 13px; }
"""


async def flow_editor(visit: Visit, name: str) -> None:
    """Raises nothing: what cannot be shown says why."""
    ui.add_css(STYLE)
    crumbs(visit, visit.t("Flows"), f"{ROOT}/flows")
    place = Filled(visit)

    async def read() -> OpenDraft:
        found = await visit.house.workshop.draft(name)
        made = OpenDraft(visit.house.workshop, found, found, found.main)
        await made.check()
        return made

    # Reading and checking a large flow takes a second: the page is there before.
    ui.timer(0.0, lambda: place.fill(read(), partial(_opened, visit)), once=True)


def _opened(visit: Visit, open_draft: OpenDraft) -> None:
    with ui.row().classes("w-full items-center justify-between gap-2"):
        heading(open_draft.draft.flow)
        publish_buttons(visit, open_draft)
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3 items-start"):
        with ui.column().classes("w-full gap-2 min-w-0"):
            _text(visit, open_draft)
        with card(classes="min-w-0"):
            _tabs(visit, open_draft)


def _tabs(visit: Visit, draft: OpenDraft) -> None:
    t = visit.t
    with ui.tabs().classes("w-full").props("dense no-caps align=left mobile-arrows") as tabs:
        graph = ui.tab("graph", t("Graph"))
        for name, words in (("try", "Try it"), ("tests", "Tests"), ("diff", "Difference"), ("versions", "Versions")):
            ui.tab(name, t(words)).props(f"data-test=tab-{name}")
    with ui.tab_panels(tabs, value=graph, animated=False).classes("w-full min-h-96 bg-transparent"):
        with ui.tab_panel("graph").classes("p-0"):
            _graph(visit, draft)
        with ui.tab_panel("try").classes("p-0"):
            chat(visit, draft)
        with ui.tab_panel("tests").classes("p-0"):
            tests_tab(visit, draft)
        with ui.tab_panel("diff").classes("p-0"):
            difference_tab(visit, draft)
        with ui.tab_panel("versions").classes("p-0"):
            versions_tab(visit, draft)


def _text(visit: Visit, draft: OpenDraft) -> None:
    """The text of one file, and what was found in all of them."""
    may = visit.may("flows.publish")
    files = ui.select(list(draft.draft.texts), value=draft.file, label=visit.t("File")).classes("w-full")
    files.props("dense outlined")
    editor = ui.codemirror(draft.text, language="YAML", indent="  ", line_wrapping=True, theme="vscodeLight")
    editor.classes("w-full h-[34rem] flow-editor border rounded overflow-hidden ruled").props("data-test=editor")
    editor.set_enabled(may)
    ui.timer(0.0, lambda: _match_colours(editor), once=True)
    found = (
        ui.column()
        .classes("w-full gap-1 max-h-48 overflow-auto flex-nowrap")
        .props("aria-live=polite data-test=problems")
    )

    def show() -> None:
        if editor.value != draft.text:
            editor.value = draft.text
        _mark(editor, draft)
        found.clear()
        with found:
            _problems(visit, draft, editor, files)
        ui.run_javascript(completion.names_script(draft.flow))

    def other_file() -> None:
        draft.file = str(files.value)
        editor.value = draft.text
        show()

    async def typed() -> None:
        if editor.value != draft.text:
            await draft.settle(editor.value)

    files.on_value_change(other_file)
    editor.on_value_change(typed)
    draft.changed.append(show)
    show()
    if may:
        ui.run_javascript(completion.script(editor.id, draft.flow))


async def _match_colours(editor: ui.codemirror) -> None:
    """Only the browser knows whether the page is dark where the visitor has not chosen."""
    if await ui.run_javascript('document.body.classList.contains("body--dark")', timeout=5.0):
        editor.theme = "vscodeDark"


def _mark(editor: ui.codemirror, draft: OpenDraft) -> None:
    last = draft.text.count("\n") + 1
    lines: dict[int, list[Problem]] = {}
    for one in draft.of_file():
        lines.setdefault(min(max(one.line, 1), last), []).append(one)
    levels = {
        line: "error" if any(one.level == "error" for one in those) else "warning" for line, those in lines.items()
    }
    editor.decorations = [{"kind": "line", "line": line, "class": f"flow-{level}"} for line, level in levels.items()]
    editor.line_tooltips = {line: "\n".join(_words(one) for one in those) for line, those in lines.items()}


def _words(one: Problem) -> str:
    return f"{one.message} {one.remedy}".strip()


def _problems(visit: Visit, draft: OpenDraft, editor: ui.codemirror, files: ui.select) -> None:
    if not draft.problems:
        with ui.row().classes("items-center gap-2 text-sm"):
            ui.icon("check_circle", color="positive").props("aria-hidden=true")
            ui.label(visit.t("Nothing wrong was found.")).props("data-test=sound")
    for one in sorted(draft.problems, key=lambda each: each.level):

        def go(one: Problem = one) -> None:
            if one.file in draft.draft.texts and files.value != one.file:
                files.value = one.file
            editor.reveal_line(max(one.line, 1))

        row = ui.element("button").props("type=button").on("click", go)
        with row.classes("flex items-start gap-2 w-full text-left shrink-0 bg-transparent border-0 p-1 cursor-pointer"):
            error = one.level == "error"
            ui.icon("error" if error else "warning", color="negative" if error else "warning", size="1.2rem")
            ui.label(f"{one.file}:{one.line} {_words(one)}").classes("text-sm grow basis-0")


def _graph(visit: Visit, draft: OpenDraft) -> None:
    place = ui.column().classes("w-full gap-2")
    seen: list[str] = []

    def show() -> None:
        texts = _graphs(draft)
        if json.dumps(texts) in seen:
            return
        seen[:] = [json.dumps(texts)]
        place.clear()
        with place:
            if not texts:
                empty(visit.t("The graph appears when the text can be read."), "account_tree")
            for name, text in texts.items():
                ui.label(name).classes("text-sm font-semibold")
                with ui.element("div").classes("w-full overflow-auto max-h-[34rem] bg-white rounded") as around:
                    ui.mermaid(text, config=MERMAID)
                ui.run_javascript(SHOW_BEGIN % around.id)

    draft.changed.append(show)
    show()


def _graphs(draft: OpenDraft) -> dict[str, str]:
    wrong = [one.step for one in draft.errors if one.step]
    return {name: drawn(file, wrong=wrong) for name, file in draft.flow.files.items()} if draft.flow else {}
