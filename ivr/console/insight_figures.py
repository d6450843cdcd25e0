"""The explorer of metrics: every figure with its formula, denominator and interval; over time, and by what it is of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from nicegui import ui

from ivr.console import charts_insight as charts
from ivr.console.charts_insight import Point
from ivr.console.house import Visit
from ivr.console.measures import formula, grouped, named
from ivr.console.parts import Filled, card, column, empty, table
from ivr.console.rooms import InsightRoom
from ivr.console.units import amount, between, of_what, on_axis
from ivr.insight.metrics_bot import CONTAINMENT, QUALITY, TIMES
from ivr.insight.metrics_people import HANDLING, PEOPLE
from ivr.insight.metrics_queue import COUNTS, SPEED
from ivr.insight.metrics_survey import OPINION, REACH
from ivr.insight.repeats import RESOLUTION
from ivr.insight.reports import ALL, By, Wanted
from ivr.insight.steps import STEPS
from ivr.web.reports import FigureShape, Period, ReportShape

KEY = (
    "service_level", "asa", "abandonment_rate", "aht", "fcr_inferred", "bot_match_rate", "bot_resolution_rate",
    "containment_rate", "verified_containment_rate", "escalation_rate", "csat", "nps",
)  # fmt: skip
SECTIONS: Mapping[str, Sequence[str]] = {
    "Key figures": KEY,
    "Queues": tuple(one.name for one in (*COUNTS, *SPEED)),
    "Handling": (*(one.name for one in HANDLING), *(one.name for one in PEOPLE)),
    "Solved": tuple(one.name for one in RESOLUTION),
    "The bot": tuple(one.name for one in (*QUALITY, *CONTAINMENT, *TIMES)),
    "Surveys": tuple(one.name for one in (*REACH, *OPINION)),
    "Steps": (),
}
"""By English name of the section: its metrics. Steps are a table of their own."""

FACETS: Mapping[By, str] = {
    "queue": "per queue", "intent": "per intent", "flow_version": "per flow version", "agent": "per agent",
    "hour": "per hour of the day", "flow": "per flow", "topic": "per topic", "language": "per language",
    "direction": "per direction",
}  # fmt: skip
OF_QUEUES = frozenset(one.name for one in (*COUNTS, *SPEED))
OF_HANDLING = frozenset(one.name for one in HANDLING)
"""Say most by agent; what is neither of queues nor of handling says most by intent."""

OF_AGENTS = frozenset(one.name for one in PEOPLE)
MOST_BARS = 20
"""Groups that one can still tell apart; the table below has all."""

DAY_MINUTES = 1440


@dataclass(slots=True)
class Explorer:
    """What is chosen on the page just now."""

    visit: Visit
    room: InsightRoom
    period: Period
    section: str = "Key figures"
    metric: str = "service_level"
    facet: By = "queue"
    cards: dict[str, ui.element] = field(default_factory=dict)


async def figures_tab(visit: Visit, room: InsightRoom, period: Period) -> None:
    t = visit.t
    chosen = Explorer(visit, room, period)
    sections = ui.toggle({name: t(name) for name in SECTIONS}, value=chosen.section)
    sections.props("no-caps unelevated dense toggle-color=primary data-test=sections").classes("flex-wrap")
    overview = Filled(visit)
    with card():
        plots = ui.column().classes("w-full gap-3").props("data-test=plots")
    found: list[ReportShape] = []

    async def read() -> ReportShape:
        if not found:
            found.append(await room.figures(period, Wanted()))
        return found[0]

    async def choose(name: str) -> None:
        chosen.metric = name
        if chosen.facet in ("queue", "intent", "agent"):
            chosen.facet = _facet(name)
        _mark(chosen)
        await _plots(chosen, plots)

    async def draw() -> None:
        chosen.section = str(sections.value)
        if chosen.section == "Steps":
            await overview.fill(room.figures(period, Wanted("step")), partial(_steps, visit))
        else:
            await overview.fill(read(), partial(_overview, chosen, choose))

    sections.on_value_change(draw)
    await draw()
    if found and found[0].contacts:
        await choose(_telling(found[0]))
    else:
        with plots:
            empty(t("No call has ended in this time; every one that does is in these figures at once."), "show_chart")


def _facet(name: str) -> By:
    """What a figure is best broken down by, until somebody chooses something else."""
    if name in OF_QUEUES:
        return "queue"
    return "agent" if name in OF_HANDLING else "intent"


def _telling(report: ReportShape) -> str:
    """The first key figure that has something to divide by."""
    known = {one.name for group in report.groups for one in group.figures if one.denominator and one.value is not None}
    return next((name for name in KEY if name in known), KEY[0])


Choose = Callable[[str], Awaitable[None]]


def _overview(chosen: Explorer, choose: Choose, report: ReportShape) -> None:
    visit, t = chosen.visit, chosen.visit.t
    figures = {one.name: one for group in report.groups for one in group.figures}
    ui.label(t("{n} contacts; rest on a figure to read its formula.", n=f"{report.contacts:,}")).classes(
        "text-sm soft figures"
    )
    chosen.cards.clear()
    with ui.element("div").classes("w-full grid grid-cols-2 md:grid-cols-3 lg:grid-cols-4 gap-3"):
        for name in SECTIONS[chosen.section]:
            if name in figures:
                chosen.cards[name] = _card(visit, figures[name], partial(choose, name))
    _mark(chosen)


def _card(visit: Visit, figure: FigureShape, choose: Callable[[], Awaitable[None]]) -> ui.element:
    metric, name = ALL[figure.name], named(visit, figure.name)
    with ui.element("button").props(f'type=button data-test="metric-{figure.name}"') as made:
        made.classes("card metric p-3 text-left cursor-pointer relative w-full").on("click", choose)
        with ui.row().classes("w-full items-center gap-2 no-wrap"):
            ui.label(name).classes("soft text-sm grow truncate")
            if figure.on_target is not None:
                words = visit.t("on target") if figure.on_target else visit.t("off target")
                icon, colour = ("check_circle", "positive") if figure.on_target else ("error", "negative")
                ui.icon(icon, size="1.1rem", color=colour).props(f'aria-label="{words}"')
        ui.label(amount(figure.value, metric.unit)).classes("text-2xl font-semibold figures")
        ui.label(of_what(figure, metric.kind, metric.unit)).classes("text-xs soft figures")
        with ui.element("span").classes("formula"):
            ui.label(name).classes("font-semibold")
            ui.label(formula(visit, figure.name))
    return made


def _mark(chosen: Explorer) -> None:
    for name, made in chosen.cards.items():
        made.props(f"aria-pressed={'true' if name == chosen.metric else 'false'}")


async def _plots(chosen: Explorer, place: ui.column) -> None:
    visit, t, name = chosen.visit, chosen.visit.t, chosen.metric
    place.clear()
    with place:
        with ui.row().classes("w-full items-center gap-3"):
            with ui.column().classes("gap-0 grow"):
                ui.label(named(visit, name)).classes("text-base font-semibold").props("role=heading aria-level=2")
                ui.label(formula(visit, name)).classes("text-xs soft").props("data-test=formula")
            if name not in OF_AGENTS:
                facets = ui.select({key: t(words) for key, words in FACETS.items()}, value=chosen.facet)
                facets.props(f'dense outlined data-test=facet aria-label="{t("Broken down")}"').classes("min-w-44")
        if name not in OF_AGENTS:
            time = Filled(visit)
        groups = Filled(visit)

    async def grouped() -> None:
        facet: By = "agent" if name in OF_AGENTS else facets.value
        chosen.facet = chosen.facet if name in OF_AGENTS else facet
        reading = chosen.room.figures(chosen.period, Wanted(facet, (name,)))
        await groups.fill(reading, partial(_groups, visit, name))

    if name not in OF_AGENTS:
        facets.on_value_change(grouped)
        minutes = 60 if _days(chosen.period) <= 7 else DAY_MINUTES
        reading = chosen.room.figures(chosen.period, Wanted("interval", (name,), minutes))
        await time.fill(reading, partial(_over_time, chosen, minutes))
    await grouped()


def _days(period: Period) -> float:
    return (period.until - period.since).total_seconds() / 86_400


def points_of(report: ReportShape, name: str) -> list[tuple[str, FigureShape]]:
    return [(group.key, one) for group in report.groups for one in group.figures if one.name == name]


def _over_time(chosen: Explorer, minutes: int, report: ReportShape) -> None:
    name, zone = chosen.metric, chosen.period.zone
    shape = "%m-%d" if minutes == DAY_MINUTES else "%H:%M" if _days(chosen.period) <= 1 else "%m-%d %H:%M"

    def local(key: str) -> str:
        return f"{datetime.fromisoformat(key).astimezone(zone):{shape}}"

    points = [_point(local(key), one) for key, one in points_of(report, name)]
    if all(one.value is None for one in points):
        empty(chosen.visit.t("Nothing to draw over this time."), "show_chart")
        return
    goal = _goal(name)
    plot = ui.echart(charts.over_time(points, on_axis(ALL[name].unit), goal)).classes("h-56 w-full")
    plot.props(f'role=img aria-label="{named(chosen.visit, name)}" data-test=over-time')


def _point(label: str, figure: FigureShape) -> Point:
    unit = ALL[figure.name].unit
    scale = 100.0 if unit == "share" else 1.0
    low, high = figure.interval if figure.interval and figure.denominator else (None, None)
    value, least, most = (None if one is None else round(one * scale, 2) for one in (figure.value, low, high))
    return Point(label, value, least, most, figure.on_target)


def _goal(name: str) -> float | None:
    target = ALL[name].target
    if target is None or target.of_median:
        return None
    goal = target.at_least if target.at_least is not None else target.at_most
    return None if goal is None else goal * (100.0 if ALL[name].unit == "share" else 1.0)


def _groups(visit: Visit, name: str, report: ReportShape) -> None:
    t = visit.t
    found = sorted(points_of(report, name), key=lambda one: (-one[1].denominator, one[0]))
    if report.by == "hour":
        found.sort(key=lambda one: one[0])
    if not found:
        empty(t("Nothing to break down in this time."), "bar_chart")
        return
    bars = [
        _point(grouped(visit, report.by, key), one) for key, one in found[: 24 if report.by == "hour" else MOST_BARS]
    ]
    plot = ui.echart(charts.by_group(bars, on_axis(ALL[name].unit), _goal(name))).classes("w-full")
    plot.style(f"height: {60 + 26 * len(bars)}px").props(f'role=img aria-label="{named(visit, name)}"')
    unit = ALL[name].unit
    names = (
        ("group", t("Group")),
        ("value", named(visit, name)),
        ("of", t("Out of")),
        ("interval", t("95 % interval")),
    )
    rows = [
        {"group": grouped(visit, report.by, key), "value": amount(one.value, unit),
         "of": of_what(one, ALL[name].kind, unit, bare=True), "interval": interval_of(one)}
        for key, one in found
    ]  # fmt: skip
    table([column(*one) for one in names], rows, "group", pagination=10).props("data-test=groups")


def interval_of(figure: FigureShape) -> str:
    if not figure.interval or not figure.denominator:
        return "–"
    return between(figure.interval)


def _steps(visit: Visit, report: ReportShape) -> None:
    """Where callers are not understood and hang up, step by step; the worst first."""
    t = visit.t
    if not report.groups:
        empty(t("No call has ended in this time; every one that does is in these figures at once."), "account_tree")
        return
    columns = [column("step", t("Step")), *(column(one.name, named(visit, one.name), align="right") for one in STEPS)]
    rows = []
    for group in report.groups:
        row: dict[str, object] = {"step": group.key}
        for one in group.figures:
            row[one.name] = None if one.value is None else round(one.value * (100 if one.interval else 1), 1)
        rows.append(row)
    rows.sort(key=lambda row: -float(str(row.get("step_no_match_rate") or 0)))
    for each in columns[1:]:
        share = ALL[str(each["name"])].unit == "share"
        each[":format"] = f"(value) => value === null ? '–' : value + '{'%' if share else ''}'"
        each["headerTitle"] = formula(visit, str(each["name"]))
    with card():
        table(columns, rows, "step", pagination=25).props("data-test=steps")
