"""Who asks for a person is understood, in whatever words; who only speaks of people is not sent to one."""

import pytest

from ivr.model.meaning import Expect, Hypothesis, SlotRule
from ivr.nlu.controls import ControlMatcher
from ivr.nlu.understanding import FlowUnderstanding
from tests.nlu.wants_person import ASKS_EN, ASKS_ZH, HELD_OUT_ASKS, HELD_OUT_NOT, NOT_EN, NOT_ZH, lines

MATCHERS = {"en": ControlMatcher("en", {}), "zh": ControlMatcher("zh", {})}


def for_a_person(language: str, text: str) -> list[str]:
    return [said for said in lines(text) if MATCHERS[language].find(said).control == "agent"]


@pytest.mark.parametrize(("language", "asks"), [("en", ASKS_EN), ("zh", ASKS_ZH)])
def test_whoever_asks_for_a_person_is_understood(language: str, asks: str) -> None:
    assert for_a_person(language, asks) == list(lines(asks))


@pytest.mark.parametrize(
    ("language", "text"), [("en", NOT_EN), ("zh", NOT_ZH), ("en", HELD_OUT_NOT["en"]), ("zh", HELD_OUT_NOT["zh"])]
)
def test_whoever_speaks_of_people_asks_for_none(language: str, text: str) -> None:
    assert for_a_person(language, text) == []


def test_sentences_that_were_not_looked_at_are_understood_nearly_as_well() -> None:
    missed = [
        said
        for language, asks in HELD_OUT_ASKS.items()
        for said in lines(asks)
        if said not in for_a_person(language, asks)
    ]
    assert missed == ["I've had enough of this machine"]  # which may be the washing machine


@pytest.mark.parametrize(
    "step",
    [
        Expect(), Expect(kind="free", slots=(SlotRule("place", "text"),)), Expect(kind="yes_no"),
        Expect(kind="digits", slots=(SlotRule("last4", "digits", (4, 4)),)), Expect(kind="choice", phrases=("a", "b")),
    ],
)  # fmt: skip
def test_a_person_can_be_asked_for_at_every_step(bank: FlowUnderstanding, step: Expect) -> None:
    meaning = bank.understand([Hypothesis("let me talk to someone who works there")], step)
    assert (meaning.control, meaning.slots, meaning.complete) == ("agent", (), True)


def test_a_long_comment_that_speaks_of_a_person_stays_a_comment(bank: FlowUnderstanding) -> None:
    said = "it was fine but next time I would like to speak to a person instead of pressing keys"
    meaning = bank.understand([Hypothesis(said)], Expect(kind="free", slots=(SlotRule("note", "text"),)))
    assert (meaning.control, meaning.slot("note") is not None) == ("", True)


@pytest.mark.parametrize(("said", "language"), [("别给我转人工", "zh"), ("don't transfer me", "en")])
def test_what_is_refused_is_no_request_heard_wrongly(said: str, language: str) -> None:
    assert MATCHERS[language].find(said).control == ""
