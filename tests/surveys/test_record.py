"""How a survey ends, for everything that can happen to a call."""

from itertools import product
from typing import get_args

import pytest

from ivr.model.calls import DisconnectBy, SurveyRecord, SurveyStatus
from ivr.surveys.record import conclude_survey

WHO: tuple[DisconnectBy, ...] = get_args(DisconnectBy)
BOTH = {"csat": "5", "resolved": "yes"}


@pytest.mark.parametrize("who", WHO)
def test_all_mandatory_answers_make_a_completed_survey_whoever_hung_up(who: DisconnectBy) -> None:
    found = conclude_survey(
        offered=True, answers=BOTH, asked=["csat", "resolved", "ces"], mandatory=["csat", "resolved"],
        hung_up_by=who, version="v1",
    )  # fmt: skip
    assert found == SurveyRecord("completed", "", BOTH, "v1")


def test_without_mandatory_questions_all_that_were_asked_must_be_answered() -> None:
    assert conclude_survey(offered=True, answers=BOTH, asked=["csat", "resolved"]).status == "completed"
    assert conclude_survey(offered=True, answers=BOTH, asked=["csat", "resolved", "nps"]).status == "partial"


@pytest.mark.parametrize(("who", "declined"), list(product(WHO, [True, False])))
def test_some_answers_make_a_partial_survey_and_are_kept(who: DisconnectBy, declined: bool) -> None:
    found = conclude_survey(
        offered=True, declined=declined, answers={"csat": "2", "resolved": ""}, mandatory=["csat", "resolved"],
        hung_up_by=who,
    )  # fmt: skip
    assert found == SurveyRecord("partial", "", {"csat": "2"})


@pytest.mark.parametrize("who", WHO)
def test_a_caller_who_says_no_declined_even_when_hanging_up_at_once(who: DisconnectBy) -> None:
    found = conclude_survey(offered=True, declined=True, answers={}, asked=["csat"], hung_up_by=who)
    assert found == SurveyRecord("declined")


@pytest.mark.parametrize(
    ("who", "reason"),
    [("", ""), ("system", ""), ("agent", ""), ("customer", "hung_up_in_survey"), ("network", "hung_up_in_survey")],
)
def test_an_invitation_without_any_answer_is_no_response(who: DisconnectBy, reason: str) -> None:
    found = conclude_survey(offered=True, answers={}, asked=["csat"], mandatory=["csat"], hung_up_by=who)
    assert found == SurveyRecord("no_response", reason)


@pytest.mark.parametrize(("who", "why"), list(product(WHO, ["disabled_for_flow", "fatigue_rule", "abandoned"])))
def test_a_rule_that_kept_the_survey_away_is_the_reason_whoever_hung_up(who: DisconnectBy, why: str) -> None:
    found = conclude_survey(offered=False, answers={}, hung_up_by=who, reason_not_offered=why)
    assert found == SurveyRecord("not_offered", why)


@pytest.mark.parametrize("who", ["customer", "network"])
def test_a_caller_who_left_before_the_invitation_hung_up_before(who: DisconnectBy) -> None:
    assert conclude_survey(offered=False, answers={}, hung_up_by=who) == SurveyRecord(
        "hung_up_before", "customer_hung_up_first"
    )
    assert conclude_survey(offered=False, answers={}, hung_up_by=who, follow_up=True) == SurveyRecord(
        "deferred", "customer_hung_up_first"
    )


@pytest.mark.parametrize("who", ["", "system", "agent"])
def test_a_survey_we_forgot_to_offer_is_a_system_error(who: DisconnectBy) -> None:
    assert conclude_survey(offered=False, answers={}, hung_up_by=who) == SurveyRecord("not_offered", "system_error")


def test_whatever_happens_there_is_one_record_with_a_known_status() -> None:
    flags = [True, False]
    for offered, declined, who, reason, given, follow_up in product(
        flags, flags, WHO, ["", "fatigue_rule"], [{}, {"csat": "4"}, BOTH], flags
    ):
        found = conclude_survey(
            offered=offered, declined=declined, answers=given, asked=["csat"], mandatory=["csat", "resolved"],
            hung_up_by=who, reason_not_offered=reason, follow_up=follow_up,
        )  # fmt: skip
        assert found.status in get_args(SurveyStatus)
        assert bool(found.answers) == (found.status in ("completed", "partial"))
        assert found.reason or found.status not in ("not_offered", "deferred")
