"""Digits that a recognizer spelled as other words."""

import pytest

from ivr.model.meaning import Expect, Hypothesis, SlotRule
from ivr.nlu.homophones import as_digits
from ivr.nlu.understanding import FlowUnderstanding

NUMBER, PIN = SlotRule("value", "number"), SlotRule("value", "digits", (4, 4))


@pytest.mark.parametrize(
    ("said", "rule", "digits"),
    [
        ("for", NUMBER, "four"), ("to please", NUMBER, "two"), ("number ate", NUMBER, "eight"), ("won", NUMBER, "one"),
        ("for two", NUMBER, ""), ("four", NUMBER, ""), ("to go", NUMBER, ""), ("please", NUMBER, ""),
        ("to for", NUMBER, ""),
        ("for four to won", PIN, "four four two one"), ("ate oh for too", PIN, "eight oh four two"),
        ("for", PIN, ""), ("for two", PIN, ""), ("to", SlotRule("value", "digits"), "two"),
    ],
)  # fmt: skip
def test_words_that_sound_like_digits_are_digits_where_nothing_else_is_said(
    said: str, rule: SlotRule, digits: str
) -> None:
    assert as_digits(said, rule) == digits


@pytest.mark.parametrize(
    ("said", "step", "value"),
    [
        ("For.", Expect(kind="number", slots=(NUMBER,)), "4"),
        ("Won, to, tree, for", Expect(kind="digits", slots=(PIN,)), "1234"),
        ("To", Expect(kind="choice", slots=(SlotRule("value", "x", values={"a": ("savings",)}),)), ""),
        ("For", Expect(kind="choice", slots=(SlotRule("value", "x", values={"4": ("four",)}),)), "4"),
        ("to", Expect(kind="number", language="zh", slots=(NUMBER,)), ""),
    ],
)  # fmt: skip
def test_a_step_that_asks_for_digits_takes_them(bank: FlowUnderstanding, said: str, step: Expect, value: str) -> None:
    found = bank.understand([Hypothesis(said)], step).slot("value")
    assert (found.value if found else "") == value
