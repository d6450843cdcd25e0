"""One campaign: how far its cases got just now, the cases, how fast it was, and lists of people to call."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from nicegui import ui

from ivr.campaigns.campaign import Campaign
from ivr.console import campaign_figures as figures
from ivr.console.campaign_cases import cases_tab, plain
from ivr.console.campaign_list import list_tab
from ivr.console.campaign_speed import speed_tab
from ivr.console.campaigns import CHIPS, on_the_line, state_buttons
from ivr.console.house import Visit
from ivr.console.links import ROOT
from ivr.console.parts import Act, card, crumbs, empty, figure, follow, heading, trouble
from ivr.console.rooms import CampaignRoom
from ivr.model.errors import IvrError
from ivr.store.campaign_views import Funnel

SPANS = {1: "Last hour", 24: "Last 24 hours", 168: "Last 7 days"}
TABS: Mapping[str, tuple[str, str]] = {
    "funnel": ("Funnel", "filter_alt"), "cases": ("Cases", "assignment"), "speed": ("Speed", "speed"),
    "list": ("Lists", "upload_file"),
}  # fmt: skip


async def campaign(visit: Visit, name: str) -> None:
    t, room = visit.t, visit.house.campaigns
    crumbs(visit, t("Campaigns"), f"{ROOT}/campaigns")
    if room is None:
        heading(name)
        empty(t("Campaigns are off on this server: nobody is called."), "phone_disabled")
        return
    try:
        wanted = room.desk.campaign(name)
    except IvrError as error:
        heading(t("Campaigns"))
        trouble(visit, error)
        return
    await visit.look("campaign.read", name)
    hours = _head(visit, room, wanted)
    with ui.tabs().classes("w-full").props("no-caps align=left mobile-arrows inline-label") as tabs:
        for key, (words, icon) in TABS.items():
            if key != "list" or visit.may("campaigns.run"):
                ui.tab(key, t(words), icon=icon).props(f"data-test=tab-{key}")
    place = ui.column().classes("w-full gap-3")
    live: list[Act] = []

    async def draw() -> None:
        live.clear()
        place.clear()
        since = visit.house.utc() - timedelta(hours=int(hours.value))
        with place:
            await _tab(visit, room, wanted, str(tabs.value), since, live)

    async def again() -> None:
        for act in live:
            await act()

    asked = visit.request.query_params.get("tab", "")
    tabs.set_value(asked if asked in TABS else "funnel")
    tabs.on_value_change(draw)
    hours.on_value_change(draw)
    ui.timer(0.0, draw, once=True)
    follow(visit, again, every_seconds=2.0)


def _head(visit: Visit, room: CampaignRoom, wanted: Campaign) -> ui.select:
    t, name = visit.t, wanted.name
    with ui.row().classes("w-full items-center justify-between gap-3"):
        heading(name.replace("_", " "), f"{wanted.flow} · {wanted.profile.name.upper()} · {wanted.caller_id}")
        with ui.row().classes("items-center gap-3"):
            place = ui.row().classes("items-center gap-3")
            hours = ui.select({key: t(words) for key, words in SPANS.items()}, value=24).classes("min-w-36")
            hours.props(f'dense outlined data-test=hours aria-label="{t("When")}"')

    async def draw() -> None:
        place.clear()
        with place:
            state = room.desk.states[name]
            ui.label(t(state)).classes(f"chip {CHIPS[state]}").props("data-test=state")
            state_buttons(visit, room, name, draw)

    ui.timer(0.0, draw, once=True)
    return hours


async def _tab(
    visit: Visit, room: CampaignRoom, wanted: Campaign, tab: str, since: datetime, live: list[Act]
) -> None:  # fmt: skip
    build: Callable[[], Awaitable[None]]
    match tab:
        case "cases":
            build = partial(cases_tab, visit, room, wanted.name)
        case "speed":
            build = partial(speed_tab, visit, room, wanted, since)
        case "list":
            build = partial(list_tab, visit, room, wanted.name)
        case _:
            build = partial(_funnel_tab, visit, room, wanted.name, since, live)
    try:
        await build()
    except IvrError as error:
        trouble(visit, error)


async def _funnel_tab(visit: Visit, room: CampaignRoom, name: str, since: datetime, live: list[Act]) -> None:
    """Drawn again every two seconds, where something has changed."""
    t = visit.t
    numbers = ui.row().classes("w-full gap-3 items-stretch")
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(t("How far cases got")):
            plot = ui.echart({}).classes("w-full h-72")
            plot.props(f'role=img aria-label="{t("How far cases got")}" data-test=funnel')
        with ui.column().classes("w-full gap-3"):
            with card(t("How cases ended")):
                ends = ui.column().classes("w-full gap-1").props("data-test=states")
            with card(t("How calls ended")):
                calls = ui.column().classes("w-full gap-1").props("data-test=outcomes")
    seen: list[object] = []

    async def draw() -> None:
        found = await room.views.funnel(name, since)
        now = (found, room.desk.waiting(name), on_the_line(room, name))
        if seen == [now] or numbers.is_deleted:
            return
        seen[:] = [now]
        numbers.clear()
        with numbers:
            _numbers(visit, room, name, found)
        plot.options.clear()
        stages = figures.funnel(found.stages)
        plot.options.update(figures.funnel_plot([t(one.name) for one in stages], stages))
        plot.update()
        _counts(visit, ends, found.states)
        _counts(visit, calls, found.outcomes)

    await draw()
    live.append(draw)


def _numbers(visit: Visit, room: CampaignRoom, name: str, found: Funnel) -> None:
    t = visit.t
    received = found.stages.get("received", 0)
    figure(t("Cases received"), f"{received:,}", test="received")
    figure(t("Waiting"), f"{room.desk.waiting(name):,}", t("for a line or their hour"), test="waiting")
    lines = f"{on_the_line(room, name)} / {room.desk.campaigns[name].most_lines}"
    figure(t("On the line"), lines, t("of the lines it may use"), test="live")
    verified = found.stages.get("verified", 0)
    figure(t("Verified"), f"{verified / received:.0%}" if received else "–", f"{verified:,} / {received:,}")
    if found.letters_waiting or found.letters_given_up:
        given_up = t("{n} given up", n=found.letters_given_up)
        figure(t("Results to send"), str(found.letters_waiting), given_up, "text-red-500" if found.letters_given_up
               else "")  # fmt: skip


def _counts(visit: Visit, place: ui.column, counts: Mapping[str, int]) -> None:
    place.clear()
    total = sum(counts.values())
    with place:
        if not total:
            empty(visit.t("Nothing yet."), "hourglass_empty")
        for name, count in sorted(counts.items(), key=lambda one: -one[1]):
            with ui.row().classes("w-full items-center gap-3 no-wrap"):
                ui.label(plain(visit, name)).classes("grow text-sm")
                ui.linear_progress(count / total, show_value=False, size="8px").classes("w-40")
                ui.label(f"{count:,}").classes("figures text-sm w-14 text-right")
