"""One record to its index: what is a signal, and the segments of domain.md 2.5.4."""

from typing import Any

import pytest

from ivr.insight.judging import judge, resolution_of, signals_of
from ivr.insight.satisfaction import Signals
from ivr.model.calls import SurveyRecord, Turn
from tests.store.samples import ended_call


def answered(**answers: str) -> SurveyRecord:
    return SurveyRecord("completed", "", answers)


def test_satisfied_and_not_solved_is_the_hidden_risk_and_capped_at_fifty() -> None:
    found = judge(ended_call(turns=(), survey=answered(csat="5", resolved="no")))
    assert (found.segment, found.explicit) == ("satisfied_unresolved", 50.0)
    assert found.basis == "explicit+implicit"


def test_a_good_call_is_good() -> None:
    found = judge(ended_call(turns=()), [0.6])
    assert (found.segment, found.band, found.value) == ("promoter", "good", 98.0)
    assert found.implicit == pytest.approx(96.0)
    assert found.call_id == "c1"


def test_polite_and_badly_served_is_hidden_dissatisfaction() -> None:
    record = ended_call(
        survey=answered(csat="4", resolved="no"), stats={"queue_seconds": 200.0, "agents": ["a", "b", "c"]},
        turns=tuple(Turn(n, "ask", heard="…", no_match=True) for n in range(1, 5)), notes={},
    )  # fmt: skip
    assert judge(record, [-0.8]).flags == {"hidden_dissatisfied"}
    assert judge(record, [-0.8], more_flags=frozenset({"survey_solicitation"})).flags >= {"survey_solicitation"}


def test_who_left_the_queue_and_was_not_asked_is_silently_dissatisfied() -> None:
    record = ended_call(
        survey=SurveyRecord("not_offered", "abandoned"), end_reason="abandoned_in_queue", outcome="abandoned_in_queue",
        turns=(Turn(1, "ask", heard="…", no_match=True),), stats={"queue_seconds": 95.0},
    )  # fmt: skip
    found = judge(record, [-0.4])
    assert found.flags == {"silent_dissatisfied"}
    assert (found.segment, found.basis) == ("unsurveyed", "implicit")
    assert found.value == pytest.approx(34.31, abs=0.01)  # domain.md App. B, call C


def test_numbers_off_the_scale_and_unknown_signals_do_not_count() -> None:
    odd = ended_call(survey=answered(csat="9", nps="x"), turns=(), stats={})
    signals = signals_of(odd)
    assert (signals.csat, signals.nps, signals.said_resolved, signals.sentiment) == (None, None, None, None)
    assert signals_of(ended_call(survey=None)).said_resolved is None
    assert signals_of(odd, ended_red=True).ending == "left_after_red_alert"
    assert isinstance(signals, Signals)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"survey": answered(resolved="yes"), "end_reason": "error"}, "solved"),
        ({"survey": answered(resolved="no")}, "unsolved"),
        ({"survey": None, "notes": {"disposition": "unresolved"}}, "unsolved"),
        ({"survey": None, "end_reason": "abandoned_in_ivr"}, "unsolved"),
        ({"survey": None}, "solved"),
        ({"survey": None, "outcome": "survey_completed"}, "unknown"),
        ({"survey": None, "outcome": "survey_completed", "notes": {"disposition": "resolved"}}, "solved"),
    ],
)
def test_whether_the_matter_was_solved(changes: dict[str, Any], found: str) -> None:
    assert resolution_of(ended_call(**changes)) == found
