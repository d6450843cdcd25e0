"""Survey and satisfaction: every share with its formula, denominator and interval; low scores lead to their calls."""

from collections.abc import Sequence
from datetime import timedelta

from nicegui import ui

from ivr.console import charts
from ivr.console.clocks import clock
from ivr.console.contacts import contact_of
from ivr.console.house import Visit, caller_shown
from ivr.console.links import call_link
from ivr.console.parts import card, column, empty, heading, table, trouble
from ivr.insight.metric import Figure
from ivr.insight.metrics_survey import histogram, not_offered, nps
from ivr.insight.registry import metric_called, report
from ivr.model.calls import CallRecord
from ivr.model.contacts import Contact
from ivr.model.errors import IvrError
from ivr.store.archive import CallFilter

SPANS = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}
METRICS = ("csat", "fcr_survey", "response_rate", "completion_rate", "offer_rate", "survey_coverage")
LOW = 2
"""Answers up to this are low (domain.md 2.4.6)."""

MOST_CALLS = 5_000
"""Read for one page; the figures say so where there were more."""

SCORES = {1: charts.RED, 2: charts.RED, 3: charts.ORANGE, 4: charts.GREEN, 5: charts.GREEN}


async def satisfaction(visit: Visit) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between"):
        heading(t("Survey and satisfaction"), t("What callers say themselves; with 95 % Wilson intervals."))
        days = ui.select({key: t(words) for key, words in SPANS.items()}, value=7).props("dense outlined")
    place = ui.column().classes("w-full gap-3")

    async def draw() -> None:
        place.clear()
        with place:
            waiting = ui.spinner(size="2rem").classes("self-center my-12")
            try:
                records = await _records(visit, int(days.value))
            except IvrError as error:
                waiting.delete()
                trouble(visit, error)
                return
            waiting.delete()
            _shown(visit, records)

    days.on_value_change(draw)
    await draw()


async def _records(visit: Visit, days: int) -> list[CallRecord]:
    since, cursor, found = visit.house.utc() - timedelta(days=days), "", list[CallRecord]()
    while len(found) < MOST_CALLS:
        page = await visit.house.archive.page(CallFilter(since=since, limit=500, cursor=cursor))
        found += page.calls
        cursor = page.next_cursor
        if not cursor:
            break
    return found


def _shown(visit: Visit, records: list[CallRecord]) -> None:
    t = visit.t
    ended = [one for one in records if one.ended_at]
    if not ended:
        empty(
            t("No call has ended in this time; every one that does is in these figures at once."), "sentiment_neutral"
        )
        return
    if len(records) >= MOST_CALLS:
        ui.label(t("Only the latest {n} calls are counted.", n=MOST_CALLS)).classes("text-sm").props("role=status")
    contacts = [contact_of(one) for one in ended]
    with ui.row().classes("w-full gap-3 items-stretch"):
        for figure in report(contacts, METRICS).values():
            _figure(visit, figure)
        _nps(visit, contacts)
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("Satisfaction, 1 to 5")):
            _histogram(visit, contacts)
        with card(t("Why no survey was asked")):
            _not_asked(visit, contacts)
    with card(t("Low scores")):
        _low(visit, ended)


def _figure(visit: Visit, figure: Figure) -> None:
    metric = metric_called(figure.name)
    name = metric.chinese if visit.language == "zh" else metric.english
    with ui.element("div").classes("card p-4 grow basis-44 min-w-40").props(f"data-test=metric-{figure.name}"):
        ui.label(name).classes("soft text-sm")
        ui.label("–" if figure.value is None else f"{figure.value:.0%}").classes("text-3xl font-semibold figures")
        of = f"{figure.numerator:.0f} / {figure.denominator:.0f}"
        if figure.interval and figure.denominator:
            of += f" · {figure.interval[0]:.0%} – {figure.interval[1]:.0%}"
        ui.label(of).classes("text-xs soft figures")
        ui.label(metric.formula).classes("text-xs soft")


def _nps(visit: Visit, contacts: Sequence[Contact]) -> None:
    found = nps(contacts)
    answers = found.promoters + found.passives + found.detractors
    with ui.element("div").classes("card p-4 grow basis-44 min-w-40"):
        ui.label(visit.t("Recommendation (NPS)")).classes("soft text-sm")
        ui.label("–" if found.points is None else f"{found.points:+.0f}").classes("text-3xl font-semibold figures")
        margin = "" if found.margin is None else f" · ± {found.margin:.0f}"
        ui.label(visit.t("{n} answers", n=answers) + margin).classes("text-xs soft figures")
        ui.label(metric_called("nps").formula).classes("text-xs soft")


def _histogram(visit: Visit, contacts: Sequence[Contact]) -> None:
    found = histogram(contacts)
    if not found:
        empty(visit.t("Nobody has answered yet."), "bar_chart")
        return
    scores = list(SCORES)
    names, values = [str(one) for one in scores], [found.get(one, 0) for one in scores]
    ui.echart(charts.bars(names, values, [SCORES[one] for one in scores])).classes("h-56 w-full")


def _not_asked(visit: Visit, contacts: Sequence[Contact]) -> None:
    found = not_offered(contacts)
    if not found:
        empty(visit.t("Everybody was asked."), "done_all")
        return
    names = [visit.t(reason).replace("_", " ") for reason in found]
    counts = {visit.t("calls"): (charts.GREY, list(found.values()))}
    ui.echart(charts.stacked(names, counts)).classes("w-full").style(f"height: {80 + 34 * len(names)}px")


def _low(visit: Visit, records: Sequence[CallRecord]) -> None:
    t = visit.t
    low = [one for one in records if one.survey and one.survey.answers.get("csat", "") in map(str, range(1, LOW + 1))]
    if not low:
        empty(t("No caller gave a 1 or a 2."), "sentiment_satisfied")
        return
    names = (("at", t("When")), ("csat", t("Satisfaction")), ("resolved", t("resolved")), ("flow", t("Flow")),
             ("outcome", t("Outcome")), ("caller", t("Caller")))  # fmt: skip
    may = visit.may("calls.list")
    rows = [
        {"id": one.call_id, "at": clock(one.arrived_at), "csat": one.survey.answers["csat"] if one.survey else "",
         "resolved": one.survey.answers.get("resolved", "") if one.survey else "", "flow": one.flow,
         "outcome": one.outcome, "caller": caller_shown(one) if may else "·····",
         "link": call_link(one.call_id) if visit.may("calls.read") else ""}
        for one in low
    ]  # fmt: skip
    made = table([column(*name) for name in names], rows, "id", pagination=20)
    made.add_slot(
        "body-cell-at",
        '<q-td :props="props"><a v-if="props.row.link" :href="props.row.link" class="text-primary underline">'
        "{{ props.value }}</a><span v-else>{{ props.value }}</span></q-td>",
    )
