import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.answers import (
    answer_grammar,
    closed_phrases,
    digit_count,
    expected_grammar,
    is_enough,
    likely_phrases,
)
from asr.grammar import Grammar, in_turn, maybe, one_of, repeated, word
from asr.token_grammar import TokenGrammar
from asr.tokens import PieceIndex, plain
from ivr.model.meaning import Expect, KeyRule, SlotRule

CHOICE = Expect(kind="choice", phrases=("savings account", "Press 1", "bus 12", "St. Mary's"))
DIGITS = Expect(kind="digits")


def read(expect: Expect, text: str) -> str | None:
    grammar = answer_grammar(expect)
    assert grammar
    return grammar.read(plain(text))


@pytest.mark.parametrize(
    ("expect", "heard", "written"),
    [
        (DIGITS, "4, 4, 2, 1.", "four four two one"),
        (DIGITS, "4421", "four four two one"),
        (DIGITS, "Double four two won", "four four two one"),
        (DIGITS, "It's oh for triple 7", "it's zero four seven seven seven"),
        (DIGITS, "um my pin is 90 please", "my pin is nine zero please"),
        (DIGITS, "four hundred", None),
        (DIGITS, "double", None),
        (DIGITS, "it's", None),
        (DIGITS, "", None),
        (CHOICE, "I'd like the savings account, please", "i'd like the savings account please"),
        (CHOICE, "press one", "press 1"),
        (CHOICE, "saint mary's", "st mary's"),
        (CHOICE, "bus twelve", "bus 12"),
        (CHOICE, "saving account", None),
        (CHOICE, "savings account savings account", None),
        (Expect(kind="yes_no"), "Yes, that's right.", "yes that's right"),
        (Expect(kind="yes_no"), "No, thank you", "no thank you"),
        (Expect(kind="yes_no"), "yes it isn't", None),
        (Expect(kind="yes_no", phrases=("you bet",)), "you bet", "you bet"),
        (Expect(kind="number"), "I'd say eight out of ten", "i'd say eight out of ten"),
        (Expect(kind="number"), "10", "ten"),
        (Expect(kind="number"), "25 points", "25 points"),
        (Expect(kind="number"), "a hundred and twenty five", "a hundred and twenty five"),
        (Expect(kind="number"), "eight nine", None),
    ],
)  # fmt: skip
def test_a_text_is_written_plainly_or_is_not_in_the_grammar(expect: Expect, heard: str, written: str | None) -> None:
    assert read(expect, heard) == written


@pytest.mark.parametrize(
    "expect",
    [
        Expect(kind="open"),
        Expect(kind="choice"),
        Expect(kind="yes_no", language="zh"),
        Expect(kind="date", phrases=("monday",)),
    ],
)
def test_free_speech_and_other_languages_have_no_grammar(expect: Expect) -> None:
    assert answer_grammar(expect) is None


def test_a_choice_without_phrases_takes_the_values_of_its_lists() -> None:
    place = SlotRule("place", "places", values={"Bird's Nest": ("the stadium",), "Zoo": ()})
    assert closed_phrases(Expect(kind="choice", slots=(place,))) == ("Bird's Nest", "the stadium", "Zoo")
    assert likely_phrases(Expect(phrases=("zoo", "no"), slots=(place,))) == ("zoo", "bird's nest", "the stadium")


def test_the_same_step_gets_the_same_grammar_again() -> None:
    assert answer_grammar(CHOICE) is answer_grammar(Expect(kind="choice", phrases=CHOICE.phrases, step="other"))


@pytest.mark.parametrize(
    ("expect", "count"),
    [
        (Expect(kind="digits", slots=(SlotRule("city", "city"), SlotRule("pin", "digits", (4, 6)))), (4, 6)),
        (Expect(kind="digits", keys=KeyRule(least=2, most=8)), (2, 8)),
        (DIGITS, (1, 32)),
    ],
)
def test_a_step_says_how_many_digits_it_takes(expect: Expect, count: tuple[int, int]) -> None:
    assert digit_count(expect) == count


def test_digits_are_enough_when_as_many_came_as_the_step_takes() -> None:
    pin = Expect(kind="digits", slots=(SlotRule("pin", "digits", (4, 4)),))
    assert [is_enough(pin, text) for text in ("four two one", "my pin is four two one one", "one " * 5)] == [
        False, True, False,
    ]  # fmt: skip
    assert is_enough(Expect(kind="yes_no"), "yes")


def small() -> Grammar:
    """(ab | a b+ | 1)? c"""
    letters = one_of(
        (word(("ab",), "ab"), in_turn(word(("a",), "a"), repeated(word(("b",), "b"))), word(("1",), "one"))
    )
    return Grammar(in_turn(maybe(letters), word(("c",), "c")))


@given(st.text(alphabet="abc1 ", max_size=8))
def test_walking_letter_by_letter_accepts_what_reading_accepts(text: str) -> None:
    grammar = small()
    place = grammar.walk(grammar.start, text)
    readable = grammar.read(plain(text)) is not None
    assert (place is not None and grammar.is_full(place)) == readable


@given(st.text(alphabet="abc1 ", max_size=8))
def test_the_letters_named_are_those_that_stay_inside(text: str) -> None:
    grammar = small()
    place = grammar.walk(grammar.start, text)
    if place is not None:
        inside = {letter for letter in "abc1 " if grammar.step(place, letter) is not None}
        assert grammar.letters(place) | {" "} == inside | {" "}


def test_figures_run_together_are_read_one_by_one() -> None:
    grammar = answer_grammar(DIGITS)
    assert grammar
    place = grammar.walk(grammar.start, "4421")
    assert place is not None
    assert grammar.is_full(place)
    assert grammar.letters(place) >= {" ", "1", "9"}


def test_tokens_are_offered_only_where_they_stay_inside() -> None:
    pieces = [" yes", " no", "no", " ", "n", "o", " nope", "pe", "!", " not"]
    index = PieceIndex((at + 3, plain_piece) for at, plain_piece in enumerate(pieces))
    grammar = Grammar(one_of((word(("no",), "no"), word(("nope",), "nope"))))
    seen = TokenGrammar(grammar, index)
    first = seen.choices(grammar.start)
    offered = dict(zip([pieces[token - 3] for token in first.tokens], first.places, strict=True))
    assert set(offered) == {" no", "no", "n", " nope"}
    assert not first.full
    after_no = seen.choices(offered[" no"])
    assert after_no.full
    assert {pieces[token - 3] for token in after_no.tokens} == {"pe", " "}
    assert seen.choices(grammar.start) is first


@pytest.mark.parametrize(
    ("expect", "answer"),
    [
        (Expect(kind="digits", phrases=("bye",)), "five"), (Expect(kind="number", phrases=("bye",)), "five"),
        (Expect(kind="yes_no", phrases=("yes", "no", "bye")), "yes"),
        (Expect(kind="choice", phrases=("five", "bye"), slots=(SlotRule("score", "list", values={"5": ("five",)}),)),
         "five"),
    ],
)  # fmt: skip
def test_what_a_step_asks_for_is_known_apart_from_commands(expect: Expect, answer: str) -> None:
    whole, core = answer_grammar(expect), expected_grammar(expect)
    assert whole
    assert core
    assert [grammar.read(text) for text in (answer, "bye") for grammar in (whole, core)] == [
        answer, answer, "bye", None,
    ]  # fmt: skip


@pytest.mark.parametrize("expect", [Expect(), Expect(kind="digits"), CHOICE, Expect(kind="choice", phrases=("five",))])
def test_a_step_without_commands_expects_all_it_knows(expect: Expect) -> None:
    assert expected_grammar(expect) is None


def test_oh_is_a_digit_and_no_number() -> None:
    assert (read(Expect(kind="digits"), "oh"), read(Expect(kind="number"), "oh")) == ("zero", None)
