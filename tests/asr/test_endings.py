import pytest

from asr.endings import count_digits, digits_wanted, ends_open, fits_whole, judge
from asr.turns import Verdict
from ivr.model.meaning import Expect, Hypothesis, IntentGuess, KeyRule, Meaning, Recognition, SlotRule


@pytest.mark.parametrize(
    "text",
    [
        "i want to",
        "my card number is",
        "a branch near the",
        "um",
        "i need a card and,",
        "what about my",
        "how much does",
        "do you have",
        "double",
    ],
)
def test_english_that_ends_open(text: str) -> None:
    assert ends_open(text, "en")


@pytest.mark.parametrize("text", ["", "yes", "block my card", "yes please", "it is", "no that is", "check my balance"])
def test_english_that_ends(text: str) -> None:
    assert not ends_open(text, "en")


@pytest.mark.parametrize(
    "text", ["我想", "我要查一下我的", "信用卡和", "嗯", "因为", "能不能帮我", "我的卡号是", "尾号"]
)
def test_chinese_that_ends_open(text: str) -> None:
    assert ends_open(text, "zh-CN")


@pytest.mark.parametrize("text", ["是", "是的", "好的", "不是", "查余额"])
def test_chinese_that_ends(text: str) -> None:
    assert not ends_open(text, "zh")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), ("four two seven one", 4), ("double five one", 3), ("oh seven", 2), ("4271", 4), ("42 71", 4),
        ("幺三八", 3), ("triple", 0), ("triple zero", 3), ("twenty-one four", 2), ("hello", 0),
    ],
)  # fmt: skip
def test_spoken_digits_are_counted(text: str, count: int) -> None:
    assert count_digits(text) == count


def test_digits_wanted_come_from_the_slot_else_from_the_keys() -> None:
    slots = (SlotRule("who", "person"), SlotRule("card", "digits", length=(4, 6)))
    assert digits_wanted(Expect(kind="digits", slots=slots, keys=KeyRule(most=9))) == 6
    assert digits_wanted(Expect(kind="digits", keys=KeyRule(most=9))) == 9
    assert digits_wanted(Expect(kind="digits")) == 0


def test_digits_without_a_count_are_left_to_the_understanding() -> None:
    assert not fits_whole("four", Expect(kind="digits"))


def test_the_first_words_of_a_longer_phrase_are_not_yet_an_answer() -> None:
    expect = Expect(kind="choice", phrases=("Savings", "savings account"))
    assert not fits_whole("savings", expect)
    assert fits_whole("savings account", expect)


def test_digits_fit_when_there_are_enough() -> None:
    expect = Expect(kind="digits", keys=KeyRule(most=4))
    assert not fits_whole("one two three", expect)
    assert fits_whole("one two three four", expect)
    assert not fits_whole("one two three four", Expect(kind="free"))


def recognized(text: str, fits: bool = False) -> Recognition:
    return Recognition((Hypothesis(text),) if text else (), fits=fits)


@pytest.mark.parametrize(
    ("recognition", "meaning", "expect", "verdict"),
    [
        (recognized(""), Meaning(), Expect(), Verdict(3)),
        (recognized("blue elephants"), Meaning(), Expect(), Verdict(3, is_unclear=True)),
        (recognized("I want to"), Meaning(), Expect(), Verdict(3, ends_open=True, is_cut_off=True, is_unclear=True)),
        (recognized("do you have"), Meaning(), Expect(), Verdict(3, ends_open=True, is_unclear=True)),
        (recognized("a branch near the"), Meaning(complete=True), Expect(), Verdict(3, answers=True, is_unclear=True)),
        (recognized("my card"), Meaning(guesses=(IntentGuess("card", 0.6),)), Expect(), Verdict(3)),
        (recognized("Block my card."), Meaning(complete=True), Expect(), Verdict(3, answers=True, is_unclear=True)),
        (recognized("hours"), Meaning(guesses=(IntentGuess("lost", 0.19),)), Expect(), Verdict(3, is_unclear=True)),
        (recognized("my wallet"), Meaning(guesses=(IntentGuess("lost", 0.74),)), Expect(), Verdict(3)),
        (recognized("Yes.", fits=True), Meaning(), Expect(kind="yes_no"), Verdict(3, answers=True)),
        (recognized("Log me in", fits=True), Meaning(complete=True), Expect(), Verdict(3, answers=True)),
    ],
)  # fmt: skip
def test_what_a_reading_is_worth(recognition: Recognition, meaning: Meaning, expect: Expect, verdict: Verdict) -> None:
    assert judge(3, recognition, meaning, expect) == verdict
