"""Ledger, theory and expectation, each by itself."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.model.people import Requirement, ServedQueue
from ivr.model.routing import RoutingEvent, WrapUp
from ivr.simulation.arrivals import Rate
from ivr.simulation.distributions import Distribution
from ivr.simulation.expectation import Expectation, expectation
from ivr.simulation.ledger import Ledger
from ivr.simulation.outcome import outcome
from ivr.simulation.plan import Behaviour, Plan, Stretch
from ivr.simulation.running import Ran
from ivr.simulation.theory import theory
from tests.simulation.plans import HOUR, SIMPLE, callers, exponential, plan, workers


def event(name: str, at: float = 0.0, entry: str = "e", queue: str = "q", **carries: Any) -> RoutingEvent:
    return RoutingEvent(name, at, entry, queue, "ann", "o1", carries)


def ledger(*events: RoutingEvent) -> Ledger:
    book = Ledger()
    book.joins("e", "all", 0.0)
    for one in events:
        book.saw(one)
    return book


def test_a_contact_keeps_all_its_stays_and_offers() -> None:
    book = ledger(
        event("queue.entered"),
        event("queue.offer_failed", 5.0, reason="timed_out", ring_ms=5000),
        event("queue.offer_failed", 6.0, reason="agent_gone", ring_ms=0),
        event("queue.timed_out", 9.0, overflow="rest"),
        event("queue.entered", 9.0, queue="rest"),
        event("queue.connected", 20.0, queue="rest", hold=20.0, ring=2.0),
        event("call.transferred", 50.0, talk=30.0, hold=0.0),
        event("queue.entered", 50.0),
        event("queue.connected", 60.0, hold=60.0, ring=1.0),
        event("call.completed", 90.0, talk=25.0, hold=5.0, by="customer"),
        event("agent.paused", entry="", queue=""),
    )
    book.wrote("e", 12.0)
    (found,) = book.contacts(0.0)
    assert book.broken == []
    assert [(visit.queue, visit.wait, visit.outcome) for visit in found.visits] == [
        ("q", 9.0, "overflow"),
        ("rest", 20.0, "connected"),
        ("q", 60.0, "connected"),
    ]
    assert [[offer.outcome for offer in visit.offers] for visit in found.visits] == [
        ["timed_out", "cancelled"],
        ["accepted"],
        ["accepted"],
    ]
    assert (found.talk_seconds, found.hold_seconds, found.wrap_up_seconds, found.transfers) == (55.0, 5.0, 12.0, 1)
    assert (found.disconnect_by, found.end_reason) == ("customer", "agent_completed")


def test_a_stay_that_begins_or_ends_twice_is_a_broken_promise() -> None:
    twice_in = ledger(event("queue.entered"), event("queue.entered", queue="rest"))
    assert twice_in.broken == ["I9: e enters rest and is in q already"]
    twice_out = ledger(event("queue.entered"), event("queue.abandoned", 3.0), event("queue.abandoned", 4.0))
    assert twice_out.broken == ["I9: e leaves a queue twice: queue.abandoned"]


def test_an_end_that_nobody_knows_is_a_broken_promise_of_the_day() -> None:
    day = plan(1.0, workers(1), callers(1))
    ran = Ran(day, ledger(), broken=["I1: something"])
    ran.ledger.stories["e"].arrived_at = day.midnight
    ran.ledger.is_gone("e", "q", "vanished", day.midnight)
    assert outcome(ran).broken == ("I1: something", "I9: 1 stays in queues have no known end")


def test_announced_waits_are_held_against_the_real_ones() -> None:
    book = Ledger()
    for number, (estimate, waited, how) in enumerate(
        [(60.0, 30.0, "connected"), (50.0, 90.0, "connected"), (9999.0, 1.0, "connected"), (0.0, 5.0, "connected"),
         (None, 5.0, "connected"), (60.0, 5.0, "abandoned")]
    ):  # fmt: skip
        name = f"e{number}"
        book.joins(name, "all", 0.0)
        book.saw(event("queue.entered", entry=name))
        book.expects(name, estimate)
        book.saw(event(f"queue.{how}", waited, entry=name, ring=0.0))
    found = expectation(book.contacts(0.0))
    assert found.callers == 3
    assert found.bias == pytest.approx((30 - 40 + 9998) / 3)
    assert found.mean_error == pytest.approx((30 + 40 + 9998) / 3)
    assert found.kept == pytest.approx(2 / 3)
    assert expectation([]) == Expectation(0, None, None, None, None)


STEADY = plan(10.0, workers(14), callers(200))


def test_theory_is_told_where_it_holds() -> None:
    found = theory(STEADY, "q")
    assert found is not None
    assert found.erlangs == pytest.approx(10.0)
    assert (found.agents, found.patient) == (14, True)
    assert found.forecast.service_level == pytest.approx(0.8884, rel=1e-3)


def test_writing_and_ringing_are_work_too() -> None:
    writes = replace(SIMPLE, wrap_up=WrapUp("timeboxed", 30.0))
    rings = Behaviour(Distribution("fixed", 6.0))
    found = theory(replace(STEADY, queues=(writes,), behaviour=rings), "q")
    assert found is not None
    assert found.erlangs == pytest.approx(200 / 3600 * 216)
    short = callers(200, writing=Distribution("fixed", 9.0), patience=exponential(60.0))
    other = theory(replace(STEADY, queues=(writes,), callers=(short,)), "q")
    assert other is not None
    assert other.erlangs == pytest.approx(200 / 3600 * 189)
    assert not other.patient


@pytest.mark.parametrize(
    "changed",
    [
        replace(STEADY, callers=()),
        replace(STEADY, callers=(callers(0),)),
        replace(STEADY, callers=(replace(callers(9), rates=(Rate(0.0, HOUR, 9.0), Rate(HOUR, 2 * HOUR, 3.0))),)),
        replace(STEADY, callers=(replace(callers(9), rates=(Rate(HOUR, 99 * HOUR, 9.0),)),)),
        replace(STEADY, callers=(callers(9, language="zh"),)),
        replace(STEADY, queues=(replace(SIMPLE, skills=(Requirement("card"),)),)),
        replace(STEADY, workers=workers(14, "q", "other")),
        replace(STEADY, workers=workers(14, shifts=(Stretch(0.0, HOUR),))),
        replace(
            STEADY,
            workers=tuple(
                replace(one, profile=replace(one.profile, queues=(ServedQueue("q", 1, 5.0),))) for one in workers(14)
            ),
        ),
        replace(STEADY, workers=workers(10)),
    ],
)
def test_where_the_assumptions_do_not_hold_there_is_no_theory(changed: Plan) -> None:
    assert theory(changed, "q") is None
