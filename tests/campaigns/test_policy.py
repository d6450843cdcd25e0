"""A number is called only when every rule of the jurisdiction agrees, in every zone it may be in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from ivr.campaigns.policy import ALLOWED, Hours, Profile, Question, Verdict, may_dial
from ivr.model.campaigns import Contact
from tests.campaigns.made import FIRST, NOON, later

US = Profile(
    "us",
    {"emergency": None, "transactional": Hours(time(8), time(21)), "marketing": Hours(time(8), time(21))},
    holidays=frozenset({date(2026, 11, 26)}),
)
WEEKDAYS = Hours(time(9), time(18), frozenset(range(5)))


def ask(profile: Profile = US, **more: Any) -> Verdict:
    given = {"to": FIRST, "now": NOON, "window": "transactional", "purpose": "fraud_call", "zones": ("UTC",)}
    return may_dial(Question(**{**given, **more}), profile)


def test_within_hours_and_caps_it_may_be_dialled() -> None:
    assert ask() == ALLOWED


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"in_dial_plan": False}, "not_in_dial_plan"),
        ({"do_not_call": frozenset({"fraud_call"})}, "do_not_call"),
        ({"do_not_call": frozenset({"*"})}, "do_not_call"),
        ({"expires_at": NOON}, "expired"),
        ({"window": "marketing"}, "no_consent"),
        ({"window": "debt"}, "window"),
        ({"zones": ()}, "zone_unknown"),
    ],
)
def test_what_no_waiting_can_help_is_final(more: dict[str, Any], rule: str) -> None:
    assert ask(**more) == Verdict(False, rule)


def test_consent_opens_what_needs_it_and_another_refusal_does_not_matter() -> None:
    assert ask(window="marketing", purpose="offers", consents=frozenset({"offers"})) == ALLOWED
    assert ask(do_not_call=frozenset({"offers"})) == ALLOWED


def test_an_emergency_may_be_called_at_any_hour() -> None:
    assert ask(window="emergency", now=NOON.replace(hour=3), zones=()) == ALLOWED


def test_outside_the_hours_it_waits_for_the_opening() -> None:
    assert ask(now=NOON.replace(hour=22)) == Verdict(False, "window", datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert ask(now=NOON.replace(hour=5)) == Verdict(False, "window", datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert ask(now=NOON.replace(hour=21)).rule == "window"
    assert ask(now=NOON.replace(hour=8)) == ALLOWED


def test_a_number_that_may_be_in_several_zones_needs_all_of_them_open() -> None:
    both = ("America/New_York", "America/Los_Angeles")
    at_nine_fifty_nine_in_new_york = datetime(2026, 11, 24, 1, 59, tzinfo=UTC)  # 20:59 there, 17:59 in Los Angeles
    assert ask(now=at_nine_fifty_nine_in_new_york, zones=both) == ALLOWED
    later_by_a_minute = at_nine_fifty_nine_in_new_york + timedelta(minutes=1)
    verdict = ask(now=later_by_a_minute, zones=both)
    assert verdict == Verdict(False, "window", datetime(2026, 11, 24, 16, tzinfo=UTC))


def test_holidays_and_weekends_are_passed_over() -> None:
    thanksgiving = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert ask(now=thanksgiving).retry_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    office = Profile("office", {"transactional": WEEKDAYS})
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert ask(office, now=saturday).retry_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    never = Profile("never", {"transactional": Hours(days=frozenset())})
    assert ask(never) == Verdict(False, "window", None)


def test_zones_that_are_never_open_together_have_no_opening() -> None:
    narrow = Profile("narrow", {"transactional": Hours(time(9), time(10))})
    assert ask(narrow, zones=("Asia/Shanghai", "America/New_York")) == Verdict(False, "window", None)


def test_caps_of_the_day_and_of_the_event_hold_across_campaigns() -> None:
    calls = tuple(Contact(later(-3600 * hours), FIRST, f"other{hours}") for hours in (1, 2, 3))
    assert ask(earlier=calls) == Verdict(False, "cap_day", later(-3600 * 3) + timedelta(days=1))
    assert ask(earlier=calls[:2]) == ALLOWED
    spread = tuple(Contact(later(-3600 * hours), FIRST, "k") for hours in (1, 30, 50))
    assert ask(earlier=spread, case_id="k") == Verdict(False, "cap_event", later(-3600 * 50) + timedelta(days=3))
    assert ask(earlier=spread, case_id="another") == ALLOWED


def test_of_two_rules_the_longer_wait_counts() -> None:
    calls = tuple(Contact(later(-60 * n), FIRST) for n in (1, 2, 3))
    night = NOON.replace(hour=22)
    verdict = ask(earlier=calls, now=night)
    assert verdict == Verdict(False, "cap_day", later(-180) + timedelta(days=1))
    never = Profile("never", {"transactional": Hours(days=frozenset())})
    assert ask(never, earlier=calls) == Verdict(False, "window", None)
