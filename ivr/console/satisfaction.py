"""Survey and satisfaction: the index, what callers answered, segments, KANO and tiers; low scores lead to calls."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from nicegui import ui

from ivr.console import charts
from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.measures import formula, named
from ivr.console.parts import Filled, card, column, empty, heading, linked, table
from ivr.console.satisfaction_index import index_card
from ivr.console.satisfaction_kano import kano_card, tiers_card
from ivr.console.units import amount, of_what
from ivr.insight.reports import ALL, Wanted
from ivr.store.satisfied import LowScore
from ivr.web.reports import FigureShape, Period, ReportShape

SPANS = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}
METRICS = (
    "csat", "csat_mean", "nps", "ces", "fcr_survey", "offer_rate", "response_rate", "completion_rate",
    "survey_coverage", "survey_reach",
)  # fmt: skip
SCORES = {1: charts.RED, 2: charts.RED, 3: charts.ORANGE, 4: charts.GREEN, 5: charts.GREEN}


async def satisfaction(visit: Visit) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center justify-between gap-3"):
        heading(t("Survey and satisfaction"), t("What callers say themselves; with 95 % Wilson intervals."))
        days = ui.select({key: t(words) for key, words in SPANS.items()}, value=7).classes("min-w-36")
        days.props(f'dense outlined data-test=days aria-label="{t("When")}"')
    index, figures = Filled(visit), Filled(visit)
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("Satisfaction, 1 to 5")):
            scores = Filled(visit, "w-full")
        with card(t("Why no survey was asked")):
            reasons = Filled(visit, "w-full")
    with card(t("Low scores")):
        low = Filled(visit, "w-full")
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("What features mean to callers (KANO)")):
            kano = Filled(visit, "w-full")
        with card(t("Customers by value")):
            tiers = Filled(visit, "w-full")

    async def draw() -> None:
        until = visit.house.utc()
        since, book = until - timedelta(days=int(days.value)), visit.house.satisfaction
        await asyncio.gather(
            index.fill(book.index(since, until), partial(index_card, visit)),
            figures.fill(_figures(visit, until - since), partial(_cards, visit)),
            scores.fill(book.scores(since, until), partial(_histogram, visit)),
            reasons.fill(book.not_offered(since, until), partial(_not_asked, visit)),
            low.fill(book.low(since, until), partial(_low, visit)),
            kano.fill(book.kano(since, until), partial(kano_card, visit)),
            tiers.fill(book.tiers(), partial(tiers_card, visit)),
        )

    days.on_value_change(draw)
    ui.timer(0.0, draw, once=True)


async def _figures(visit: Visit, span: timedelta) -> ReportShape | None:
    room = visit.house.insight
    if room is None:
        return None
    until = visit.house.utc()
    return await room.figures(Period(until - span, until, room.zone, ""), Wanted(names=METRICS))


def _cards(visit: Visit, report: ReportShape | None) -> None:
    """Each figure with its formula, its denominator and its interval."""
    found = [one for group in report.groups for one in group.figures] if report else []
    if not found or report is None or not report.contacts:
        with card():
            empty(visit.t("No call has ended in this time; a call is counted some minutes after its end."), "poll")
        return
    with ui.element("div").classes("w-full grid grid-cols-2 md:grid-cols-3 lg:grid-cols-5 gap-3"):
        for one in found:
            _card(visit, one)


def _card(visit: Visit, figure: FigureShape) -> None:
    metric = ALL[figure.name]
    with ui.element("div").classes("card p-3").props(f"data-test=metric-{figure.name}"):
        ui.label(named(visit, figure.name)).classes("soft text-sm")
        ui.label(amount(figure.value, metric.unit)).classes("text-2xl font-semibold figures")
        ui.label(of_what(figure, metric.kind, metric.unit)).classes("text-xs soft figures")
        ui.label(formula(visit, figure.name)).classes("text-xs soft")


def _histogram(visit: Visit, scores: Mapping[int, int]) -> None:
    if not any(scores.values()):
        empty(visit.t("Nobody has answered yet."), "bar_chart")
        return
    colours = [SCORES[one] for one in scores]
    plot = charts.bars([str(one) for one in scores], list(scores.values()), colours, axis=visit.t("answers"))
    ui.echart(plot).classes("h-56 w-full").props(f'role=img aria-label="{visit.t("Satisfaction, 1 to 5")}"')


def _not_asked(visit: Visit, found: Mapping[str, int]) -> None:
    if not found:
        empty(visit.t("Everybody was asked."), "done_all")
        return
    names = [known if (known := visit.t(reason)) != reason else visit.code(reason) for reason in found]
    counts = {visit.t("calls"): (charts.GREY, list(found.values()))}
    ui.echart(charts.stacked(names, counts)).classes("w-full").style(f"height: {80 + 34 * len(names)}px")


def _low(visit: Visit, found: Sequence[LowScore]) -> None:
    t = visit.t
    if not found:
        empty(t("No caller gave a 1 or a 2."), "sentiment_satisfied")
        return
    names = (("at", t("When")), ("csat", t("Satisfaction")), ("resolved", t("resolved")), ("flow", t("Flow")),
             ("outcome", t("Outcome")))  # fmt: skip
    may = visit.may("calls.read")
    rows = [
        {"id": one.call_id, "at": clock(one.at), "csat": one.csat, "resolved": visit.code(one.resolved),
         "flow": one.flow, "outcome": visit.code(one.outcome), "link": call_link(one.call_id) if may else ""}
        for one in found
    ]  # fmt: skip
    linked(table([column(*name) for name in names], rows, "id", pagination=10), "at")
