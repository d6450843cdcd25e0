"""Topics that callers suddenly ask about: how much more than usual, what stands out, what they say, what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from nicegui import ui

from ivr.console import charts_insight as charts
from ivr.console.clocks import clock
from ivr.console.house import Visit
from ivr.console.parts import Filled, card, empty, tried
from ivr.console.rooms import InsightRoom
from ivr.insight.spikes import DAY, WEEK, WEEKS_BACK, baseline
from ivr.model.errors import NotNow
from ivr.model.insight import SpikeAlert
from ivr.web.reports import Period

MOST = 20
SHOWN_BEFORE, SHOWN_AFTER = 30, 12
"""Hours round an alert that are drawn."""


async def topics_tab(visit: Visit, room: InsightRoom, period: Period) -> None:
    if not visit.may("calls.read"):
        with card():
            empty(visit.t("Alerts hold words of callers: they are for who may read calls."), "lock")
        return
    await visit.look("insight.topics")
    place = Filled(visit)
    await place.fill(room.spikes.alerts(period.since, most=MOST), partial(_alerts, visit, room))


def _alerts(visit: Visit, room: InsightRoom, found: Sequence[SpikeAlert]) -> None:
    if not found:
        with card():
            empty(visit.t("No topic was asked about far more than usual in this time."), "trending_flat")
    for alert in found:
        with card():
            _alert(visit, room, alert)


def _alert(visit: Visit, room: InsightRoom, alert: SpikeAlert) -> None:
    t = visit.t
    with ui.row().classes("w-full items-center gap-2").props("data-test=spike"):
        ui.label(visit.topic(alert.topic)).classes("text-lg font-semibold").props("role=heading aria-level=2")
        ui.label(t("still going on") if alert.closed_at is None else t("over")).classes(
            "chip " + ("red" if alert.closed_at is None else "good")
        )
        ratio = f"{alert.count / alert.usual:.1f}" if alert.usual else "–"
        words = t("{n} instead of {usual} ({ratio} times) in {hours} h", n=alert.count, usual=f"{alert.usual:.1f}",
                  ratio=ratio, hours=alert.window_hours)  # fmt: skip
        ui.label(words).classes("figures")
        ui.label(t("{n} agent-minutes lost", n=f"{alert.severity:.0f}")).classes("chip amber figures")
        ui.label(clock(alert.at)).classes("text-sm soft figures ml-auto")
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-4"):
        with ui.column().classes("gap-2 min-w-0"):
            plot = Filled(visit, "w-full")
            ui.timer(0.0, partial(_draw, visit, room, alert, plot), once=True)
            _standing_out(visit, alert)
        with ui.column().classes("gap-2 min-w-0"):
            _words(visit, alert)
            _done(visit, room, alert)


async def _draw(visit: Visit, room: InsightRoom, alert: SpikeAlert, plot: Filled) -> None:
    last = alert.at + timedelta(hours=SHOWN_AFTER)
    begin = alert.at - timedelta(hours=WEEKS_BACK * WEEK + SHOWN_BEFORE + DAY)
    reading = room.topic_hours(begin, min(last, visit.house.utc()), alert.topic)
    await plot.fill(reading, partial(_against, visit, room, alert))


def _against(visit: Visit, room: InsightRoom, alert: SpikeAlert, counted: Mapping[str, Mapping[int, int]]) -> None:
    counts = counted.get(alert.topic, {})
    end = int(alert.at.timestamp() // 3600)
    hours = range(end - SHOWN_BEFORE, min(end + SHOWN_AFTER, int(visit.house.utc().timestamp() // 3600) + 1))
    first = min(counts, default=end)
    usual = [baseline(counts, hour, 1, first).mean for hour in hours]
    names = [f"{datetime.fromtimestamp(hour * 3600, UTC).astimezone(room.zone):%m-%d %H:00}" for hour in hours]
    plot = charts.against_usual(
        names, [counts.get(hour, 0) for hour in hours], usual, (visit.t("contacts"), visit.t("usual"))
    )  # fmt: skip
    ui.echart(plot).classes("w-full h-56").props(
        f'role=img aria-label="{visit.topic(alert.topic)}" data-test=against-usual'
    )


def _standing_out(visit: Visit, alert: SpikeAlert) -> None:
    if not alert.facets:
        return
    ui.label(visit.t("More frequent than elsewhere")).classes("h2")
    with ui.row().classes("gap-1"):
        for one in alert.facets:
            words = f"{visit.code(str(one['name']))}: {visit.code(str(one['value']))} ({one['contacts']})"
            ui.label(words).classes("chip accent")


def _words(visit: Visit, alert: SpikeAlert) -> None:
    ui.label(visit.t("What callers say")).classes("h2")
    with ui.column().classes("gap-1 max-h-44 overflow-auto w-full"):
        for words in alert.utterances:
            ui.label(f"\u201c{words}\u201d").classes("text-sm")
    if alert.outcomes:
        outcomes = sorted(alert.outcomes.items(), key=lambda one: -one[1])
        ui.label(" · ".join(f"{visit.code(name)} {count}" for name, count in outcomes)).classes("text-xs soft")


def _done(visit: Visit, room: InsightRoom, alert: SpikeAlert) -> None:
    """What was done about it, and a line for what is done now."""
    t = visit.t
    ui.label(t("What was done")).classes("h2")
    done = ui.column().classes("gap-0 w-full").props("data-test=done")

    def show(kept: SpikeAlert) -> None:
        done.clear()
        with done:
            if not kept.actions:
                ui.label(t("Nothing yet.")).classes("text-sm soft")
            for one in kept.actions:
                at = clock(datetime.fromisoformat(one["at"]))
                ui.label(f"{at} · {one['who']}: {one['what']}").classes("text-sm")

    async def note() -> None:
        await visit.needs("calls.read")
        if not (what := str(wish.value or "").strip()):
            raise NotNow(t("Say what was done."))
        await visit.look("insight.action", alert.alert_id)
        kept = await room.spikes.alert(alert.alert_id)
        entry = {"at": visit.house.utc().isoformat(), "who": visit.user.name, "what": what}
        changed = replace(kept, actions=(*kept.actions, entry), owner=kept.owner or visit.user.name)
        await room.spikes.keep_alert(changed)
        wish.value = ""
        show(changed)

    show(alert)
    with ui.row().classes("w-full items-center gap-2 no-wrap"):
        wish = (
            ui.input(t("What is done about it")).classes("grow").props("dense outlined maxlength=500 data-test=action")
        )
        add = ui.button(t("Note it"), on_click=lambda: tried(visit, note(), t("Noted.")))
        add.props("outline no-caps data-test=note-action")
