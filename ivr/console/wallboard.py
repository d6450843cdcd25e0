"""The wallboard: how callers fare now, drawn again as soon as something happens."""

from collections import Counter
from collections.abc import Mapping

from nicegui import ui

from ivr.console import charts
from ivr.console.clocks import lasting
from ivr.console.house import Visit
from ivr.console.moods import alarms_list, alarms_now
from ivr.console.parts import card, column, empty, figure, follow, heading, share, table
from ivr.console.rooms import InsightRoom
from ivr.console.today import Day, Today
from ivr.routing.tally import QueueTally
from ivr.web.routing_shapes import QueueShape, queue_shape

STATES: Mapping[str, tuple[str, str]] = {
    "available": ("available", charts.GREEN), "reserved": ("reserved", charts.BLUE),
    "ringing": ("ringing", charts.BLUE), "on_call": ("in a call", charts.ORANGE),
    "on_hold": ("on hold", charts.ORANGE), "consulting": ("consulting", charts.ORANGE),
    "wrap_up": ("wrapping up", charts.PURPLE), "break": ("on a break", charts.GREY),
    "not_responding": ("not responding", charts.RED), "offline": ("logged out", "#c4c9d1"),
}  # fmt: skip
"""English words and a colour by state of an agent."""

HANDLED = {"bot": charts.BLUE, "both": charts.PURPLE, "agent": charts.GREEN, "none": charts.GREY}


def queues_now(visit: Visit) -> list[QueueShape]:
    """All queues with their figures since midnight."""
    routing, now = visit.house.routing, visit.house.routing.now()
    floor = routing.centre.floor
    return [queue_shape(floor, name, routing.tally.of(name), now) for name in sorted(floor.queues)]


def together(tallies: Mapping[str, QueueTally]) -> QueueTally:
    """The whole centre: sums over its queues."""
    whole = QueueTally()
    for one in tallies.values():
        whole.answered += one.answered
        whole.answered_in_time += one.answered_in_time
        whole.abandoned += one.abandoned
        whole.short_abandoned += one.short_abandoned
        whole.offered += one.offered
        whole.wait_seconds += one.wait_seconds
    return whole


async def wallboard(visit: Visit, today: Today) -> None:
    heading(visit.t("Wallboard"), visit.t("How callers fare now; figures are since midnight."))
    figures = ui.row().classes("w-full gap-3 items-stretch")
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3"):
        with card(visit.t("Calls per hour today")):
            hours = ui.echart(charts.bars([], [], axis="")).classes("h-56 w-full")
        with card(visit.t("Service level"), "items-stretch"):
            level = ui.echart(charts.gauge(None, 0.8, "")).classes("h-56 w-full")
        with card(visit.t("Agents by state")):
            agents = ui.echart(charts.ring([])).classes("h-56 w-full")
        with card(visit.t("Who handled the calls")):
            handled = ui.echart(charts.ring([])).classes("h-56 w-full")
    with card(visit.t("Queues")):
        queues = ui.column().classes("w-full")
    room = visit.house.insight
    alarms = _alarms(visit) if room else None
    seen: list[object] = [None]

    async def draw() -> None:
        day, now = await today.day(), queues_now(visit)
        figures.clear()
        with figures:
            _figures(visit, day, now)
        _put(hours, charts.bars([f"{hour:02}" for hour in range(24)], day.by_hour, axis=visit.t("calls")))
        whole = together(visit.house.routing.tally.queues)
        goal = max((one.service_level_goal for one in now), default=0.8)
        _put(level, charts.gauge(whole.service_level, goal, visit.t("goal {goal}", goal=share(goal))))
        _put(agents, charts.ring(_agents(visit)))
        found = [(visit.t(f"by {who}"), float(day.handled[who]), HANDLED[who]) for who in HANDLED if who in day.handled]
        _put(handled, charts.ring(found))
        queues.clear()
        with queues:
            _queues(visit, now)
        if room and alarms:
            _show_alarms(visit, room, alarms, seen)

    await draw()
    follow(visit, draw)


def _show_alarms(visit: Visit, room: InsightRoom, alarms: ui.column, seen: list[object]) -> None:
    if (now := alarms_now(visit, room)) != seen[0]:
        seen[0] = now
        alarms.clear()
        with alarms:
            alarms_list(visit, room)


def _alarms(visit: Visit) -> ui.column:
    with card(visit.t("Unhappy callers")):
        return ui.column().classes("w-full gap-2").props("aria-live=polite data-test=alarms")


def _put(chart: ui.echart, options: charts.Options) -> None:
    if chart.options != options:
        chart.options.clear()
        chart.options.update(options)
        chart.update()


def _figures(visit: Visit, day: Day, queues: list[QueueShape]) -> None:
    waiting, longest = sum(one.waiting for one in queues), max((one.longest_wait for one in queues), default=0.0)
    agents = visit.house.routing.centre.floor.agents.values()
    free = sum(agent.state == "available" for agent in agents)
    on_duty = sum(agent.state != "offline" for agent in agents)
    figure(visit.t("Live calls"), str(visit.house.live.on_the_line), visit.t("on the line now"), test="live")
    figure(visit.t("Waiting"), str(waiting), visit.t("for a person"), "text-orange-500" if waiting else "",
           test="waiting")  # fmt: skip
    figure(visit.t("Longest wait"), lasting(longest), visit.t("of those who wait"), "text-red-500" if longest > 60
           else "")  # fmt: skip
    figure(visit.t("Agents free"), f"{free} / {on_duty}", visit.t("of those on duty"))
    figure(visit.t("Calls today"), str(day.calls), visit.t("{hour} in this hour", hour=_this_hour(visit, day)))
    csat, interval = day.csat, day.csat.interval if day.csat else None
    note = visit.t("no answers yet")
    if csat and csat.denominator and interval:
        note = visit.t("{n} answers, 95 %: {low} to {high}", n=f"{csat.denominator:.0f}", low=share(interval[0]),
                       high=share(interval[1]))  # fmt: skip
    figure(visit.t("Satisfied today"), share(csat.value if csat else None), note)


def _this_hour(visit: Visit, day: Day) -> int:
    return day.by_hour[visit.house.utc().astimezone().hour]


def _agents(visit: Visit) -> list[tuple[str, float, str]]:
    states: Counter[str] = Counter(agent.state for agent in visit.house.routing.centre.floor.agents.values())
    return [
        (visit.t(words), float(states[state]), colour) for state, (words, colour) in STATES.items() if states[state]
    ]


def _queues(visit: Visit, now: list[QueueShape]) -> None:
    if not now:
        empty(visit.t("No queue is configured: add one to queues in config.yaml."), "groups")
        return
    t = visit.t
    names = (
        ("queue", t("Queue")), ("waiting", t("Waiting")), ("longest", t("Longest wait")), ("talking", t("Talking")),
        ("level", t("Service level")), ("asa", t("Speed of answer")), ("answered", t("Answered")),
        ("abandoned", t("Abandoned")), ("free", t("Agents free")),
    )  # fmt: skip
    columns = [column(name, label, align="left" if name == "queue" else "right") for name, label in names]
    rows = [
        {
            "queue": visit.code(one.queue) + ("" if one.is_open else f" ({t('closed')})"), "waiting": one.waiting,
            "longest": lasting(one.longest_wait), "talking": one.talking, "level": share(one.service_level),
            "asa": lasting(one.asa), "answered": one.answered, "abandoned": share(one.abandonment),
            "free": one.agents.get("available", 0),
        }
        for one in now
    ]  # fmt: skip
    table(columns, rows, "queue")
