"""When a queue is open."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.model.errors import ConfigError
from ivr.routing.hours import OpeningHours, Span, always_open, read_hours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = read_hours(
    {
        "time_zone": "Europe/Berlin",
        "weekly": {"mon-fri": "08:00-12:00, 13:00-18:00", "sat": "09:00-13:00"},
        "holidays": {date(2026, 12, 25): "closed", "2026-12-24": "08:00-12:00"},
    }
)
NIGHT = read_hours({"time_zone": "Europe/Berlin", "weekly": {"sat": "22:00-06:00"}})


def at(text: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:00", True),
        ("2026-11-23T07:59", False),
        ("2026-11-23T12:00", False),
        ("2026-11-23T13:00", True),
        ("2026-11-28T12:59", True),
        ("2026-11-29T10:00", False),
        ("2026-12-24T11:59", True),
        ("2026-12-24T14:00", False),
        ("2026-12-25T10:00", False),
    ],
)
def test_a_week_with_holidays(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T12:30", "2026-11-23T13:00"),
        ("2026-11-28T13:00", "2026-11-30T08:00"),
        ("2026-12-24T12:00", "2026-12-26T09:00"),
    ],
)
def test_when_it_opens_next(moment: str, opens: str) -> None:
    assert OFFICE.opens_next(at(moment)) == at(opens)


def test_daylight_saving_moves_the_hours_in_utc_not_on_the_clock() -> None:
    # Berlin: winter time ends on 2026-03-29, Friday 18:00 is closing time.
    assert OFFICE.opens_next(utc("2026-03-28T13:00")) == utc("2026-03-30T06:00")
    assert OFFICE.opens_next(utc("2026-10-24T12:00")) == utc("2026-10-26T07:00")


def test_a_night_of_the_clock_change_has_an_hour_more() -> None:
    opens, closes = NIGHT.opens_next(at("2026-10-24T12:00")), NIGHT.closes_next(at("2026-10-24T23:00"))
    assert opens is not None
    assert closes is not None
    assert (closes - opens).total_seconds() == 9 * 3600


@pytest.mark.parametrize(
    ("spans", "open_at", "closed_at"),
    [("02:30-03:30", "2026-10-25T00:30", "2026-10-25T02:30"), ("01:00-02:30", "2026-10-25T01:15", "2026-10-25T01:30")],
)
def test_a_clock_time_that_comes_twice_opens_at_the_first_and_closes_at_the_second(
    spans: str, open_at: str, closed_at: str
) -> None:
    hours = read_hours({"time_zone": "Europe/Berlin", "weekly": {"sun": spans}})
    assert hours.is_open(utc(open_at))
    assert not hours.is_open(utc(closed_at))


def test_a_night_shift_goes_on_past_midnight() -> None:
    assert NIGHT.is_open(at("2026-11-29T05:59"))
    assert not NIGHT.is_open(at("2026-11-29T06:00"))
    assert not NIGHT.is_open(at("2026-11-28T05:00"))


def test_when_it_closes() -> None:
    assert OFFICE.closes_next(at("2026-11-23T09:00")) == at("2026-11-23T12:00")
    assert OFFICE.closes_next(at("2026-11-23T12:30")) is None


def test_round_the_clock() -> None:
    hours = always_open()
    assert hours.is_open(utc("2026-11-22T23:59"))
    assert hours.closes_next(utc("2026-11-22T12:00")) is None
    assert hours.weekly[0] == (Span(0, 1440),)


def test_what_never_opens_has_no_next_opening() -> None:
    assert read_hours({}).opens_next(utc("2026-11-22T12:00")) is None


def test_a_list_of_days_and_all_days() -> None:
    hours = read_hours({"weekly": {"daily": "10:00-11:00", "Sat - Mon": "12:00-13:00", "wed, thu": None}})
    assert [day[0].begins // 60 if day else None for day in hours.weekly] == [12, 10, None, None, 10, 12, 12]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"week": {}}, "week: not known"),
        ({"weekly": "mon 08:00-12:00"}, "weekly: write days"),
        ({"holidays": ["2026-12-25"]}, "holidays: write days"),
        ({"time_zone": "Berlin"}, "there is no Berlin"),
        ({"time_zone": "../etc"}, "there is no"),
        ({"weekly": {"monday": "08:00-12:00"}}, "write days like mon"),
        ({"weekly": {"mon-": "08:00-12:00", "mon-x": "08:00-12:00"}}, "write days like mon"),
        ({"weekly": {"mon": "8-12"}}, "08:00-12:00, 13:00-18:00"),
        ({"weekly": {"mon": "08:60-12:00"}}, "08:00-12:00, 13:00-18:00"),
        ({"weekly": {"mon": "08:00-25:00"}}, "ends at 24:00"),
        ({"holidays": {"25.12.2026": "closed"}}, "2026-12-25"),
        ({"holidays": {datetime(2026, 12, 25, 10): "closed"}}, "2026-12-25"),
    ],
)
def test_what_is_written_wrong_is_told_with_its_place_and_remedy(written: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_hours(written)


def test_hours_are_values() -> None:
    assert OpeningHours(BERLIN, ((),) * 7) == read_hours({"time_zone": "Europe/Berlin"})
