"""Handling and the people who do it."""

from dataclasses import replace

import pytest

from ivr.insight.metric import measure
from ivr.insight.registry import metric_called, report
from ivr.model.contacts import AgentShift
from tests.insight.contacts import bot, queued

TALKED = replace(
    queued("connected", 5.0, offers=("rejected", "timed_out", "cancelled", "accepted")),
    handled_by="agent",
    talk_seconds=100.0,
    hold_seconds=20.0,
    holds=1,
    wrap_up_seconds=30.0,
    disconnect_by="agent",
    transfers=2,
)
SHORT = replace(queued("connected", 5.0, offers=("accepted",)), handled_by="both", talk_seconds=8.0)
DAY = [TALKED, SHORT, bot()]


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("aht", 158.0, 2),
        ("acw", 30.0, 2),
        ("avg_hold", 20.0, 1),
        ("hold_rate", 1, 2),
        ("transfer_rate", 1, 2),
        ("transfers_per_contact", 2, 2),
        ("agent_answer_rate", 2, 4),
        ("rona_rate", 1, 5),
        ("agent_first_disconnect_rate", 1, 2),
        ("short_call_rate", 1, 2),
    ],
)
def test_handling(name: str, numerator: float, denominator: float) -> None:
    found = report(DAY)[name]
    assert (found.numerator, found.denominator) == (numerator, denominator)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("occupancy", 2400 / 3000),
        ("occupancy_with_ring", 2500 / 3100),
        ("utilization", 2400 / 3600),
        ("adherence", 0.9),
        ("agents", 1),
    ],
)
def test_where_time_went(name: str, value: float) -> None:
    shift = AgentShift("ann", 2000.0, 100.0, 300.0, 100.0, 600.0, 500.0, scheduled=4000.0, worked_as_scheduled=3600.0)
    assert measure(metric_called(name), [shift, AgentShift("bob")]).value == pytest.approx(value)
