"""Why a caller went on to a person."""

import pytest

from ivr.insight.escalation import SUBCODES, BeforeHandoff, Reason, agreement, pareto, why_escalated


@pytest.mark.parametrize(
    ("before", "code", "subcode"),
    [
        (BeforeHandoff(system_error="asr_down", policy="vip"), "system", "asr_down"),
        (BeforeHandoff(policy="complaint", need_stated=False), "policy_human_only", "complaint"),
        (BeforeHandoff(need_stated=False, turns=1), "direct_request", "after_greeting"),
        (BeforeHandoff(need_stated=False, turns=2), "direct_request", "before_need"),
        (
            BeforeHandoff(need_stated=False, turns=1, direct_requests_in_last_three=2),
            "direct_request",
            "habitual",
        ),
        (BeforeHandoff(turns=5, no_match_turns=(3,)), "misrecognized", "no_match"),
        (BeforeHandoff(turns=5, rejected_turns=(4,), no_match_turns=(3,)), "misrecognized", "nlu_wrong_intent"),
        (BeforeHandoff(turns=5, no_match_turns=(2,), answered=True), "answer_not_solving", ""),
        (BeforeHandoff(turns=5, mood="amber"), "emotion", "amber"),
        (BeforeHandoff(turns=9, median_turns=4.0), "effort", "too_many_steps"),
        (BeforeHandoff(turns=8, median_turns=4.0, seconds=61.0, median_seconds=30.0), "effort", "too_long"),
        (BeforeHandoff(turns=8, median_turns=4.0, seconds=60.0, median_seconds=30.0), "unknown", ""),
        (BeforeHandoff(), "unknown", ""),
    ],
)
def test_the_first_reason_that_fits(before: BeforeHandoff, code: str, subcode: str) -> None:
    found = why_escalated(before)
    assert (found.code, found.subcode) == (code, subcode)
    assert not subcode or subcode in SUBCODES[found.code]


def test_reasons_are_values() -> None:
    assert why_escalated(BeforeHandoff(mood="red")) == Reason("emotion", "red")


def test_pareto() -> None:
    assert pareto([("system", 1), ("effort", 1), ("", 4), ("effort", 1), ("emotion", 1), ("policy", 0)]) == [
        ("effort", 2, 0.5),
        ("emotion", 1, 0.75),
        ("system", 1, 1.0),
    ]
    assert pareto([]) == []


def test_how_often_a_person_agrees() -> None:
    ours = {"1": "system", "2": "effort", "3": "emotion"}
    assert agreement(ours, {"1": "system", "2": "emotion", "9": "effort"}) == 0.5
    assert agreement(ours, {}) is None
