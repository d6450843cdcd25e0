"""Whether the programme keeps its promises."""

from dataclasses import replace

import pytest

from ivr.insight.metric import measure
from ivr.insight.metrics_programme import lost_customers, survey_plan_completion_rate
from ivr.insight.registry import metric_called
from ivr.model.contacts import Case
from tests.insight.contacts import START, later, queued, surveyed

COMPLAINT = Case(
    "1",
    START,
    "complaint",
    first_response_at=later(600),
    resolved_at=later(7200),
    needs_callback=True,
    called_back=True,
    escalated=True,
    csat=4,
    handed_over_at=later(60),
    handover_due_at=later(90),
)
FEEDBACK = Case("2", START, "feedback", later(100), later(90))
CASES = [
    COMPLAINT,
    Case("3", START, "complaint", needs_callback=True, csat=2, handover_due_at=later(1)),
    FEEDBACK,
    replace(FEEDBACK, first_response_at=later(101)),
    replace(FEEDBACK, due_at=None),
]


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("feedback_timeliness", 1, 3),
        ("info_transfer_timeliness", 1, 2),
        ("callback_rate", 1, 2),
        ("complaint_first_response_time", 600, 1),
        ("complaint_resolution_time", 7200, 1),
        ("complaint_resolution_csat", 1, 2),
        ("complaint_escalation_rate", 1, 2),
        ("cases", 5, 5),
    ],
)
def test_cases(name: str, numerator: float, denominator: float) -> None:
    found = measure(metric_called(name), CASES)
    assert (found.numerator, found.denominator) == (numerator, denominator)


def test_surveys_done_of_those_planned() -> None:
    assert survey_plan_completion_rate([surveyed(csat="5"), queued("connected")], 4) == 0.25
    assert survey_plan_completion_rate([], 0) is None


def test_customers_lost() -> None:
    assert lost_customers([None, 366.0, 365.0, 1.0]) == 2
