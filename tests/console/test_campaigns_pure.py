"""What the pages of campaigns work out before anything is drawn."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.campaigns.ledger import Breach, Entry, Goal
from ivr.console import campaign_figures as figures
from ivr.console.campaign_list import as_csv
from ivr.console.campaign_speed import took
from ivr.console.do_not_call import checked
from ivr.model.errors import BadQuery
from ivr.web.campaign_shapes import ListReport, RefusedRow

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DIAL = Goal("event_to_dial", "received", "dialled", 5.0)


def entry(minute: int, seconds: float) -> Entry:
    came = NOON + timedelta(minutes=minute)
    return Entry(f"k{minute}", {"received": came, "dialled": came + timedelta(seconds=seconds)})


def test_the_funnel_has_every_stage_and_its_share_of_what_came_in() -> None:
    found = figures.funnel({"received": 8, "accepted": 8, "dialled": 6})
    assert [(one.name, one.count, one.of_received) for one in found[:4]] == [
        ("received", 8, 1.0), ("accepted", 8, 1.0), ("dialled", 6, 0.75), ("ringing", 0, 0.0),
    ]  # fmt: skip
    assert figures.funnel({})[0].of_received is None
    (bars,) = figures.funnel_plot([one.name for one in found], found)["series"]
    assert [one["label"]["formatter"] for one in bars["data"][:3]] == ["8  100%", "8  100%", "6  75%"]
    (nothing,) = figures.funnel_plot(["received"], figures.funnel({})[:1])["series"]
    assert nothing["data"][0]["label"]["formatter"] == "0"


def test_percentiles_are_by_when_the_case_came_in_and_others_are_left_out() -> None:
    entries = [entry(0, 1.0), entry(1, 3.0), entry(59, 9.0), entry(60, 1.0), entry(-1, 1.0), Entry("none")]
    slices = figures.sliced(entries, DIAL, NOON, NOON + timedelta(hours=1), slices=2)
    assert [(one.begin, one.took.count, one.took.p50, one.took.p99) for one in slices] == [
        (NOON, 2, 1.0, 3.0), (NOON + timedelta(minutes=30), 1, 9.0, 9.0),
    ]  # fmt: skip


def test_the_plot_has_three_lines_and_the_limit_where_there_is_one() -> None:
    slices = figures.sliced([entry(0, 1.0)], DIAL, NOON, NOON + timedelta(hours=1), slices=2)
    p50, p95, p99 = figures.percentiles_plot(["12:00", "12:30"], slices, 5.0)["series"]
    assert [one["data"] for one in (p50, p95, p99)] == [[1.0, None]] * 3
    assert p50["markLine"]["data"] == [{"yAxis": 5.0}]
    assert "markLine" not in figures.percentiles_plot(["12:00", "12:30"], slices, 0.0)["series"][0]


def test_what_stood_in_the_way_is_counted_once_for_each_breach() -> None:
    late = [Breach("a", "g", 9.0, "no_line,no_line,window"), Breach("b", "g", 9.0, "window")]
    assert figures.reasons_of(late) == [("window", 2), ("no_line", 1)]


def test_durations_are_read_at_a_glance() -> None:
    assert [took(one) for one in (4.251, 119.0, 3723.0)] == ["4.25 s", "119.00 s", "1:02:03"]


def test_the_report_of_refused_rows_names_lines_and_never_what_stood_in_them() -> None:
    report = ListReport(refused=[RefusedRow(line=3, why="phone: write it with + and the country code")])
    assert as_csv(report).splitlines() == ["line,why", "3,phone: write it with + and the country code"]


def test_only_numbers_and_customers_go_on_the_list() -> None:
    assert checked("+15555550199", "*", "").party == "+15555550199"
    assert checked("customer:C-1", "*", "by letter").reason == "by letter"
    with pytest.raises(BadQuery, match="country code"):
        checked("0555", "*", "")
