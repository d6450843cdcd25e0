"""A day in a call centre, and what it is compared with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.model.contacts import AgentShift, Contact
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import CallbackRules, OfferRules, QueueSettings, WrapUp
from ivr.routing.hours import read_hours
from ivr.simulation.distributions import Distribution
from ivr.simulation.outcome import outcome
from ivr.simulation.plan import Behaviour, Plan, Stretch, Worker
from ivr.simulation.running import Ran, run
from tests.simulation.plans import HOUR, SIMPLE, callers, exponential, plan, workers

BUSY = plan(
    2.0,
    (
        *workers(3, "q"),
        Worker(AgentProfile("b", skills={"card": 3}, queues=(ServedQueue("q", 1, 15.0), ServedQueue("rest")))),
        Worker(AgentProfile("c", queues=(ServedQueue("rest"),)), (Stretch(0.0, HOUR),), (Stretch(HOUR / 2, 2000.0),)),
    ),
    callers(70, takes_callback=0.5, patience=exponential(240.0), writing=Distribution("uniform", 1.0, 40.0)),
    callers(20, "rare", skills=(Requirement("card", 2),), patience=exponential(300.0), tier="vip", emergency=True),
    queues=(
        QueueSettings("q", max_wait=150.0, overflow="rest", callback=CallbackRules(offer_over=60.0, retry_delay=30.0)),
        QueueSettings("rest", wrap_up=WrapUp("optional", 20.0), max_wait=200.0, offer=OfferRules(max_missed=1)),
    ),
    behaviour=Behaviour(Distribution("uniform", 1.0, 8.0), 0.05, 0.1, exponential(60.0), 0.5),
)  # fmt: skip


def contacts(ran: Ran) -> list[Contact]:
    return ran.ledger.contacts(0.0)


def outcomes(ran: Ran) -> set[str]:
    return {visit.outcome for contact in contacts(ran) for visit in contact.visits}


def test_it_agrees_with_erlang_c() -> None:
    """domain.md App. B: A = 10, N = 14 has SL20 .8884, ASA 7.84 s, occupancy .7143; P(wait) .1741."""
    steady = plan(41.0, workers(14), callers(200), warm_up=HOUR, seed=4)
    found = outcome(run(steady, checks_every=50))
    theory = found.theories["q"].forecast
    assert found.everybody.counts.offered == pytest.approx(8_000, rel=0.03)
    level = found.everybody.figures["service_level"].value
    # Three standard errors: 12 seeds of 50 h came to 0.8832 +- 0.0042, ASA 8.3 +- 0.6, occupancy 0.717 +- 0.0025.
    assert level == pytest.approx(0.8884, abs=0.03)
    assert level == pytest.approx(theory.service_level, abs=0.03)
    assert found.everybody.figures["asa"].value == pytest.approx(7.84, abs=4.0)
    assert found.occupancy.value == pytest.approx(0.7143, abs=0.02)
    assert found.expected.callers / found.everybody.counts.offered == pytest.approx(0.1741, abs=0.04)
    assert found.broken == ()


def test_the_announced_waits_are_right_in_the_mean_where_the_formula_holds() -> None:
    found = outcome(run(plan(21.0, workers(14), callers(200), warm_up=HOUR), checks_every=0)).expected
    assert found.callers > 500
    assert found.bias == pytest.approx(0.0, abs=8.0)
    assert found.kept is not None
    assert found.kept > 0.8


def test_the_routing_keeps_its_promises_whatever_happens() -> None:
    ran = run(BUSY)
    assert ran.broken == []
    assert ran.checks == ran.happenings > 1000
    assert outcomes(ran) >= {"connected", "abandoned", "overflow", "callback"}
    found = outcome(ran)
    assert found.broken == ()
    assert found.everybody.counts.unaccounted == 0
    assert found.everybody.figures["rona_rate"].value == pytest.approx(0.1, abs=0.05)
    assert found.theories == {}


def test_ticking_only_when_something_is_due_comes_to_the_same() -> None:
    always, due = run(BUSY, 0, ticks_always=True), run(BUSY, 0)
    assert contacts(always) == contacts(due)
    assert due.happenings < always.happenings / 4


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert contacts(run(BUSY, 0)) == contacts(run(BUSY, 0))
    assert contacts(run(replace(BUSY, seed=2), 0)) != contacts(run(BUSY, 0))


def test_more_agents_meet_the_same_callers() -> None:
    few = contacts(run(plan(2.0, workers(3), callers(60, patience=exponential(60.0))), 0))
    many = contacts(run(plan(2.0, workers(9), callers(60, patience=exponential(60.0))), 0))
    assert [contact.arrived_at for contact in few] == [contact.arrived_at for contact in many]
    assert {"abandoned"} == {visit.outcome for one in few for visit in one.visits} - {"connected"}
    assert {visit.outcome for one in many for visit in one.visits} == {"connected"}


def test_who_is_called_back_was_not_lost() -> None:
    ran = run(BUSY, 0)
    called_back = [one for one in contacts(ran) if one.visits and one.visits[-1].outcome == "callback"]
    assert any(one.agent and one.talk_seconds > 0 for one in called_back)
    assert all(one.handled_by == ("agent" if one.agent else "none") for one in called_back)


def test_shifts_and_breaks_bound_the_work() -> None:
    staff = workers(
        2, shifts=(Stretch(0.0, HOUR), Stretch(2 * HOUR, 3 * HOUR)), breaks=(Stretch(HOUR / 2, HOUR * 0.75),)
    )
    ran = run(plan(3.0, staff, callers(40, patience=exponential(30.0))), 1)
    assert ran.broken == []
    for shift in ran.shifts.values():
        assert shift.logged_in == pytest.approx(2 * HOUR, abs=1200.0)
        assert shift.away == pytest.approx(HOUR / 4, abs=900.0)
    noon = [one for one in contacts(ran) if 1.4 * HOUR < one.arrived_at.timestamp() % 86_400 < 2 * HOUR]
    assert {visit.outcome for one in noon for visit in one.visits} == {"exited_empty"}


def test_a_break_that_falls_outside_of_the_shift_is_no_error() -> None:
    staff = workers(1, shifts=(Stretch(0.0, HOUR / 2),), breaks=(Stretch(HOUR * 0.75, HOUR * 0.8),))
    assert run(plan(1.0, staff, callers(10, patience=exponential(30.0)))).broken == []


def test_what_is_before_the_warm_up_counts_in_no_figure() -> None:
    found = outcome(run(plan(3.0, workers(3), callers(20), warm_up=2 * HOUR), 0))
    assert found.seconds == HOUR
    assert sum(one.logged_in for one in found.shifts) == pytest.approx(3 * HOUR)
    assert found.everybody.counts.offered < 40


def test_a_closed_queue_lets_nobody_in() -> None:
    shut = plan(
        24.0, workers(3), callers(20), zone=ZoneInfo("Asia/Shanghai"), day=date(2026, 11, 23),
        hours={"q": read_hours({"time_zone": "Asia/Shanghai", "weekly": {"mon": "09:00-18:00"}})},
    )  # fmt: skip
    for contact in contacts(run(shut, 0)):
        hour = contact.arrived_at.astimezone(ZoneInfo("Asia/Shanghai")).hour
        assert (contact.visits[0].outcome == "connected") == (9 <= hour < 18)


def test_who_still_waits_hours_after_the_end_is_counted_as_in_the_queue() -> None:
    ran = run(plan(0.5, (), callers(40), queues=(replace(SIMPLE, join_empty=True),)), 0)
    assert outcomes(ran) == {"closed"}
    away = workers(1, shifts=(Stretch(0.0, 60.0),))
    stuck = run(plan(0.5, away, callers(40), queues=(replace(SIMPLE, join_empty=True),)), 0)
    assert "" in outcomes(stuck)
    assert outcome(stuck).everybody.counts.in_queue > 0


def test_wrap_up_is_the_agents_time_but_not_the_callers() -> None:
    writing = plan(
        2.0, workers(4), callers(30, writing=Distribution("fixed", 50.0)),
        queues=(replace(SIMPLE, wrap_up=WrapUp("optional")),),
    )  # fmt: skip
    ran = run(writing)
    talked = [one for one in contacts(ran) if one.talk_seconds]
    assert talked
    assert {round(one.wrap_up_seconds, 3) for one in talked} == {50.0}
    boxed = run(replace(writing, queues=(replace(SIMPLE, wrap_up=WrapUp("timeboxed", 20.0)),)))
    assert all(19.99 <= one.wrap_up_seconds <= 20.26 for one in contacts(boxed) if one.talk_seconds)


def test_the_day_begins_at_midnight_of_its_zone() -> None:
    assert (
        Plan("x", (), (), (), zone=ZoneInfo("Asia/Shanghai")).midnight
        == datetime(2026, 11, 22, 16, tzinfo=UTC).timestamp()
    )
    assert Plan("x", (), (), ()).settings("new") == QueueSettings("new")


def test_times_of_agents_are_the_sum_of_their_logins() -> None:
    staff = workers(1, shifts=(Stretch(0.0, HOUR), Stretch(2 * HOUR, 3 * HOUR)))
    ran = run(plan(4.0, staff), 1)
    assert ran.shifts == {"a0": AgentShift("a0", idle=2 * HOUR)}
