"""How fast a campaign was: percentiles of each goal over time, and what was too late and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from nicegui import ui

from ivr.campaigns.campaign import Campaign
from ivr.campaigns.ledger import Breach, Entry, Goal, breaches, percentiles
from ivr.console import campaign_figures as figures
from ivr.console.clocks import lasting
from ivr.console.house import Visit
from ivr.console.links import case_link
from ivr.console.parts import Filled, card, column, empty, linked, table
from ivr.console.rooms import CampaignRoom

MOST_ENTRIES = 3_000
"""Cases that are read for this page, the newest: it has to be there within a second."""

MOST_BREACHES = 200


async def speed_tab(visit: Visit, room: CampaignRoom, wanted: Campaign, since: datetime) -> None:
    place = Filled(visit)
    await place.fill(_read(room, wanted.name, since), partial(_shown, visit, wanted, since))


async def _read(room: CampaignRoom, name: str, since: datetime) -> list[Entry]:
    found = await room.views.ledger(name, since, MOST_ENTRIES)
    return [Entry(one.case_id, one.times, one.reasons) for one in found]


def _shown(visit: Visit, wanted: Campaign, since: datetime, entries: Sequence[Entry]) -> None:
    t, now = visit.t, visit.house.utc()
    if not entries:
        with card():
            empty(t("No case came in in this time."), "speed")
        return
    if len(entries) >= MOST_ENTRIES:
        ui.label(t("Only the latest {n} cases are counted.", n=f"{MOST_ENTRIES:,}")).classes("text-sm").props(
            "role=status"
        )
    goals = [*wanted.goals, figures.TO_OUTCOME]
    with card():
        with ui.row().classes("w-full items-center justify-between gap-3"):
            ui.label(t("Seconds by when the case came in")).classes("text-base font-semibold")
            shown = ui.select({one.name: named(visit, one) for one in goals}, value=goals[0].name)
            shown.props(f'dense outlined data-test=goal aria-label="{t("Goal")}"').classes("min-w-52")
        plot = ui.echart({}).classes("w-full h-64").props("role=img data-test=percentiles")

    def draw() -> None:
        goal = next(one for one in goals if one.name == shown.value)
        slices = figures.sliced(entries, goal, since, now + timedelta(seconds=1))
        short = "%H:%M" if now - since <= timedelta(hours=25) else "%m-%d %H:%M"
        names = [f"{one.begin.astimezone():{short}}" for one in slices]
        plot.options.clear()
        plot.options.update(figures.percentiles_plot(names, slices, goal.seconds))
        plot.update()

    shown.on_value_change(draw)
    draw()
    late = breaches(entries, now, wanted.goals)
    with card(t("Goals")):
        _goals(visit, goals, entries, late)
    _late(visit, wanted.name, late)


def named(visit: Visit, goal: Goal) -> str:
    return visit.t(goal.name).replace("_", " ")


def _goals(visit: Visit, goals: Sequence[Goal], entries: Sequence[Entry], late: Sequence[Breach]) -> None:
    t = visit.t
    names = (("goal", t("Goal")), ("limit", t("Within")), ("count", t("Cases")), ("p50", "P50"), ("p95", "P95"),
             ("p99", "P99"), ("late", t("Too late")))  # fmt: skip
    rows = []
    for goal in goals:
        took = percentiles(entries, goal)
        rows.append({
            "goal": named(visit, goal), "limit": f"{goal.seconds:g} s" if goal.seconds else "–", "count": took.count,
            "p50": _seconds(took.p50), "p95": _seconds(took.p95), "p99": _seconds(took.p99),
            "late": sum(one.goal == goal.name for one in late) if goal.seconds else "–",
        })  # fmt: skip
    columns = [column(name, label, align="left" if name == "goal" else "right") for name, label in names]
    table(columns, rows, "goal").props("data-test=goals")


LONG_SECONDS = 120.0


def took(seconds: float) -> str:
    """4.25 s, 1:02:03."""
    return lasting(seconds) if seconds >= LONG_SECONDS else f"{seconds:.2f} s"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _late(visit: Visit, name: str, late: Sequence[Breach]) -> None:
    t = visit.t
    with card(t("Too late")):
        if not late:
            empty(t("Every case was within its goals."), "task_alt")
            return
        with ui.row().classes("gap-1").props("data-test=late-reasons"):
            for why, count in figures.reasons_of(late):
                ui.label(f"{t(why).replace('_', ' ')} {count}").classes("chip amber")
        worst = sorted(late, key=lambda one: -one.seconds)[:MOST_BREACHES]
        rows = [
            {"id": f"{one.case_id}:{one.goal}", "case": one.case_id, "goal": t(one.goal).replace("_", " "),
             "took": took(one.seconds), "link": case_link(name, one.case_id),
             "reason": ", ".join(t(why) for why in one.reason.split(",")).replace("_", " ")}
            for one in worst
        ]  # fmt: skip
        names = (("case", t("Case")), ("goal", t("Goal")), ("took", t("Took")), ("reason", t("Reason")))
        made = table([column(*one) for one in names], rows, "id", pagination=10).props("data-test=late")
        linked(made, "case")
