"""Counts, the identity that must hold, service level in every mode, waits."""

from dataclasses import replace

import pytest

from ivr.insight.registry import report
from ivr.insight.service_level import Mode, ServiceLevel, service_level
from ivr.insight.visits import Counts, count, of_queue
from ivr.model.contacts import Contact
from tests.insight.contacts import START, queued

DAY = [
    *[queued("connected", 10.0)] * 6,
    *[queued("connected", 60.0)] * 2,
    queued("abandoned", 3.0),
    queued("abandoned", 15.0),
    queued("abandoned", 90.0),
    queued("timed_out", 600.0),
    queued("overflow", 30.0),
    queued("callback", 40.0),
    queued(""),
]


def test_whatever_came_is_accounted_for() -> None:
    found = count(DAY)
    assert found == Counts(15, 8, 3, 1, 2, 1, 1)
    assert found.unaccounted == 0


def test_an_outcome_that_nobody_knows_is_noticed() -> None:
    assert count([queued("lost")]).unaccounted == 1


@pytest.mark.parametrize(
    ("rule", "share"),
    [
        (ServiceLevel(), 6 / 10),
        (ServiceLevel("strict"), 6 / 15),
        (ServiceLevel("asterisk_sl"), 6 / 8),
        (ServiceLevel("asterisk_sl2"), 8 / 11),
        (ServiceLevel("genesys"), 6 / 11),
        (ServiceLevel("genesys", with_flow_out=True), 6 / 13),
        (ServiceLevel("genesys", without_short_abandoned=True), 6 / 10),
        (ServiceLevel("genesys", without_abandoned=True), 6 / 8),
        (ServiceLevel(within=60.0), 8 / 10),
        (ServiceLevel(short_abandon=20.0), 6 / 9),
    ],
)
def test_service_level_depends_on_how_it_is_counted(rule: ServiceLevel, share: float) -> None:
    assert service_level(DAY, rule) == pytest.approx(share)


def test_without_calls_there_is_no_service_level() -> None:
    assert service_level([]) is None


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("offered", 15, 15),
        ("answered", 8, 15),
        ("abandoned", 3, 15),
        ("short_abandoned", 1, 15),
        ("flow_out", 2, 15),
        ("callback_converted", 1, 15),
        ("in_queue", 1, 15),
        ("service_level", 6, 10),
        ("service_level_strict", 6, 15),
        ("asa", 180, 8),
        ("max_wait", 90, 11),
        ("avg_wait", 288, 11),
        ("abandonment_rate", 2, 14),
        ("abandonment_rate_connect", 3, 15),
        ("avg_time_to_abandon", 108, 3),
        ("access_rate", 15, 15),
    ],
)
def test_every_figure_shows_its_two_sums(name: str, numerator: float, denominator: float) -> None:
    found = report(DAY)[name]
    assert (found.numerator, found.denominator) == (numerator, denominator)


def test_who_was_turned_away_counts_against_access() -> None:
    refused = Contact("r", START, accepted=False)
    assert report([*DAY, refused], ["access_rate"])["access_rate"].numerator == 15


def test_a_transferred_contact_counts_in_each_of_its_queues() -> None:
    first, second = queued("connected", 10.0), queued("connected", 50.0, "loans")
    both = replace(first, visits=(*first.visits, *second.visits))
    assert count([both]).answered == 2
    assert [contact.visits for contact in of_queue([both, first], "loans")] == [second.visits]


@pytest.mark.parametrize("mode", ["standard", "genesys", "asterisk_sl", "asterisk_sl2", "strict"])
def test_no_mode_exceeds_one(mode: Mode) -> None:
    found = service_level(DAY, ServiceLevel(mode))
    assert found is not None
    assert 0 <= found <= 1
