"""What callers say."""

from dataclasses import replace

import pytest

from ivr.insight.metrics_survey import Nps, histogram, not_offered, nps
from ivr.insight.registry import report
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import Contact
from tests.insight.contacts import START, later, surveyed

ENDED = Contact("e", START, end_reason="agent_completed", agent_answered_at=later(9))
DAY = [
    surveyed(csat="5", resolved="yes", nps="10", ces="5"),
    surveyed(csat="4", resolved="no", nps="0"),
    replace(surveyed(csat="2", nps="8", ces="2"), agent_answered_at=later(5)),
    replace(surveyed(csat="9"), survey=SurveyRecord("partial", answers={"csat": "9"})),
    replace(ENDED, survey=SurveyRecord("no_response")),
    replace(ENDED, survey=SurveyRecord("not_offered", "fatigue_rule")),
    replace(ENDED, survey=SurveyRecord("hung_up_before")),
    ENDED,
    Contact("live", START),
]


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("survey_coverage", 7, 8),
        ("offer_rate", 5, 8),
        ("response_rate", 3, 5),
        ("completion_rate", 3, 5),
        ("survey_reach", 2, 5),
        ("csat", 2, 3),
        ("csat_mean", 11, 3),
        ("nps", 0, 3),
        ("ces", 7, 2),
        ("ces_easy", 1, 2),
        ("fcr_survey", 1, 2),
    ],
)
def test_the_survey(name: str, numerator: float, denominator: float) -> None:
    found = report(DAY)[name]
    assert (found.numerator, found.denominator) == (numerator, denominator)


def test_recommendation_has_a_margin() -> None:
    found = nps(DAY)
    assert found == Nps(1, 1, 1)
    assert found.points == 0.0
    assert found.margin == pytest.approx(1.96 * (2 / 3 / 3) ** 0.5 * 100)
    assert (Nps(50, 30, 20).points, Nps(5, 1, 4).points, Nps(6, 3, 1).points) == (30, 10, 50)
    assert (Nps(0, 0, 0).points, Nps(0, 0, 0).margin) == (None, None)


def test_a_share_hides_the_degree_so_the_histogram_shows_it() -> None:
    assert histogram(DAY) == {2: 1, 4: 1, 5: 1}


def test_why_surveys_were_not_put() -> None:
    assert not_offered(DAY) == {"fatigue_rule": 1, "hung_up_before": 1}
