"""The satisfaction index, 0 to 100 for every call, surveyed or not: its course, its bands, its segments, its flags."""

from collections.abc import Mapping

from nicegui import ui

from ivr.console import charts, charts_insight
from ivr.console.charts_insight import Point
from ivr.console.house import Visit
from ivr.console.parts import card, empty, figure
from ivr.console.units import amount, between
from ivr.insight.intervals import wilson
from ivr.insight.segments import UNSURVEYED
from ivr.store.satisfied import Indexed

BANDS: Mapping[str, tuple[str, str]] = {
    "good": ("good, 80 and more", charts.GREEN), "fair": ("fair, 60 to 79", charts.BLUE),
    "poor": ("poor, 40 to 59", charts.ORANGE), "critical": ("critical, below 40", charts.RED),
    "": ("too little is known", charts.GREY),
}  # fmt: skip
SEGMENTS: Mapping[str, tuple[str, str]] = {
    "promoter": ("satisfied, resolved, easy", "ask them to recommend us"),
    "satisfied_effortful": ("satisfied but effortful", "fix the process"),
    "satisfied_unresolved": ("satisfied but unresolved", "call them before they complain"),
    "dissatisfied_resolved": ("dissatisfied but resolved", "look at attitude and policy"),
    "dissatisfied_effortless": ("dissatisfied without effort", "look at product and policy"),
    "critical": ("dissatisfied, unresolved, effortful", "make up for it now"),
    UNSURVEYED: ("nobody asked them", ""),
}  # fmt: skip
"""English words, and what is done (domain.md 2.5.4)."""

FLAGS: Mapping[str, tuple[str, str]] = {
    "hidden_dissatisfied": ("Said satisfied, fared badly", "hidden dissatisfaction"),
    "silent_dissatisfied": ("Said nothing, fared badly", "silent dissatisfaction"),
    "over_reacted": ("Said dissatisfied, fared well", "look for product and policy"),
}  # fmt: skip


def index_card(visit: Visit, found: Indexed) -> None:
    t = visit.t
    if found.mean is None:
        with card(t("Satisfaction index")):
            empty(t("No call of this time is judged yet; each is, within a minute of its end."), "speed")
        return
    with ui.row().classes("w-full gap-3 items-stretch"):
        figure(t("Satisfaction index"), f"{found.mean:.0f}", t("of 100, mean of {n} calls", n=f"{found.calls:,}"),
               test="index")  # fmt: skip
        for flag, (words, note) in FLAGS.items():
            count = (found.flags or {}).get(flag, 0)
            share = amount(count / found.calls, "share") if found.calls else "–"
            figure(t(words), share, f"{t(note)} · {count:,} / {found.calls:,} · {between(wilson(count, found.calls))}",
                   test=flag)  # fmt: skip
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("The index by day")):
            points = [Point(f"{one.begins:%m-%d}", round(one.mean, 1)) for one in found.days]
            plot = ui.echart(charts_insight.over_time(points, "")).classes("h-56 w-full")
            plot.props(f'role=img aria-label="{t("The index by day")}"')
        with card(t("Calls by band")):
            bands = found.bands or {}
            parts = [(t(words), float(bands[key]), colour)
                     for key, (words, colour) in BANDS.items() if bands.get(key)]  # fmt: skip
            ui.echart(charts.ring(parts)).classes("h-56 w-full").props(f'role=img aria-label="{t("Calls by band")}"')
    with card(t("Segments")):
        _segments(visit, found.segments or {})


def _segments(visit: Visit, found: Mapping[str, int]) -> None:
    """Shares of the surveyed; what is to be done stands beside each."""
    t = visit.t
    surveyed = sum(count for name, count in found.items() if name != UNSURVEYED)
    for name, (words, action) in SEGMENTS.items():
        count = found.get(name, 0)
        with ui.row().classes("w-full items-center gap-3 no-wrap").props(f"data-test=segment-{name}"):
            with ui.column().classes("grow gap-0 min-w-0"):
                ui.label(t(words)).classes("text-sm")
                if action:
                    ui.label(t(action)).classes("text-xs soft")
            if name != UNSURVEYED:
                ui.linear_progress(count / surveyed if surveyed else 0.0, show_value=False, size="8px").classes("w-40")
            ui.label(f"{count:,}").classes("figures text-sm w-14 text-right")
            known = bool(surveyed) and name != UNSURVEYED
            ui.label(amount(count / surveyed, "share") if known else "").classes("figures text-sm w-14 text-right")
            sure = between(wilson(count, surveyed)) if known else ""
            ui.label(sure).classes("figures text-xs w-28 text-right soft").tooltip(t("95 % interval"))
