"""Survey and satisfaction: every share with its formula, denominator and interval; low scores lead to their calls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from nicegui import ui

from ivr.console import charts
from ivr.console.clocks import clock
from ivr.console.house import Visit, caller_shown
from ivr.console.links import call_link
from ivr.console.parts import card, column, empty, heading, table, trouble
from ivr.insight.metric import Figure
from ivr.insight.registry import metric_called
from ivr.model.calls import CallRecord
from ivr.model.errors import IvrError
from ivr.web.survey_figures import SurveyFigures

SPANS = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}
METRICS = ("csat", "fcr_survey", "response_rate", "completion_rate", "offer_rate", "survey_coverage")
LOW = 2
"""Answers up to this are low (domain.md 2.4.6)."""

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
                found, low = await _read(visit, int(days.value))
            except IvrError as error:
                waiting.delete()
                trouble(visit, error)
                return
            waiting.delete()
            _shown(visit, found, low)

    days.on_value_change(draw)
    await draw()


async def _read(visit: Visit, days: int) -> tuple[SurveyFigures | None, Sequence[CallRecord]]:
    """Figures of all calls, and the calls with the lowest scores."""
    until = visit.house.utc()
    since = until - timedelta(days=days)
    groups = await visit.house.surveys.figures(since, until, "", UTC)
    return (groups[0] if groups else None), await visit.house.archive.with_low_scores(since, until, LOW)


def _shown(visit: Visit, found: SurveyFigures | None, low: Sequence[CallRecord]) -> None:
    t = visit.t
    if found is None:
        empty(
            t("No call has ended in this time; every one that does is in these figures at once."), "sentiment_neutral"
        )
        return
    figures = {figure.name: figure for figure in found.figures}
    with ui.row().classes("w-full gap-3 items-stretch"):
        for name in METRICS:
            _figure(visit, figures[name])
        _nps(visit, figures["nps"], found.nps_margin)
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("Satisfaction, 1 to 5")):
            _histogram(visit, found.csat_histogram)
        with card(t("Why no survey was asked")):
            _not_asked(visit, found.not_offered)
    with card(t("Low scores")):
        _low(visit, low)


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


def _nps(visit: Visit, found: Figure, margin: float | None) -> None:
    with ui.element("div").classes("card p-4 grow basis-44 min-w-40"):
        ui.label(visit.t("Recommendation (NPS)")).classes("soft text-sm")
        ui.label("–" if found.value is None else f"{found.value:+.0f}").classes("text-3xl font-semibold figures")
        shown = "" if margin is None else f" · ± {margin:.0f}"
        ui.label(visit.t("{n} answers", n=f"{found.denominator:.0f}") + shown).classes("text-xs soft figures")
        ui.label(metric_called("nps").formula).classes("text-xs soft")


def _histogram(visit: Visit, found: Mapping[int, int]) -> None:
    if not found:
        empty(visit.t("Nobody has answered yet."), "bar_chart")
        return
    scores = list(SCORES)
    names, values = [str(one) for one in scores], [found.get(one, 0) for one in scores]
    ui.echart(charts.bars(names, values, [SCORES[one] for one in scores])).classes("h-56 w-full")


def _not_asked(visit: Visit, found: Mapping[str, int]) -> None:
    if not found:
        empty(visit.t("Everybody was asked."), "done_all")
        return
    names = [visit.t(reason).replace("_", " ") for reason in found]
    counts = {visit.t("calls"): (charts.GREY, list(found.values()))}
    ui.echart(charts.stacked(names, counts)).classes("w-full").style(f"height: {80 + 34 * len(names)}px")


def _low(visit: Visit, low: Sequence[CallRecord]) -> None:
    t = visit.t
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
