"""The list of calls: filtered, newest first, page by page."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nicegui import ui

from ivr.console.clocks import clock, lasting
from ivr.console.house import Visit, caller_shown
from ivr.console.links import call_link
from ivr.console.parts import Act, card, column, empty, heading, linked, table, trouble
from ivr.console.words_codes import code_of
from ivr.model.calls import CallRecord
from ivr.model.errors import IvrError
from ivr.store.archive import CallFilter, CallPage

PAGE = 50
SPANS = {"": "Any time", "1": "Last hour", "24": "Last 24 hours", "168": "Last 7 days"}
SURVEYS = ("completed", "partial", "declined", "no_response", "hung_up_before", "not_offered", "deferred")


async def calls(visit: Visit) -> None:
    t = visit.t
    heading(t("Calls"), t("Every call that was answered, with what was said and how it ended."))
    cursors: list[str] = [""]
    span, flow, survey, outcome, caller = asked = _filters(visit)
    shown = ui.column().classes("w-full")

    def wanted() -> CallFilter:
        since = visit.house.utc() - timedelta(hours=int(span.value)) if span.value else None
        one, how, who, status = (str(each.value or "").strip() for each in (flow, outcome, caller, survey))
        how = code_of(how, visit.language)
        return CallFilter(since, None, one, how, who, status, PAGE, cursors[-1])

    async def draw() -> None:
        shown.clear()
        with shown:
            try:
                await visit.look("calls.list")
                page = await visit.house.archive.page(wanted())
            except IvrError as error:
                trouble(visit, error)
                return
            with card():
                _list(visit, page)
                _turning(visit, page, cursors, draw)

    async def from_the_start() -> None:
        cursors[:] = [""]
        await draw()

    for each in asked:
        if isinstance(each, ui.select):
            each.on_value_change(from_the_start)
        else:
            each.on("keydown.enter", from_the_start)
    await draw()


def _filters(visit: Visit) -> tuple[ui.select, ui.select, ui.select, ui.input, ui.input]:
    """When, flow, survey; outcome and caller are typed and take effect with Enter."""
    t = visit.t
    flows = {"": t("All flows"), **{one: one for one in visit.house.workshop.names()}}
    with ui.row().classes("w-full gap-3 items-end"):
        made = (
            ui.select({key: t(words) for key, words in SPANS.items()}, value="", label=t("When")),
            ui.select(flows, value="", label=t("Flow")),
            ui.select({"": t("All"), **{one: t(one) for one in SURVEYS}}, value="", label=t("Survey")),
            ui.input(t("Outcome")),
            ui.input(t("Caller's number")),
        )
        for each in made:
            each.classes("min-w-32 grow basis-32").props("dense outlined")
    return made


def _list(visit: Visit, page: CallPage) -> None:
    if not page.calls:
        empty(visit.t("No call fits. Call a number of config.yaml, or open /phone, and it appears here."), "call")
        return
    t = visit.t
    names = (
        ("at", t("When")), ("caller", t("Caller")), ("flow", t("Flow")), ("lasted", t("Lasted")),
        ("outcome", t("Outcome")), ("handled", t("Handled by")), ("csat", t("Satisfaction")), ("survey", t("Survey")),
    )  # fmt: skip
    columns = [column(name, label, align="right" if name in ("lasted", "csat") else "left") for name, label in names]
    made = table(columns, [_row(visit, one) for one in page.calls], "id")
    linked(made, "at")


def _row(visit: Visit, one: CallRecord) -> dict[str, Any]:
    survey = one.survey
    return {
        "id": one.call_id, "link": call_link(one.call_id), "at": clock(one.arrived_at), "caller": caller_shown(one),
        "flow": one.flow, "lasted": lasted(one),
        "outcome": visit.code(one.outcome or one.end_reason) or visit.t("on the line"),
        "handled": visit.t(f"by {one.handled_by or 'none'}"), "csat": survey.answers.get("csat", "") if survey else "",
        "survey": visit.t(survey.status) if survey else "",
    }  # fmt: skip


def lasted(one: CallRecord) -> str:
    began: datetime | None = one.answered_at or one.arrived_at
    return lasting((one.ended_at - began).total_seconds()) if one.ended_at and began else "–"


def _turning(visit: Visit, page: CallPage, cursors: list[str], draw: Act) -> None:
    async def turn(forward: bool) -> None:
        if forward:
            cursors.append(page.next_cursor)
        else:
            cursors.pop()
        await draw()

    with ui.row().classes("w-full justify-end"):
        back = ui.button(visit.t("Newer"), icon="chevron_left", on_click=partial(turn, False)).props("flat dense")
        on = ui.button(visit.t("Older"), on_click=partial(turn, True)).props("flat dense icon-right=chevron_right")
        back.set_enabled(len(cursors) > 1)
        on.set_enabled(bool(page.next_cursor))
