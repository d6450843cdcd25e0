"""How well the bot does."""

from dataclasses import replace

import pytest

from ivr.insight.registry import report
from ivr.model.contacts import Contact
from tests.insight.contacts import START, bot, later, queued, with_survey

BUSY = bot(
    questions=20,
    matched=19,
    resolved=17,
    simple_matched=10,
    instant_answers=9,
    turns=25,
    replied_turns=24,
    prompts=30,
    barge_ins=3,
    no_matches=2,
    no_inputs=5,
    task_completed=True,
    asked_for_agent_first=True,
    response_seconds=(0.5, 1.5),
    confidences=(0.9, 0.7),
)
TIMED = replace(
    BUSY,
    intent_recognized_at=later(8),
    self_service_done_at=later(28),
    first_response_at=later(1),
    escalation_reason="direct_request",
)
BY_AGENT_ONLY = Contact("a", START, end_reason="agent_completed", handled_by="agent")


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("bot_match_rate", 19, 20),
        ("bot_resolution_rate", 17, 19),
        ("bot_end_to_end_rate", 17, 20),
        ("instant_answer_rate", 9, 10),
        ("no_match_rate", 2, 25),
        ("no_input_rate", 5, 30),
        ("barge_in_rate", 3, 30),
        ("asr_confidence", 1.6, 2),
        ("turns_per_task", 25, 1),
        ("direct_agent_request_rate", 1, 1),
        ("escalation_rate", 1, 1),
        ("time_to_intent", 8, 1),
        ("time_to_resolution_self_service", 28, 1),
        ("first_response", 1, 1),
        ("avg_response", 2.0, 2),
        ("reply_rate", 24, 25),
    ],
)
def test_one_contact(name: str, numerator: float, denominator: float) -> None:
    found = report([TIMED, BY_AGENT_ONLY])[name]
    assert (found.numerator, found.denominator) == pytest.approx((numerator, denominator))


def test_the_goal_for_times_is_the_median() -> None:
    slow = replace(TIMED, self_service_done_at=later(300))
    found = report([TIMED, TIMED, slow])["time_to_resolution_self_service"]
    assert found.value == pytest.approx(356 / 3)
    assert found.on_target is True


DONE = bot(repeated=False, task_completed=True)
HALF = bot(repeated=False)


@pytest.mark.parametrize(
    ("contact", "contained", "verified"),
    [
        (DONE, True, True),
        (HALF, True, False),
        (with_survey(HALF, resolved="yes"), True, True),
        (with_survey(DONE, csat="2"), True, False),
        (with_survey(DONE, csat="3"), True, True),
        (bot(repeated=True, task_completed=True), True, False),
        (replace(DONE, handled_by="both"), False, False),
        (replace(DONE, visits=queued("abandoned", 9.0).visits), False, False),
        (replace(DONE, visits=queued("exited_with_key", 9.0).visits), True, True),
    ],
)
def test_contained_is_not_yet_solved(contact: Contact, contained: bool, verified: bool) -> None:
    found = report([contact])
    names = ("containment_rate", "verified_containment_rate", "false_containment_rate")
    assert [found[name].value for name in names] == [contained, verified, contained and not verified]


def test_who_may_still_come_back_is_not_counted_as_solved_or_not() -> None:
    found = report([bot(task_completed=True)])
    assert found["containment_rate"].value == 1
    assert found["verified_containment_rate"].value is None
    assert found["false_containment_rate"].value is None
