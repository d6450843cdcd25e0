"""Values of lists: the survey's words, negation, and what recognizers make of names."""

import pytest

from ivr.nlu.cleanup import clean
from ivr.nlu.lists import ListMatcher, pick
from tests.nlu.vocabularies import SCORES_EN, SCORES_ZH

ENGLISH, CHINESE = ListMatcher(SCORES_EN, "en"), ListMatcher(SCORES_ZH, "zh")
TOWNS = ListMatcher(
    {
        name: ()
        for name in (
            "Beijing",
            "Springfield",
            "Chicago",
            "Los Angeles",
            "Bird's Nest",
            "Olympic Park",
            "Central Station",
        )
    },
    "en",
)
TOWNS_ZH = ListMatcher({name: () for name in ("北京", "上海", "鸟巢", "中关村", "国贸", "奥林匹克公园")}, "zh")


def value(matcher: ListMatcher, said: str, language: str) -> str:
    found = pick(matcher.exact(said), clean(said, language), language) or matcher.near(said)
    return found.value if found else ""


@pytest.mark.parametrize(
    ("said", "score"),
    [(way, score) for score, ways in SCORES_EN.items() for way in ways]
    + [
        ("i am not satisfied", "2"), ("not very satisfied", "2"),
        ("i'm not really that satisfied", "2"), ("a five", "5"),
        ("5", "5"), ("it was great", "5"), ("four no five", "5"), ("I'd say a three.", "3"), ("it wasn't good", ""),
        ("terribel", "1"), ("exellent", "5"), ("not at all satisfied", "2"), ("the weather", ""), ("", ""),
    ],
)  # fmt: skip
def test_english_survey_words(said: str, score: str) -> None:
    assert value(ENGLISH, said, "en") == score


@pytest.mark.parametrize(
    ("said", "score"),
    [(way, score) for score, ways in SCORES_ZH.items() for way in ways]
    + [
        ("不是很满意", "2"), ("不怎么满意", "2"), ("挺满意的", "4"), ("打五分",
        "5"), ("我给四分", "4"), ("5分", "5"), ("一半", "3"),
        ("没有不满意", ""), ("等一下我想想", ""),
    ],
)  # fmt: skip
def test_chinese_survey_words(said: str, score: str) -> None:
    assert value(CHINESE, said, "zh") == score


def test_not_satisfied_is_never_satisfied_even_if_the_list_lacks_it() -> None:
    few = ListMatcher({"4": ("satisfied", "good")}, "en")
    few_zh = ListMatcher({"4": ("满意",)}, "zh")
    assert [value(few, said, "en") for said in ("not satisfied", "isn't good", "not too good", "satisfied")] == [
        "", "", "", "4",
    ]  # fmt: skip
    assert [value(few_zh, said, "zh") for said in ("不满意", "不太满意", "满意")] == ["", "", "4"]


def test_two_values_without_a_correction_are_unsure() -> None:
    found = pick(ENGLISH.exact("four or five"), "four or five", "en")
    assert found
    assert (found.value, found.confidence) == ("4", 0.5)


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("the birds nest", "Bird's Nest"), ("bird nest", "Bird's Nest"), ("spring field", "Springfield"),
        ("olympick park", "Olympic Park"), ("near the burds nest", "Bird's Nest"), ("chicargo", "Chicago"),
        ("lost angeles", "Los Angeles"), ("i lost my card", ""), ("central stationn", "Central Station"),
    ],
)  # fmt: skip
def test_names_heard_wrongly_are_still_found(heard: str, name: str) -> None:
    assert value(TOWNS, heard, "en") == name


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("鸟朝", "鸟巢"),
        ("中关春", "中关村"),
        ("果茂附近", "国贸"),
        ("我的卡丢了", ""),
        ("上还", "上海"),
        ("被京", "北京"),
    ],
)
def test_chinese_names_heard_wrongly_are_still_found(heard: str, name: str) -> None:
    assert value(TOWNS_ZH, heard, "zh") == name
