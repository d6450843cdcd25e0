"""Recovery cases: what opens one, until when it is due, and what may follow what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.model.errors import NotNow
from ivr.model.recovery import RecoveryCase
from ivr.surveys.recovery import (
    Impression,
    LoopFigures,
    Promise,
    assigned,
    closed,
    contacted,
    escalated,
    found_cause,
    is_overdue,
    loop_figures,
    owner_of,
    reasons_for,
    remedied,
)

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASE = RecoveryCase("r-c1", "c1", "+15555550123", ("low_score",), SUNDAY, SUNDAY + HOUR, "ann", "bob")


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Impression(csat=2), ("low_score",)),
        (Impression(csat=3), ()),
        (Impression(said_resolved=False), ()),
        (Impression(said_resolved=False, mean_sentiment=-0.1), ("unresolved",)),
        (Impression(said_resolved=False, mean_sentiment=0.1), ()),
        (Impression(csat=5, is_complaint=True), ("complaint",)),
        (Impression(csat=5, is_hidden=True), ()),
        (Impression(csat=5, is_hidden=True, tier="vip"), ("hidden_dissatisfied",)),
        (Impression(csat=4, said_resolved=False, wants_call=True), ("call_back_wanted",)),
        (Impression(), ()),
    ],
)
def test_what_opens_a_case(seen: Impression, found: tuple[str, ...]) -> None:
    assert reasons_for(seen) == found


@pytest.mark.parametrize(
    ("opened", "tier", "due"),
    [
        ("2026-11-22T12:00", "vip", "2026-11-22T12:30"),  # a Sunday: for VIP somebody is there
        ("2026-11-23T12:00", "standard", "2026-11-24T12:00"),  # Monday to Tuesday
        ("2026-11-20T12:00", "standard", "2026-11-23T10:00"),  # Friday: on to Monday
        ("2026-11-23T20:00", "standard", "2026-11-25T10:00"),  # Tuesday evening: on to Wednesday
        ("2026-11-23T03:00", "gold", "2026-11-24T10:00"),  # Tuesday night: on to that morning
    ],
)
def test_when_a_case_is_due(opened: str, tier: str, due: str) -> None:
    assert Promise().due(datetime.fromisoformat(f"{opened}+00:00"), tier) == datetime.fromisoformat(f"{due}+00:00")


def test_working_hours_are_those_of_the_place() -> None:
    due = Promise(zone="Asia/Shanghai").due(datetime(2026, 11, 23, 12, tzinfo=UTC), "standard")
    assert due == datetime(2026, 11, 25, 2, tzinfo=UTC)  # 20:00 there is too late; 10:00 there the day after
    assert Promise(workdays=frozenset()).due(SUNDAY, "") == SUNDAY + timedelta(hours=24)


def test_the_owner_is_never_the_agent_of_the_call_and_has_the_fewest_cases() -> None:
    assert owner_of(["ann", "bob", "eve"], "bob", {"ann": 2, "eve": 1}) == "eve"
    assert owner_of(["ann", "eve"], "", {}) == "ann"
    assert owner_of(["bob"], "bob", {}) == ""


def test_a_case_goes_from_open_to_closed() -> None:
    case = contacted(CASE, SUNDAY)
    assert (case.state, case.is_late) == ("contacted", False)
    case = found_cause(case, "process")
    case = remedied(case, "sent a new card")
    assert case.state == "remedied"
    assert found_cause(case, "agent").state == "remedied"
    case = closed(case, "saved", SUNDAY + HOUR, 4)
    assert (case.state, case.outcome, case.loop_score, case.closed_at) == ("closed", "saved", 4, SUNDAY + HOUR)


def test_what_may_not_follow() -> None:
    with pytest.raises(NotNow, match="contact the customer"):
        found_cause(CASE, "agent")
    called = contacted(CASE, SUNDAY + 2 * HOUR)
    assert called.is_late
    assert CASE.is_late is None
    steps: tuple[Callable[[], object], ...] = (
        lambda: contacted(called, SUNDAY), lambda: remedied(called, "x"), lambda: closed(called, "saved", SUNDAY),
        lambda: found_cause(called, ""), lambda: closed(called, "", SUNDAY), lambda: assigned(called, "bob"),
        lambda: closed(replace(called, remedy="x"), "saved", SUNDAY, 3),
        lambda: assigned(closed(called, "no_action", SUNDAY), "eve"),
    )  # fmt: skip
    for step in steps:
        with pytest.raises(NotNow):
            step()
    assert assigned(called, "eve").owner == "eve"


def test_a_case_nobody_touched_is_overdue_and_again_later_but_not_for_ever() -> None:
    assert not is_overdue(CASE, SUNDAY, HOUR, 2)
    assert is_overdue(CASE, SUNDAY + HOUR, HOUR, 2)
    assert not is_overdue(contacted(CASE, SUNDAY), SUNDAY + HOUR, HOUR, 2)
    once = escalated(CASE, ["bob", "eve", "max"], SUNDAY + HOUR)
    assert (once.owner, once.escalations) == ("eve", 1)
    assert not is_overdue(once, SUNDAY + HOUR, HOUR, 2)
    assert is_overdue(once, SUNDAY + 2 * HOUR, HOUR, 2)
    twice = escalated(once, ["bob", "eve", "max"], SUNDAY + 2 * HOUR)
    assert twice.owner == "max"
    assert not is_overdue(twice, SUNDAY + 9 * HOUR, HOUR, 2)
    assert escalated(CASE, [], SUNDAY).owner == "ann"


def test_how_well_the_loop_works() -> None:
    in_time, late = contacted(CASE, SUNDAY), contacted(CASE, SUNDAY + 2 * HOUR)
    saved = closed(replace(in_time, remedy="x"), "saved", SUNDAY + HOUR)
    assert loop_figures([CASE, in_time, late, saved], SUNDAY + 2 * HOUR) == LoopFigures((2, 4), (1, 1), 3, 1)
