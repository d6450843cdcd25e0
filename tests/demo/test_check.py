from typing import Any

import pytest

from ivr.demo.check import Expected, differences
from telephony.standin.playout import Run
from telephony.standin.trace import Act, CallTrace

EXPECTED = Expected.model_validate(
    {
        "ended_by": "server",
        "end_reason": ["self_service_completed", "survey_completed"],
        "outcome": "branch_found",
        "path": ["greet", "b_answer", "csat"],
        "turns_at_least": 2,
        "interruptions_at_least": 1,
        "notes": {"card_last4": "4421"},
        "survey": {"status": "completed", "answers": {"csat": "5"}},
    }
)
RECORD: dict[str, Any] = {
    "end_reason": "self_service_completed",
    "outcome": "branch_found",
    "path": ["bank/hotline.greet", "bank/hotline.b_place", "bank/hotline.b_answer", "survey/post_call.csat"],
    "turns": [{"heard": "", "keys": ""}, {"heard": "find a branch", "keys": ""}, {"heard": "", "keys": "1"}],
    "notes": {"card_last4": "4421"},
    "survey": {"status": "completed", "answers": {"csat": "5"}},
}


def trace(**changes: Any) -> CallTrace:
    settings: dict[str, Any] = {
        "ended_by": "server",
        "acts": [Act("speech", "hello", began_at=1.0, ended_at=2.0)],
        "runs": [Run(0.0, 1.2, 0.0), Run(2.5, 3.0, 2.5)],
        "clears": [1.2],
    }
    return CallTrace("CA1", "+1", "+2", **settings | changes)


def test_a_call_as_its_script_says_has_no_differences() -> None:
    assert differences(EXPECTED, RECORD, trace()) == ()


def test_what_is_not_written_is_free() -> None:
    assert differences(Expected(), {}, trace(ended_by="caller", clears=[])) == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"end_reason": "error"}, "end_reason is error, not self_service_completed or survey_completed"),
        ({"outcome": ""}, "outcome is empty, not branch_found"),
        ({"turns": []}, "the record has 0 turns of the caller, not 2 or more"),
        ({"notes": {}}, "note card_last4 is empty, not 4421"),
        ({"survey": None}, "there is no survey record; every answered call must have one"),
        ({"survey": {"status": "partial", "answers": {"csat": "5"}}}, "survey status is partial, not completed"),
        ({"survey": {"status": "completed", "answers": {}}}, "survey answer csat is empty, not 5"),
        ({"path": []}, "step greet was not passed (in this order); path: none"),
        ({"path": ["h.csat", "h.greet"]}, "step b_answer was not passed (in this order); path: h.csat h.greet"),
        ({"path": ["greet", "xb_answer"]}, "step b_answer was not passed (in this order); path: greet xb_answer"),
    ],
)
def test_what_differs_in_the_record_is_said_in_words(changes: dict[str, Any], says: str) -> None:
    assert differences(EXPECTED, RECORD | changes, trace()) == (says,)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ended_by": "network"}, "ended_by is network, not server"),
        ({"trouble": "no route"}, "the call broke: no route"),
        ({"missed": ["step 2 waited in vain for an answer"]}, "the caller: step 2 waited in vain for an answer"),
        ({"clears": []}, "0 interruptions stopped the server, not 1 or more"),
        ({"runs": [Run(0.0, 1.2, 0.0)]}, "no answer came to the caller's words “hello” at 1.0 s"),
        (
            {"runs": [Run(0.0, 1.2, 0.0)], "acts": [Act("keys", "1", began_at=1.0, ended_at=1.0)]},
            "no answer came to the caller's key “1” at 1.0 s",
        ),
    ],
)
def test_what_differs_at_the_far_end_is_said_in_words(changes: dict[str, Any], says: str) -> None:
    assert differences(EXPECTED, RECORD, trace(**changes)) == (says,)


def test_a_call_without_a_record_is_a_difference() -> None:
    assert differences(EXPECTED, None, trace()) == ("the server has no record of the call",)
