"""The trainer desk: what callers asked in vain, in heaps, each put right on a bench; and the audit of answers."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.parts import Act, Filled, card, empty, heading
from ivr.console.rooms import TrainerRoom
from ivr.console.trainer_audit import audit_tab
from ivr.console.trainer_bench import Work, bench
from ivr.insight.mining import Heap

MOST_HEAPS = 40
"""Shown; the rest comes when these are dealt with."""

STYLE = """
.heap { font: inherit; color: inherit; }
.heap[aria-pressed=true] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.bench { display: grid; width: 100%; gap: 12px; align-items: start; }
.bench { grid-template-columns: minmax(0, 5fr) minmax(0, 9fr); }
.heaps { max-height: calc(100vh - 250px); overflow-y: auto; padding: 4px; flex-wrap: nowrap; }
.heaps > * { flex-shrink: 0; }
@media (max-width: 1023px) {
  .bench { grid-template-columns: minmax(0, 1fr); }
  .heaps { max-height: 40vh; }
}
.patched .cm-editor { height: 22rem; font-size: 13px; }
.cm-line.patch-new { background: rgba(26, 158, 119, .18); box-shadow: inset 3px 0 #1a9e77; }
"""


async def trainer(visit: Visit) -> None:
    t, room = visit.t, visit.house.trainer
    ui.add_css(STYLE)
    names = list(visit.house.workshop.names())
    with ui.row().classes("w-full items-center justify-between gap-3"):
        heading(t("Trainer desk"), t("What callers asked in vain, and answers nobody rated."))
        flow = ui.select(names, value=_first(visit, names)).classes("min-w-48")
        flow.props(f'dense outlined data-test=flow aria-label="{t("Flow")}"')
    if room is None or not names:
        empty(t("There is no flow yet: put one into the folder of flows."), "account_tree")
        return
    with ui.tabs().classes("w-full").props("no-caps align=left inline-label") as tabs:
        ui.tab("heaps", t("Asked in vain"), icon="help_center").props("data-test=tab-heaps")
        ui.tab("audit", t("Audit of answers"), icon="fact_check").props("data-test=tab-audit")
    place = ui.column().classes("w-full gap-3")

    async def draw() -> None:
        place.clear()
        with place:
            if tabs.value == "audit":
                await audit_tab(visit, room, str(flow.value))
            else:
                await _heaps_tab(visit, room, str(flow.value))

    wanted = visit.request.query_params.get("tab", "")
    tabs.set_value("audit" if wanted == "audit" else "heaps")
    tabs.on_value_change(draw)
    flow.on_value_change(draw)
    ui.timer(0.0, draw, once=True)


def _first(visit: Visit, names: Sequence[str]) -> str | None:
    """The flow that is asked for, else one that answers calls."""
    asked = visit.request.query_params.get("flow", "")
    served = [name for name in names if name in visit.house.workshop.served()]
    return next((name for name in (asked, *served, *names) if name in names), None)


async def _heaps_tab(visit: Visit, room: TrainerRoom, flow: str) -> None:
    await visit.look("trainer.items", flow)
    place = Filled(visit)

    async def again() -> None:
        await place.fill(room.bench.heaps(flow), partial(_heaps, visit, room, flow, again))

    await again()


def _heaps(visit: Visit, room: TrainerRoom, flow: str, again: Act, found: Sequence[Heap]) -> None:
    t = visit.t
    if not found:
        with card():
            empty(t("Nothing is open: every question of callers was dealt with."), "task_alt")
        return
    shown: dict[str, ui.element] = {}
    with ui.element("div").classes("bench"):
        with ui.column().classes("gap-2 w-full min-w-0 heaps").props(f'role=group aria-label="{t("Asked in vain")}"'):
            words = t("{n} questions, heaped by likeness; the most worthwhile first",
                      n=sum(len(heap.items) for heap in found))  # fmt: skip
            ui.label(words).classes("text-sm soft figures").props("data-test=heaps")
            for heap in found[:MOST_HEAPS]:
                shown[heap.heap_id] = _heap(visit, heap)
        place = ui.column().classes("w-full gap-3 min-w-0").props("data-test=bench")

    async def choose(heap: Heap) -> None:
        for name, made in shown.items():
            made.props(f"aria-pressed={'true' if name == heap.heap_id else 'false'}")
        place.clear()
        with place:
            bench(Work(visit, room, flow, heap, again))

    for heap in found[:MOST_HEAPS]:
        shown[heap.heap_id].on("click", partial(choose, heap))
    with place, card():
        empty(t("Choose a heap to put it right."), "touch_app")


def _heap(visit: Visit, heap: Heap) -> ui.element:
    t = visit.t
    gone = sum(item.transferred for item in heap.items)
    made = ui.element("button").props("type=button data-test=heap aria-pressed=false")
    with made.classes("card heap p-3 text-left cursor-pointer w-full"):
        with ui.row().classes("w-full items-center gap-2 no-wrap"):
            ui.label(heap.name).classes("font-semibold grow truncate")
            ui.label(str(len(heap.items))).classes("chip accent figures")
        texts = list(dict.fromkeys(item.text for item in heap.items))
        for text in texts[:2]:
            ui.label(f"\u201c{text}\u201d").classes("text-sm truncate w-full")
        note = t("{n} went on to a person", n=gone) if gone else ""
        also = t("{n} more wordings", n=len(texts) - 2) if len(texts) > 2 else ""
        ui.label(" · ".join(one for one in (visit.code(heap.proposal.language), also, note) if one)).classes(
            "text-xs soft figures"
        )
    return made
