"""What the pages of insight and of trainers work out before anything is drawn."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.console import charts_insight as charts
from ivr.console.alarms import MOST, OF_QUEUES, Alarms, alert_of, unhappy
from ivr.console.charts_insight import Point
from ivr.console.clocks import clock, lasting
from ivr.console.moods import CAUSES
from ivr.console.rooms import week_of
from ivr.console.trainer_patch import new_lines
from ivr.console.trainer_proof import is_good
from ivr.console.units import amount, of_what, on_axis
from ivr.insight.emotion import Alert, Mood
from ivr.model.insight import Tried
from ivr.model.routing import RoutingEvent
from ivr.web.reports import FigureShape

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_alarms_are_kept_the_newest_first_and_no_more_than_helps() -> None:
    beats: list[int] = []
    alarms = Alarms(lambda: NOON, lambda: beats.append(1))
    for n in range(MOST + 5):
        alarms.raised(f"c{n}", Alert("red", "keyword", -0.6, 2), with_agent=n == MOST + 4)
    assert (len(alarms.kept), len(beats)) == (MOST, MOST + 5)
    assert (alarms.kept[0].call_id, alarms.kept[0].with_agent, alarms.kept[1].with_agent) == ("c104", True, False)


def test_the_red_come_before_the_amber_and_the_calm_not_at_all() -> None:
    moods = {
        "calm": Mood(0.4, "none", 3), "a": Mood(-0.35, "amber", 2), "r": Mood(-0.2, "red", 1),
        "rr": Mood(-0.9, "red", 4),
    }  # fmt: skip
    assert [call_id for call_id, _ in unhappy(moods)] == ["rr", "r", "a"]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "share", "–"), (0.925, "share", "92%"), (0.0123, "share", "1.2%"), (0.0, "share", "0%"),
        (4.25, "seconds", "4.2 s"), (185.0, "seconds", "3:05"), (1204.0, "contacts", "1,204"), (2.5, "points", "2.50"),
        (-40.0, "points", "-40"),
    ],
)  # fmt: skip
def test_a_figure_is_read_at_a_glance(value: float | None, unit: str, words: str) -> None:
    assert amount(value, unit) == words


def shape(**more: Any) -> FigureShape:
    given = {"name": "csat", "value": 0.3, "numerator": 12.0, "denominator": 40.0, "interval": None, "percentiles": {},
             "on_target": None}  # fmt: skip
    return FigureShape(**{**given, **more})


def test_beside_a_figure_stands_what_it_is_out_of() -> None:
    assert of_what(shape(interval=(0.18, 0.45)), "share") == "12 / 40 · 18% – 45%"
    assert of_what(shape(interval=(0.18, 0.45)), "share", bare=True) == "12 / 40"
    assert of_what(shape(percentiles={"0.5": 3.0, "0.95": 95.0}), "mean", "seconds") == "n = 40 · P50 3.0 s · P95 1:35"
    assert of_what(shape(numerator=90.0, denominator=3600.0), "ratio", "share") == "1:30 / 1:00:00"
    assert of_what(shape(interval=(0.812, 0.826)), "share") == "12 / 40 · 81.2% – 82.6%"
    assert of_what(shape(denominator=0.0, interval=(0.0, 1.0)), "share") == "12 / 0"
    assert of_what(shape(), "count").strip() == ""
    assert (on_axis("share"), on_axis("seconds"), on_axis("points")) == ("%", " s", "")


def test_durations_and_moments_are_short() -> None:
    assert [lasting(one) for one in (None, 65.0, 3723.0, -1.0)] == ["–", "1:05", "1:02:03", "0:00"]
    assert clock(None) == "–"
    assert clock(NOON).endswith(":00")


def test_a_line_has_its_band_and_its_goal_only_where_they_are_known() -> None:
    plain = charts.over_time([Point("9", 1.0), Point("10", None)], " s")
    assert [one["data"] for one in plain["series"]] == [[1.0, None]]
    whole = charts.over_time([Point("9", 50.0, 40.0, 60.0), Point("10", None)], " %", 80.0)
    value, low, width = whole["series"]
    assert value["markLine"]["data"] == [{"yAxis": 80.0}]
    assert (low["data"], width["data"]) == ([40.0, None], [20.0, None])


def test_bars_are_coloured_by_the_target_and_have_whiskers_where_there_is_an_interval() -> None:
    points = [Point("a", 90.0, 80.0, 95.0, True), Point("b", 10.0, None, None, False), Point("c", 5.0)]
    bars, whiskers = charts.by_group(points, " %", 80.0)["series"]
    colours = [one["itemStyle"]["color"] for one in bars["data"]]
    assert len(set(colours)) == 3
    assert whiskers["data"] == [[0, 80.0, 95.0]]
    assert len(charts.by_group(points[1:], "")["series"]) == 1


def test_reasons_and_topics_are_drawn_with_what_they_are_compared_with() -> None:
    bars, line = charts.pareto(["a", "b"], [3, 1], [0.75, 1.0], ("contacts", "together"))["series"]
    assert (bars["data"], line["data"]) == ([3, 1], [75, 100])
    counted, usual = charts.against_usual(["9", "10"], [1, 14], [0.5, 1.26], ("contacts", "usual"))["series"]
    assert (counted["data"], usual["data"]) == ([1, 14], [0.5, 1.3])


def test_a_week_begins_on_monday_in_the_centres_own_time() -> None:
    late_sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    utc, shanghai = week_of(late_sunday, ZoneInfo("UTC")), week_of(late_sunday, ZoneInfo("Asia/Shanghai"))
    assert (utc.name, shanghai.name) == ("2026-W47", "2026-W48")
    assert shanghai.since.isoformat() == "2026-11-23T00:00:00+08:00"
    before = week_of(late_sunday, ZoneInfo("UTC"), 1)
    assert (before.name, before.until) == ("2026-W46", utc.since)
    assert utc.until - utc.since == timedelta(days=7)


def test_lines_that_are_new_are_known_by_their_numbers() -> None:
    assert new_lines("a\nb\n", "a\nx\nb\ny\n") == [2, 4]
    assert new_lines("a\n", "a\n") == []


def test_only_what_was_sound_and_played_as_written_may_be_published() -> None:
    assert is_good(Tried("f", "t", is_sound=True, failures=()))
    for found in (Tried("f", "t"), Tried("f", "t", is_sound=True), Tried("f", "t", is_sound=True, failures=("x",))):
        assert not is_good(found)


def test_a_supervisor_is_told_of_callers_who_are_hard_to_place_and_of_too_many_emergencies() -> None:
    told = [alert_of(RoutingEvent(name, 1.0)) for name in (*OF_QUEUES, "queue.entered")]
    assert told == [Alert("amber", "hard_to_place", 0.0, 0), Alert("amber", "many_emergencies", 0.0, 0), None]
    assert {*OF_QUEUES.values()} <= CAUSES.keys()
