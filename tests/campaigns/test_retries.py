"""What follows an attempt depends on how it ended, and nobody is called more often than planned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.campaigns.retries import ORDINARY, URGENT, RetryPlan, call_later, ended_attempt, verdict
from ivr.model.campaigns import AttemptOutcome, Case
from tests.campaigns.made import FIRST, NOON, SECOND, alert, case, later


def after(made: Case, plan: RetryPlan = URGENT) -> Case:
    return ended_attempt(made, made.attempts[-1], NOON, plan)


def due(made: Case) -> tuple[str, str, float | None]:
    return made.state, made.phones[made.next_phone], (made.next_at - NOON).total_seconds() if made.next_at else None


def test_a_busy_number_is_tried_again_in_two_minutes() -> None:
    assert due(after(case(("busy", FIRST)))) == ("scheduled", FIRST, 120.0)


def test_no_answer_goes_to_the_next_number_at_once_then_waits() -> None:
    assert due(after(case(("no_answer", FIRST)))) == ("scheduled", SECOND, 0.0)
    assert due(after(case(("no_answer", FIRST), ("no_answer", SECOND)))) == ("scheduled", FIRST, 900.0)
    spent = after(case(("no_answer", FIRST), ("no_answer", SECOND), ("no_answer", FIRST)))
    assert (spent.state, spent.reason) == ("unreachable", "attempts_used")


def test_a_machine_is_spoken_to_and_tried_once_more() -> None:
    only = alert("e1", FIRST)
    assert due(after(case(("machine", FIRST), alert=only))) == ("scheduled", FIRST, 900.0)
    assert after(case(("machine", FIRST), ("machine", FIRST), alert=only)).state == "unreachable"


@pytest.mark.parametrize("outcome", ["invalid_number", "fax"])
def test_a_dead_number_is_not_dialled_again(outcome: AttemptOutcome) -> None:
    assert due(after(case((outcome, FIRST)))) == ("scheduled", SECOND, 0.0)
    alone = after(case((outcome, FIRST), alert=alert("e1", FIRST)))
    assert (alone.state, alone.reason) == ("unreachable", "no_number_left")
    tried = case(("busy", SECOND), (outcome, FIRST))
    assert due(after(tried)) == ("scheduled", SECOND, 0.0)


def test_a_failing_network_does_not_count_against_the_customer() -> None:
    made = after(case(("network_error", FIRST)))
    assert due(made) == ("scheduled", FIRST, 30.0)
    assert made.attempts[0].counts is False
    many = case(*(("network_error", FIRST) for _ in range(6)))
    assert after(many).reason == "attempts_used"


def test_a_person_leaves_the_case_to_the_conversation() -> None:
    assert after(case(("human", FIRST), state="denied")).state == "denied"


def test_a_person_who_hung_up_before_anything_was_settled_is_called_once_more() -> None:
    again = after(case(("human", FIRST)))
    assert (again.state, again.next_at, again.phones[again.next_phone]) == ("scheduled", later(300), FIRST)
    assert after(case(("human", FIRST), ("human", FIRST))).state == "unreachable"


def test_what_would_come_too_late_is_not_tried() -> None:
    made = case(("busy", FIRST), alert=alert(expires_at=later(60)))
    assert (after(made).state, after(made).reason) == ("expired", "before_next_attempt")


def test_an_outcome_without_a_plan_ends_the_case() -> None:
    assert after(case(("unknown", FIRST))).reason == "attempts_used"


def test_an_ordinary_campaign_does_not_call_at_the_same_hour_of_another_day() -> None:
    made = case(("machine", FIRST), alert=alert("e1", FIRST))
    again = after(made, ORDINARY)
    assert again.next_at == NOON + timedelta(hours=26)
    assert due(after(case(("busy", FIRST)), ORDINARY)) == ("scheduled", FIRST, 1200.0)
    second = case(("no_answer", FIRST), ("no_answer", FIRST), alert=alert("e1", FIRST))
    assert after(second, ORDINARY).next_at == NOON + timedelta(hours=26)


def test_a_verdict_settles_an_open_case_once() -> None:
    denied = verdict(case(), "denied", "customer")
    assert (denied.state, denied.reason, denied.next_at) == ("denied", "customer", None)
    assert verdict(denied, "confirmed") is denied


def test_a_customer_may_choose_the_time() -> None:
    assert due(call_later(case(), later(600))) == ("scheduled", FIRST, 600.0)
    expiring = replace(case(), alert=alert(expires_at=later(500)))
    assert (call_later(expiring, later(600)).state, call_later(expiring, later(100)).state) == ("expired", "scheduled")
