"""The words of domain.md 4.4 and what recognizers make of them: "not satisfied" is never "satisfied"."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.engine import advance
from ivr.flow.progress import Answer
from ivr.model.meaning import Hypothesis
from tests.surveys.lexicon import at, heard, noted, survey, value_of

CSAT = {
    "en": {
        "5": "five, five stars, very satisfied, excellent, perfect, great, top marks, very good",
        "4": "four, good, satisfied, pretty good, not bad",
        "3": "three, okay, so-so, average, neutral, fine",
        "2": "two, poor, dissatisfied, not great, not satisfied",
        "1": "one, terrible, very dissatisfied, awful, worst",
    },
    "zh": {
        "5": "五, 五分, 满分, 非常满意, 特别好, 很满意, 挺好非常好",
        "4": "四, 四分, 满意, 不错, 还不错, 挺好",
        "3": "三, 三分, 一般, 还行, 凑合",
        "2": "二, 两分, 不太满意, 不满意, 不太好",
        "1": "一, 一分, 很差, 非常不满意, 太差了",
    },
}
"""domain.md 4.4, word for word."""

WORDS = [
    (language, value, word)
    for language, values in CSAT.items()
    for value, words in values.items()
    for word in words.split(", ")
]
FRAMES = {
    "en": ("{}", "i'm {}", "um {}", "well, {}", "i'd say {}", "it was {}", "{} i think", "{} thanks"),
    "zh": ("{}", "嗯{}", "我{}", "我觉得{}", "{}吧", "{}谢谢"),
}
CONTENT = {"4", "5", "?4", "?5"}
NOT_CONTENT_EN = st.tuples(
    st.sampled_from(["", "i'm ", "i am ", "no i'm ", "well i was ", "honestly i'm ", "we are "]),
    st.sampled_from(
        [
            "not",
            "not really",
            "not very",
            "not at all",
            "not that",
            "knot",
            "nod",
            "not so",
            "never",
            "anything but",
            "far from",
            "hardly",
            "i wouldn't say i'm",
            "i can't say that i was",
            "i don't feel",
        ]
    ),
    st.sampled_from([" satisfied", " satisfied at all", " satisfied with this call", " very satisfied"]),
).map("".join)
NOT_CONTENT_ZH = st.tuples(
    st.sampled_from(["", "我", "我觉得", "嗯", "还是", "说实话", "这次"]),
    st.sampled_from(
        [
            "不",
            "不太",
            "不是很",
            "不怎么",
            "并不",
            "不大",
            "很不",
            "非常不",
            "布",
            "部",
            "步",
            "谈不上",
            "不,不",
            "没觉得",
            "十分不",
            "极其不",
            "不能说",
        ]
    ),
    st.sampled_from(["满意", "满意吧", "满意啊", "满意谢谢"]),
).map("".join)


@pytest.mark.parametrize(("language", "value", "word"), WORDS, ids=[f"{word}" for _, _, word in WORDS])
def test_each_word_of_the_lexicon_is_its_value_however_it_is_framed(language: str, value: str, word: str) -> None:
    wrong = [f for f in FRAMES[language] if value_of("csat", language, f.format(word)) != value]
    assert wrong == []


@settings(max_examples=150, deadline=None)
@given(NOT_CONTENT_EN)
def test_not_satisfied_is_never_satisfied(words: str) -> None:
    assert value_of("csat", "en", words) not in CONTENT


@settings(max_examples=150, deadline=None)
@given(NOT_CONTENT_ZH)
def test_bu_manyi_is_never_manyi(words: str) -> None:
    assert value_of("csat", "zh", words) not in CONTENT


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORDS), st.sampled_from([".", "!", " .", "。", "...", "  ", "?"]), st.booleans())
def test_punctuation_and_case_of_recognizers_change_nothing(
    known: tuple[str, str, str], mark: str, capital: bool
) -> None:
    language, value, word = known
    said = (word.capitalize() if capital else word) + mark
    assert value_of("csat", language, said) == value


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "nine", "9"), ("en", "a nine", "9"), ("en", "9", "9"), ("en", "I'd give it a nine", "9"),
        ("en", "nine out of ten", "9"), ("en", "ten out of ten", "10"), ("en", "zero", "0"), ("en", "10", "10"),
        ("en", "an eight", "8"), ("zh", "九分", "9"), ("zh", "九", "9"), ("zh", "9", "9"), ("zh", "9分", "9"),
        ("zh", "十分", "10"), ("zh", "10分", "10"), ("zh", "零分", "0"), ("zh", "给九分", "9"), ("zh", "打八分", "8"),
    ],
)  # fmt: skip
def test_a_scale_of_ten_understands_numbers_in_any_dress(language: str, words: str, value: str) -> None:
    assert value_of("nps", language, words) == value


@pytest.mark.parametrize(
    ("question", "language", "words", "other", "value"),
    [
        ("csat", "en", "satisfied", ("not satisfied", 0.65), "?4"),
        ("csat", "zh", "满意", ("不满意", 0.66), "?4"),
        ("csat", "zh", "不满意", ("满意", 0.66), "?2"),
        ("csat", "en", "satisfied", ("not satisfied", 0.3), "4"),
        ("csat", "en", "satisfied", ("he's satisfied", 0.65), "4"),
        ("nps", "en", "nine", ("five", 0.65), "?9"),
        ("nps", "en", "nine", ("a nine", 0.69), "9"),
        ("nps", "en", "line", ("nine", 0.6), "9"),
        ("nps", "en", "then", ("ten", 0.5), "10"),
        ("nps", "zh", "久分", ("九分", 0.6), "9"),
    ],
)
def test_what_could_as_well_have_been_something_else_is_asked_about(
    question: str, language: str, words: str, other: tuple[str, float], value: str
) -> None:
    assert value_of(question, language, words, 0.7, (Hypothesis(*other),)) == value


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "extremely satisfied", "5"), ("en", "really good", "5"), ("en", "very happy", "5"), ("en", "happy", "4"),
        ("en", "not dissatisfied", "3"), ("en", "not happy", "2"), ("en", "no good", "2"), ("en", "bad", "2"),
        ("en", "not too bad", "4"), ("en", "extremely dissatisfied", "1"), ("en", "very bad", "1"),
        ("en", "satisfied? no", "?4"), ("en", "four and a half", ""), ("zh", "十分满意", "5"), ("zh", "很好", "5"),
        ("zh", "还可以", "3"), ("zh", "不是不满意", "3"), ("zh", "不行", "2"), ("zh", "十分不满意", "1"),
        ("zh", "满意,不,不满意", "?4"), ("zh", "百分之百满意", "5"),
    ],
)  # fmt: skip
def test_what_people_really_say_of_a_call_has_its_place_on_the_scale(language: str, words: str, value: str) -> None:
    assert value_of("csat", language, words) == value


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "one hundred"), ("en", "nine point five"), ("en", "a thousand"), ("zh", "一百分"), ("zh", "十一"),
     ("zh", "九十")],
)  # fmt: skip
def test_a_number_beyond_the_scale_is_not_heard_as_its_first_word(language: str, words: str) -> None:
    assert value_of("nps", language, words) == ""


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "yes it is resolved", "yes"), ("en", "resolved", "yes"), ("en", "unresolved", "no"),
        ("en", "yes partly", ""), ("en", "not fully", "no"), ("zh", "搞定了", "yes"), ("zh", "解决了一半", ""),
        ("zh", "部分解决了", ""), ("zh", "没完全解决", "no"),
    ],
)  # fmt: skip
def test_half_solved_is_neither_yes_nor_no(language: str, words: str, value: str) -> None:
    assert value_of("resolved", language, words) == value


@pytest.mark.parametrize("words", ["eight or nine", "八九分"])
def test_two_numbers_are_asked_about(words: str) -> None:
    assert value_of("nps", "en" if words.isascii() else "zh", words) == "?8"


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "not easy", "2"), ("en", "not very easy", "2"), ("en", "not difficult", "4"), ("en", "very hard", "1"),
        ("zh", "不轻松", "2"), ("zh", "不费力", "4"), ("zh", "很费力", "1"), ("zh", "很轻松", "5"),
    ],
)  # fmt: skip
def test_effort_keeps_its_negations(language: str, words: str, value: str) -> None:
    assert value_of("ces", language, words) == value


@pytest.mark.parametrize(
    ("confidence", "found"), [(0.2, ""), (0.35, "?4"), (0.5, "?4"), (0.59, "?4"), (0.6, "4"), (0.95, "4")]
)
@pytest.mark.parametrize(("language", "words"), [("en", "four"), ("zh", "四分")])
def test_what_was_heard_badly_is_asked_about(language: str, words: str, confidence: float, found: str) -> None:
    assert value_of("csat", language, words, confidence) == found


@pytest.mark.parametrize(
    ("language", "read_back"), [("en", "I heard four, is that right?"), ("zh", "我听到的是四分,对吗?")]
)
def test_the_value_is_read_back_and_a_yes_keeps_it(language: str, read_back: str) -> None:
    unsure = heard(at("csat", language), language, {"en": "four", "zh": "四分"}[language], 0.5)
    assert [getattr(action, "text", "") for action in unsure.actions] == [read_back]
    sure = heard(unsure, language, {"en": "yes", "zh": "是的"}[language])
    assert noted(sure) == {"survey.csat": "4"}


def test_a_no_to_the_read_back_asks_again_and_never_offers_it_again() -> None:
    unsure = heard(at("csat", "en"), "en", "four", 0.5)
    again = heard(unsure, "en", "no")
    assert again.state.step == "csat"
    assert noted(again) == {}
    assert noted(heard(again, "en", "two")) == {"survey.csat": "2"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "no"), ("en", "no thanks"), ("en", "I don't want to"), ("en", "skip"), ("en", "goodbye"),
        ("en", "not now"), ("zh", "不用了"), ("zh", "不方便"), ("zh", "没空"), ("zh", "不评价"), ("zh", "再见"),
    ],
)  # fmt: skip
def test_a_refusal_declines(language: str, words: str) -> None:
    assert noted(heard(at("csat", language), language, words)) == {"survey.declined": "yes"}


def test_a_one_on_the_scale_of_ten_waits_a_second_and_a_half_for_its_zero() -> None:
    expect = at("nps", "en").expect
    assert expect is not None
    assert expect.keys.between_seconds == 1.5
    assert {"0", "1", "10"} <= expect.keys.choices.keys()
    progress = advance(survey(), at("nps", "en").state, Answer(digits="10"))
    assert noted(progress) == {"survey.nps": "10"}
