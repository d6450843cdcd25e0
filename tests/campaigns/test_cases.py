"""The same event is one case however often it comes; one customer has one open case."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.campaigns.cases import accept, attempt_id, case_id, digest, next_attempt, reached, with_attempt
from ivr.model.campaigns import Accepted, PhoneCandidate
from tests.campaigns.made import FIRST, NOON, SECOND, alert, case, later


def test_a_new_event_opens_a_case_with_its_first_stages() -> None:
    accepted = accept("fraud", "urgent", alert(), later(1))
    assert accepted.arrival == "new"
    assert accepted.case is not None
    assert accepted.case.case_id == case_id("fraud", "fraud", "e1")
    assert accepted.case.times == {"occurred": NOON, "received": later(1)}
    assert (accepted.case.lane, accepted.case.state, accepted.case.is_open) == ("urgent", "received", True)


@settings(deadline=None)
@given(st.integers(2, 100))
def test_the_same_event_again_changes_nothing(times: int) -> None:
    known = digest(alert())
    results = {accept("fraud", "urgent", alert(), later(n), known_digest=known) for n in range(times)}
    assert results == {Accepted("again")}


def test_the_same_id_with_other_content_is_a_conflict() -> None:
    assert accept("fraud", "urgent", alert(exposure=5.0), NOON, known_digest=digest(alert())).arrival == "conflict"
    assert digest(alert(facts={"b": "2", "a": "1"})) == digest(alert(facts={"a": "1", "b": "2"}))
    assert digest(alert(expires_at=NOON)) != digest(alert(expires_at=NOON + timedelta(1)))


def test_another_alert_of_the_customer_joins_the_open_case() -> None:
    first = alert("e1", FIRST, items=({"txn_id": "t1", "amount": 1}, {"merchant": "unnamed"}))
    second = alert("e2", SECOND, FIRST, items=({"txn_id": "t1", "amount": 1}, {"txn_id": "t2"}))
    opened = accept("fraud", "urgent", first, NOON).case
    assert opened is not None
    merged = accept("fraud", "urgent", second, NOON, open_case=opened)
    assert merged.arrival == "merged"
    assert merged.case is not None
    assert [dict(item) for item in merged.case.items] == [
        {"txn_id": "t1", "amount": 1},
        {"merchant": "unnamed"},
        {"txn_id": "t2"},
    ]
    assert merged.case.phones == (FIRST, SECOND)


def test_a_settled_case_is_not_joined() -> None:
    settled = case(state="denied")
    assert accept("fraud", "urgent", alert("e2"), NOON, open_case=settled).arrival == "new"


def test_numbers_are_tried_in_the_order_of_their_priority() -> None:
    phones = (PhoneCandidate(SECOND, priority=2), PhoneCandidate(FIRST, priority=1))
    assert case(alert=replace(alert(), phones=phones)).phones == (FIRST, SECOND)


def test_an_attempt_has_the_same_id_after_a_crash() -> None:
    before = case(state="eligible")
    written, attempt = next_attempt(before, FIRST, "trunk", NOON)
    again, same = next_attempt(before, FIRST, "trunk", later(9))
    assert attempt.attempt_id == same.attempt_id == attempt_id("k", 1)
    assert attempt_id("k", 2) != attempt.attempt_id
    assert (written.state, written.attempts, written.next_at) == ("in_progress", (attempt,), None)
    answered = replace(attempt, outcome="answered")
    assert with_attempt(written, answered).attempts == (answered,)
    two, _ = next_attempt(written, SECOND, "trunk", NOON)
    assert with_attempt(two, answered).attempts[0] == answered


def test_a_stage_counts_the_first_time() -> None:
    once = reached(case(), "ringing", NOON)
    assert reached(once, "ringing", later(5)) is once
