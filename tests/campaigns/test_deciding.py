"""When the turn of a case comes, the rules decide at that moment; a verdict counts from the moment it is noted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from ivr.campaigns import deciding
from ivr.campaigns.campaign import Campaign
from ivr.campaigns.cases import prioritised
from ivr.campaigns.deciding import Turn, later_at
from ivr.campaigns.policy import Hours, Profile
from ivr.campaigns.zones import zones_of
from ivr.model.campaign_ports import Change
from ivr.model.campaigns import Attempt, Case, Circumstances, Contact, Refusal
from tests.campaigns.made import FIRST, NOON, SECOND, alert

PROFILE = Profile("here", {"transactional": Hours(), "marketing": Hours()})
CAMPAIGN = Campaign("fraud", "flow", "fraud_call", "+15555550100", PROFILE, most_per_hour=5, most_per_day=9)
WAITING = Case("k", "fraud", alert(timezone="Etc/UTC"), NOON, "urgent")
TALKING = replace(
    WAITING, state="in_progress", attempts=(Attempt("a1", 1, FIRST, outcome="answered", call_id="c", asked=1),)
)


def begun(waiting: Case = WAITING, now: datetime = NOON, **around: Any) -> Change:
    change = deciding.begin_call(Turn(CAMPAIGN, "trunk", "run", now), waiting, Circumstances(**around))
    assert change
    return change


def test_an_attempt_that_is_allowed_is_written_down_as_dialling() -> None:
    change = begun()
    (attempt,) = change.case.attempts
    assert (change.case.state, attempt.outcome, attempt.to, attempt.run) == ("in_progress", "dialling", FIRST, "run")
    assert change.case.times["dialled"] == NOON
    assert [deed.action for deed in change.deeds] == ["case.dial"]


@pytest.mark.parametrize(
    ("around", "rule", "again"),
    [
        ({"on_the_line": True}, "already_on_the_line", timedelta(seconds=60)),
        ({"last_hour": 5}, "cap_hour_of_campaign", timedelta(minutes=10)),
        ({"last_day": 9}, "cap_day_of_campaign", timedelta(hours=1)),
        ({"earlier": tuple(Contact(NOON, SECOND, f"other{n}") for n in range(3))}, "cap_day", timedelta(days=1)),
    ],
)
def test_a_rule_that_time_helps_blocks_the_attempt_and_names_when(
    around: dict[str, Any], rule: str, again: timedelta
) -> None:
    change = begun(**around)
    (attempt,) = change.case.attempts
    assert (attempt.outcome, attempt.rule, attempt.counts) == ("blocked_by_rule", rule, False)
    assert (change.case.state, change.case.next_at, change.letter) == ("scheduled", NOON + again, "")


@pytest.mark.parametrize(
    ("around", "more", "state", "rule"),
    [
        ({"refused": {FIRST: frozenset({"fraud_call"})}}, {}, "opted_out", "do_not_call"),
        ({"refused": {"customer:c1": frozenset({"*"})}}, {}, "opted_out", "do_not_call"),
        ({}, {"expires_at": NOON}, "expired", "expired"),
        ({}, {"timezone": "Nowhere/Else"}, "unreachable", "zone_unknown"),
        ({"on_the_line": True}, {"expires_at": NOON + timedelta(seconds=30)}, "unreachable", "already_on_the_line"),
    ],
)
def test_a_rule_that_no_time_helps_settles_the_case_and_the_bank_is_told(
    around: dict[str, Any], more: dict[str, Any], state: str, rule: str
) -> None:
    waiting = replace(WAITING, alert=alert(**{"timezone": "Etc/UTC", **more}))
    change = begun(waiting, **around)
    assert (change.case.state, change.case.reason) == (state, rule)
    assert change.letter
    assert [deed.action for deed in change.deeds] == ["case.blocked", "case.settled"]


@pytest.mark.parametrize("state", ["in_progress", "confirmed", "cancelled"])
def test_a_case_that_is_called_already_or_settled_is_not_begun(state: Any) -> None:
    assert deciding.begin_call(Turn(CAMPAIGN, "t", "r", NOON), replace(WAITING, state=state), Circumstances()) is None


@pytest.mark.parametrize(
    ("zone", "night", "opening"),
    [
        # Clocks go back on 2026-11-01 and forward on 2026-03-08: nine o'clock is another moment than the day before.
        ("America/New_York", datetime(2026, 11, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 14, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 3, tzinfo=UTC), datetime(2026, 3, 8, 13, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 2, tzinfo=UTC), datetime(2026, 10, 31, 13, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ],
)
def test_the_hours_are_those_of_the_callee_through_the_change_of_the_clocks(
    zone: str, night: datetime, opening: datetime
) -> None:
    change = begun(replace(WAITING, alert=alert(timezone=zone)), night)
    assert (change.case.attempts[0].rule, change.case.next_at) == ("window", opening)
    assert begun(replace(WAITING, alert=alert(timezone=zone)), opening).case.state == "in_progress"


def test_a_number_without_a_zone_may_be_in_every_zone_of_its_prefix() -> None:
    assert zones_of(alert(), "+498912345678") == ("Europe/Berlin",)
    assert {"America/New_York", "America/Los_Angeles"} <= set(zones_of(alert(), "+18005550100"))
    assert zones_of(alert(), "not a number") == ()
    assert zones_of(alert(timezone="Asia/Tokyo"), "+498912345678") == ("Asia/Tokyo",)


def noted(verdict: str, talking: Case = TALKING, **notes: str) -> Change | None:
    told = {"verdict": verdict, **notes}
    return deciding.noted(CAMPAIGN, "a1", told, NOON, talking, Circumstances())


def test_a_verdict_settles_the_case_while_the_call_goes_on() -> None:
    change = noted("denied", acted="card_blocked", secret="not kept")
    assert change
    assert (change.case.state, dict(change.case.result)) == ("denied", {"verdict": "denied", "acted": "card_blocked"})
    assert change.letter
    over = deciding.call_over(CAMPAIGN, "a1", "human", {}, NOON, change.case, Circumstances())
    assert over
    assert (over.case.state, over.letter, over.case.attempts[0].outcome) == ("denied", "", "human")


def test_who_asks_not_to_be_called_is_on_the_list_from_that_moment_on() -> None:
    change = noted("opted_out")
    assert change
    assert (change.case.state, change.refusal) == (
        "opted_out", Refusal(FIRST, "fraud_call", "asked in a call", "fraud"),
    )  # fmt: skip


def test_somebody_else_answered_so_the_next_number_is_tried() -> None:
    change = noted("wrong_party")
    assert change
    assert (change.case.state, change.case.phones[change.case.next_phone], change.letter) == ("scheduled", SECOND, "")


def test_a_customer_who_asks_for_another_time_is_called_then() -> None:
    change = noted("later", call_later="30")
    assert change
    assert (change.case.state, change.case.next_at) == ("scheduled", NOON + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("minutes", "wanted"), [("30", 30), ("0", 1), ("99999999", 7 * 24 * 60), ("soon", 60), ("", 60), ("٣", 60)]
)
def test_what_a_flow_notes_as_later_is_bounded(minutes: str, wanted: int) -> None:
    assert later_at(minutes, NOON) == NOON + timedelta(minutes=wanted)


def test_a_word_that_is_no_verdict_and_a_verdict_after_the_end_change_nothing() -> None:
    assert noted("whatever") is None
    assert noted("confirmed", replace(TALKING, state="cancelled")) is None
    assert deciding.noted(CAMPAIGN, "unknown", {"verdict": "denied"}, NOON, TALKING, Circumstances()) is None


def test_what_came_in_during_the_call_is_a_case_of_its_own() -> None:
    change = noted("confirmed", replace(TALKING, merged=(alert("e2"),)))
    assert change
    assert change.more
    assert [one.event_id for one in change.more.alerts] == ["e2"]


def test_an_ordinary_campaign_is_content_with_a_person_who_heard_it_out() -> None:
    notice = replace(CAMPAIGN, done_when="answered")
    over = partial(deciding.call_over, notice, "a1", "human")
    heard = over({"heard_out": "yes"}, NOON, TALKING, Circumstances())
    cut = over({}, NOON, TALKING, Circumstances())
    assert heard
    assert cut
    assert (heard.case.state, cut.case.state) == ("completed", "scheduled")


def test_the_end_of_a_call_counts_once() -> None:
    busy = deciding.call_over(CAMPAIGN, "a1", "busy", {}, NOON, TALKING, Circumstances())
    assert busy
    assert deciding.call_over(CAMPAIGN, "a1", "busy", {}, NOON, busy.case, Circumstances()) is None
    assert deciding.call_over(CAMPAIGN, "unknown", "busy", {}, NOON, TALKING, Circumstances()) is None


def test_an_answer_is_noted_with_how_many_alerts_the_call_is_about() -> None:
    ringing = replace(TALKING, attempts=(replace(TALKING.attempts[0], outcome="ringing", call_id="", asked=0),))
    change = deciding.answered("a1", "c1", 2, NOON, ringing, Circumstances())
    assert change
    (attempt,) = change.case.attempts
    assert (attempt.outcome, attempt.call_id, attempt.asked, change.case.times) == (
        "answered", "c1", 2, {"answered": NOON},
    )  # fmt: skip


def test_a_wrong_party_on_the_only_number_settles_the_case() -> None:
    change = noted("wrong_party", replace(TALKING, alert=alert("e1", FIRST)))
    assert change
    assert (change.case.state, change.case.reason, bool(change.letter)) == ("wrong_party", "wrong_number", True)


def test_the_most_pressing_alert_decides_how_urgent_a_case_is() -> None:
    assert [prioritised(WAITING, value).priority for value in (5.0, -1.0)] == [5.0, 0.0]


def test_what_is_told_twice_changes_nothing_the_second_time() -> None:
    placed = deciding.placed("a1", "CA1", TALKING, Circumstances())
    assert placed
    assert placed.case.attempts[0].provider_id == "CA1"
    assert deciding.placed("unknown", "CA1", TALKING, Circumstances()) is None
    assert deciding.answered("a1", "c2", 1, NOON, TALKING, Circumstances()) is None
    rang = deciding.stage("ringing", NOON, TALKING, Circumstances())
    assert rang
    assert deciding.stage("ringing", NOON, rang.case, Circumstances()) is None
    gone = deciding.cancelled("in the app", NOON, WAITING, Circumstances())
    assert gone
    assert deciding.cancelled("again", NOON, gone.case, Circumstances()) is None
