"""Why callers went on to people: the reasons, most frequent first, what is behind each, and the calls themselves."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from ivr.console import charts_insight as charts
from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import Filled, card, column, empty, linked, table
from ivr.console.rooms import InsightRoom
from ivr.console.units import amount, between
from ivr.insight.intervals import wilson
from ivr.store.escalated import Escalated
from ivr.web.reports import Period

EVERY = "*"
"""Not the name of an intent."""

REASONS: Mapping[str, tuple[str, str]] = {
    "system": ("our systems failed", "repair them; until then say so at the start"),
    "policy_human_only": ("a person must do it", "right so; queue them at once, without questions"),
    "direct_request": ("asked for a person at once", "say what the bot can do, in one sentence"),
    "misrecognized": ("not understood", "add what they say: trainer desk"),
    "answer_not_solving": ("the answer did not solve it", "rewrite the answer: trainer desk"),
    "emotion": ("upset", "listen to the calls; shorten the way to a person"),
    "effort": ("it took too long", "look at the steps: figures by step"),
    "unknown": ("not known", "read some of the calls and label them"),
}
"""By code of domain.md 2.10.4: English words, and what helps."""


async def reasons_tab(visit: Visit, room: InsightRoom, period: Period) -> None:
    await Filled(visit).fill(room.reasons(period), partial(_reasons, visit, room, period))


def _reasons(visit: Visit, room: InsightRoom, period: Period, found: Mapping[str, Any]) -> None:
    t = visit.t
    if not found["escalated"]:
        with card():
            empty(t("No caller went on to a person in this time."), "sentiment_satisfied")
        return
    intents = {EVERY: t("All intents")}
    intents |= {
        one["intent"]: f"{visit.topic(one['intent']) or t('none')} ({one['escalated']:,})" for one in found["by_intent"]
    }
    with card():
        with ui.row().classes("w-full items-center justify-between gap-2"):
            _share(visit, int(found["escalated"]), int(found["contacts"]))
            by = (
                ui.select(intents, value=EVERY)
                .classes("min-w-48")
                .props(f'dense outlined aria-label="{t("per intent")}"')
            )
        place = ui.column().classes("w-full gap-2")
    calls = Filled(visit)

    async def look(code: str, subcode: str = "") -> None:
        await visit.look("insight.escalated", code)
        await calls.fill(room.escalated(period, code, subcode), partial(_calls, visit, code))

    def draw() -> None:
        own = next((one["reasons"] for one in found["by_intent"] if one["intent"] == by.value), found["all"])
        place.clear()
        with place:
            _pareto(visit, own, look)

    by.on_value_change(draw)
    draw()


def _share(visit: Visit, escalated: int, total: int) -> None:
    t = visit.t
    words = t("{n} of {total} contacts went on to a person", n=f"{escalated:,}", total=f"{total:,}")
    sure = f"{amount(escalated / total, 'share')} · {between(wilson(escalated, total))}" if total else ""
    with ui.column().classes("gap-0"):
        ui.label(words).classes("text-base font-semibold figures").props(
            "role=heading aria-level=2 data-test=escalated"
        )
        ui.label(sure).classes("text-sm soft figures").tooltip(t("95 % interval"))


def _pareto(visit: Visit, reasons: Sequence[Mapping[str, Any]], look: Any) -> None:
    t = visit.t
    names = [_named(visit, one["code"]) for one in reasons]
    plot = charts.pareto(names, [one["count"] for one in reasons], [one["cumulative"] for one in reasons],
                         (t("contacts"), t("together")))  # fmt: skip
    ui.echart(plot).classes("w-full h-64").props(f'role=img aria-label="{t("Why to a person")}"')
    total = sum(one["count"] for one in reasons)
    for one, name in zip(reasons, names, strict=True):
        with ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled").props("data-test=reason"):
            with ui.column().classes("grow gap-0 min-w-48"):
                ui.label(name).classes("font-semibold")
                ui.label(t(REASONS[one["code"]][1]) if one["code"] in REASONS else "").classes("text-xs soft")
                with ui.row().classes("gap-1 pt-1"):
                    for sub in one["subcodes"]:
                        if sub["subcode"]:
                            _subcode(visit, one["code"], sub, look)
            ui.label(f"{one['count']:,}").classes("figures w-16 text-right")
            with ui.column().classes("gap-0 items-end w-28"):
                ui.label(amount(one["count"] / total, "share")).classes("figures font-semibold")
                ui.label(between(wilson(one["count"], total))).classes("figures text-xs soft").tooltip(
                    t("95 % interval")
                )
            if visit.may("calls.list"):
                button = ui.button(t("Calls"), icon="call", on_click=partial(look, one["code"]))
                button.props(f'flat dense no-caps data-test="calls-{one["code"]}"')


def _subcode(visit: Visit, code: str, sub: Mapping[str, Any], look: Any) -> None:
    words = f"{visit.code(sub['subcode'])} {sub['count']:,}"
    if visit.may("calls.list"):
        ui.button(words, on_click=partial(look, code, sub["subcode"])).props("flat dense no-caps size=sm").classes(
            "chip"
        )
    else:
        ui.label(words).classes("chip")


def _named(visit: Visit, code: str) -> str:
    return visit.t(REASONS[code][0]) if code in REASONS else visit.code(code)


def _calls(visit: Visit, code: str, found: Sequence[Escalated]) -> None:
    t = visit.t
    with card(t("Calls: {why}", why=_named(visit, code))):
        if not found:
            empty(t("None of these calls is kept any more."), "call")
            return
        names = (("at", t("When")), ("flow", t("Flow")), ("intent", t("Intent")), ("subcode", t("In detail")))
        may = visit.may("calls.read")
        rows = [
            {"id": one.call_id, "at": clock(one.at), "flow": one.flow, "intent": visit.topic(one.intent) or t("none"),
             "subcode": visit.code(one.subcode), "link": call_link(one.call_id) if may else ""}
            for one in found
        ]  # fmt: skip
        made = table([column(*name) for name in names], rows, "id", pagination=10).props("data-test=escalated-calls")
        linked(made, "at")
