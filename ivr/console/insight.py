"""Insight: every figure, why callers went to people, what they suddenly ask about, and who is unhappy just now."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.insight_figures import figures_tab
from ivr.console.insight_reasons import reasons_tab
from ivr.console.insight_topics import topics_tab
from ivr.console.moods import alarms_list
from ivr.console.parts import card, empty, follow, heading
from ivr.console.rooms import InsightRoom
from ivr.web.reports import Period

SPANS = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}
TABS: Mapping[str, tuple[str, str]] = {
    "figures": ("Figures", "query_stats"), "reasons": ("Why to a person", "transfer_within_a_station"),
    "topics": ("Topics", "trending_up"), "moods": ("Moods", "mood_bad"),
}  # fmt: skip
STYLE = """
.metric { font: inherit; color: inherit; }
.metric[aria-pressed=true] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.metric .formula { display: none; position: absolute; z-index: 30; left: 8px; right: 8px; top: calc(100% - 6px);
  padding: 10px 12px; border-radius: 10px; background: var(--text); color: var(--card); font-size: .82rem; }
.metric:hover .formula, .metric:focus-visible .formula { display: grid; gap: 2px; }
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked for."""

    visit: Visit
    room: InsightRoom
    days: ui.select
    flow: ui.select

    def period(self) -> Period:
        now = self.visit.house.utc()
        return Period(now - timedelta(days=int(self.days.value)), now, self.room.zone, str(self.flow.value or ""))


async def insight(visit: Visit) -> None:
    t, room = visit.t, visit.house.insight
    ui.add_css(STYLE)
    if room is None:
        heading(t("Insight"))
        empty(t("This server does not count its calls."), "insights")
        return
    with ui.row().classes("w-full items-center justify-between gap-3"):
        heading(t("Insight"), t("What the calls tell: figures, reasons, topics and moods."))
        with ui.row().classes("gap-2"):
            asked = Asked(visit, room, _days(visit), _flow(visit))
    with ui.tabs().classes("w-full").props("no-caps align=left mobile-arrows inline-label") as tabs:
        for name, (words, icon) in TABS.items():
            if name != "moods" or visit.may("live.watch"):
                ui.tab(name, t(words), icon=icon).props(f"data-test=tab-{name}")
    place = ui.column().classes("w-full gap-3")

    async def draw() -> None:
        place.clear()
        with place:
            await _tab(asked, str(tabs.value))

    wanted = visit.request.query_params.get("tab", "")
    tabs.set_value(wanted if wanted in TABS else "figures")
    for each in (tabs, asked.days, asked.flow):
        each.on_value_change(draw)
    # The page is there at once; what has to be counted comes into it.
    ui.timer(0.0, draw, once=True)


def _days(visit: Visit) -> ui.select:
    made = ui.select({key: visit.t(words) for key, words in SPANS.items()}, value=1).classes("min-w-36")
    return made.props(f'dense outlined data-test=days aria-label="{visit.t("When")}"')


def _flow(visit: Visit) -> ui.select:
    flows = {"": visit.t("All flows"), **{name: name for name in visit.house.workshop.names()}}
    return ui.select(flows, value="").classes("min-w-36").props(f'dense outlined aria-label="{visit.t("Flow")}"')


async def _tab(asked: Asked, name: str) -> None:
    build: Callable[[Visit, InsightRoom, Period], Awaitable[None]]
    match name:
        case "reasons":
            build = reasons_tab
        case "topics":
            build = topics_tab
        case "moods":
            build = _moods
        case _:
            build = figures_tab
    await build(asked.visit, asked.room, asked.period())


async def _moods(visit: Visit, room: InsightRoom, period: Period) -> None:
    """Drawn again as soon as an alarm comes; always of now, whatever time is chosen."""
    with card(visit.t("Unhappy callers")):
        ui.label(
            visit.t("A caller is amber or red by what they say; words of threat or abuse are red at once.")
        ).classes("text-sm soft")
        place = ui.column().classes("w-full gap-2").props("aria-live=polite")

    async def draw() -> None:
        if not place.is_deleted:
            place.clear()
            with place:
                alarms_list(visit, room, most=30)

    await draw()
    follow(visit, draw, every_seconds=3.0)
