"""Who on the line sounds unhappy, and who gave an alarm lately, with a way to their call."""

from collections.abc import Mapping

from nicegui import ui

from ivr.console.alarms import OF_QUEUES, Alarm, unhappy
from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.listening_in import is_talking, supervise_buttons
from ivr.console.parts import empty
from ivr.console.rooms import InsightRoom

CAUSES: Mapping[str, str] = {
    "mood": "the mood sank", "drop": "the mood fell sharply", "keyword": "a threat to complain", "profanity": "abuse",
    "repeat_contact": "the third call in a week", "hard_to_place": "three agents in a row could not be reached",
    "many_emergencies": "more than 5 % of the latest callers are emergencies",
}  # fmt: skip
"""English words by cause of an alarm."""


def alarms_list(visit: Visit, room: InsightRoom, most: int = 8) -> None:
    """The unhappiest on the line first, then alarms of calls that are over or in which it got better."""
    now = unhappy(room.moods())
    live = {call_id for call_id, _ in now}
    past = [one for one in room.alarms.kept if one.call_id not in live]
    if not now and not past:
        empty(visit.t("Nobody on the line sounds unhappy."), "sentiment_satisfied")
    raised = {one.call_id: one for one in reversed(room.alarms.kept)}
    for call_id, mood in now[:most]:
        _row(visit, call_id, mood.level, mood.value or 0.0, raised.get(call_id), is_live=True)
    for one in past[: max(0, most - len(now))]:
        _row(visit, one.call_id, one.level, one.value, one, is_live=False)


def alarms_now(visit: Visit, room: InsightRoom) -> object:
    """What the list shows: while it is the same, nothing is drawn, so that a button stays under its pointer."""
    now = unhappy(room.moods())
    return now, list(room.alarms.kept), [is_talking(visit, call_id) for call_id, _ in now]


def _row(visit: Visit, call_id: str, level: str, value: float, alarm: Alarm | None, *, is_live: bool) -> None:
    t, is_of_queue = visit.t, alarm is not None and alarm.cause in OF_QUEUES.values()
    row = ui.row().classes("w-full items-center gap-3 border-t pt-2 ruled no-wrap").props("data-test=alarm")
    with row.classes("" if is_live else "opacity-70"):
        ui.label(t(level)).classes(f"chip {level}")
        with ui.column().classes("grow gap-0 min-w-0"):
            ui.label(t(CAUSES[alarm.cause if alarm else "mood"])).classes("text-sm")
            when = f"{alarm.at.astimezone():%H:%M:%S}" if alarm else ""
            place = t("on the line now") if is_live else t("no longer")
            who = _with_whom(visit, call_id, is_live, was_with_agent=bool(alarm and alarm.with_agent))
            if is_of_queue:
                place, who = "", t("in a queue")
            ui.label(" · ".join(word for word in (when, place, who) if word)).classes("text-xs soft figures")
        if not is_of_queue:
            ui.label(f"{value:+.2f}").classes("text-sm figures soft").tooltip(t("running mood, -1 to 1"))
        if is_live and is_talking(visit, call_id):
            supervise_buttons(visit, call_id)
        if visit.may("calls.read"):
            ui.link(t("Call"), call_link(call_id)).classes("text-sm")


def _with_whom(visit: Visit, call_id: str, is_live: bool, *, was_with_agent: bool) -> str:
    """Of a live call who they are with now; of others who they were with at the alarm."""
    entries = visit.house.routing.centre.floor.entries.values() if is_live else ()
    state = next((one.state for one in entries if one.call_id == call_id), "")
    if state == "connected" or (not state and was_with_agent):
        return visit.t("with an agent")
    return visit.t("waiting for a person") if state else visit.t("with the bot")
