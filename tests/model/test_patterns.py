"""Sentence patterns: what brackets mean, what is wrong with them, and the sentences made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.patterns import (
    AnyOrder,
    InTurn,
    Literal,
    Maybe,
    OneOf,
    Pattern,
    Value,
    fault_in,
    is_pattern,
    pattern_of,
    sentences,
)


@pytest.mark.parametrize(
    ("phrase", "tree"),
    [
        ("a latte", Literal("a latte")),
        ("{drink}", Value("drink")),
        ("a { drink? } now", InTurn((Literal("a"), Value("drink"), Literal("now")))),
        ("(a|an) {drink}", InTurn((OneOf((Literal("a"), Literal("an"))), Value("drink")))),
        ("go [now|at once]", InTurn((Literal("go"), Maybe(OneOf((Literal("now"), Literal("at once"))))))),
        ("[{size}] x", InTurn((Maybe(Value("size")), Literal("x")))),
        ("[{a}] [{b}] [{c}] x", InTurn((AnyOrder((Value("a"), Value("b"), Value("c"))), Literal("x")))),
        ("x [{a}] [{b}]", InTurn((Literal("x"), AnyOrder((Value("a"), Value("b")))))),
        ("[{a}][{b}][{c}][{d}][{e}]", InTurn((AnyOrder(tuple(map(Value, "abcd"))), Maybe(Value("e"))))),
        ("(a (b|c) d)", InTurn((Literal("a"), OneOf((Literal("b"), Literal("c"))), Literal("d")))),
        ("我要[一杯]{drink}", InTurn((Literal("我要"), Maybe(Literal("一杯")), Value("drink")))),
        ("a (b", InTurn((Literal("a"), Literal("b")))),
        ("a) b]", InTurn((Literal("a"), Literal("b")))),
        ("(|)", OneOf(())),
    ],
)
def test_brackets_are_read_as_the_supervisor_means_them(phrase: str, tree: Pattern) -> None:
    assert pattern_of(phrase) == tree


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [
        ("(a|b) [c]", ""),
        ("(a|[b] {c})", ""),
        ("(a|b", "a ')' is missing"),
        ("a [b (c)", "a ']' is missing"),
        ("a b)", "there is a ')' too many"),
        ("(a] b", "there is a ']' too many"),
        ("a | b", "'|' stands outside of brackets"),
        ("[a] [{b}] [{c}]", "every part of it may be left out"),
        ("(a|[b])", "every part of it may be left out"),
        ("()", "every part of it may be left out"),
    ],
)
def test_wrong_brackets_are_told_in_words(phrase: str, fault: str) -> None:
    assert fault_in(phrase) == fault


def test_only_brackets_make_a_pattern() -> None:
    assert [is_pattern(phrase) for phrase in ("a {b}", "a [b]", "(a|b)", "what (is it)")] == [False, True, True, True]


def test_a_plain_phrase_is_its_only_sentence() -> None:
    assert sentences("find {place}") == ("find {place}",)


def test_the_sentences_of_a_small_pattern_are_all_it_can_say() -> None:
    assert set(sentences("(get|make) [{a}] [{b}] tea [now]")) == {
        f"{verb} {order}tea{end}"
        for verb in ("get", "make")
        for order in ("", "{a} ", "{b} ", "{a} {b} ", "{b} {a} ")
        for end in ("", " now")
    }


def test_a_large_pattern_gives_as_many_sentences_as_asked_for_and_the_same_each_time() -> None:
    phrase = "(a|b|c|d) (e|f|g|h) (i|j|k|l) [m]"
    assert len(sentences(phrase, 7)) == 7
    assert sentences(phrase, 7) == sentences(phrase, 7)
    assert sentences("(|)") == ()


@given(st.text("ab {}()[]|", max_size=30))
def test_no_text_is_too_wild_to_be_read(phrase: str) -> None:
    pattern_of(phrase)
    fault_in(phrase)
    assert len(sentences(phrase, 5)) <= 5
