"""Words that stop in the middle: what of them is a value, and when somebody surely goes on."""

import pytest

from ivr.model.unfinished import is_cut_off, part_that_is_said

NOTHING_EN = (
    "the", "a", "my", "near", "near the", "um near the", "it's near the", "in the", "I live in", "I'm at the", "to",
    "well", "and", "it's", "this is", "on the...", "next to my", "the nearest", "where I work", "the corner of",
    "I'm at the corner of the", "uh", "some", "that", "here", "over there in", ",", "",
)  # fmt: skip
NOTHING_ZH = (
    "在", "我在", "我住在", "离", "离我的", "那个", "就在那个", "靠近", "的", "和", "嗯", "我的",
    "最近的网点在哪", "", "。",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "language"),
    [*((said, "en") for said in NOTHING_EN), *((said, "zh-CN") for said in NOTHING_ZH)],
)
def test_articles_prepositions_and_fillers_are_no_value(said: str, language: str) -> None:
    assert part_that_is_said(said, language) == ""


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("the Bird's Nest", "en", "the Bird's Nest"), ("the Bird's Nest and", "en", "the Bird's Nest"),
        ("Bird's Nest, near the", "en", "Bird's Nest"), ("Main Street -", "en", "Main Street"),
        ("terminal A", "en", "terminal A"), ("the street I live in", "en", "the street I live in"),
        ("my house", "en", "my house"), ("The O2", "en", "The O2"), ("it was slow and the man knew of the", "en",
        "it was slow and the man knew of the"), ("中关村和", "zh", "中关村"), ("中关村,还有。", "zh", "中关村"),
        ("和平里", "zh", "和平里"), ("我家", "zh", "我家"), ("里昂。", "zh", "里昂。"),
        ("你们的服务还可以,不过等的时间太长了然后", "zh", "你们的服务还可以,不过等的时间太长了然后"),
    ],
)  # fmt: skip
def test_a_value_loses_what_dangles_and_a_comment_stays_as_it_was_said(said: str, language: str, value: str) -> None:
    assert part_that_is_said(said, language) == value


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("I need a branch near the", "en"), ("find a branch near my", "en"), ("I want to", "en"), ("well...", "en"),
        ("the corner of", "en"), ("my wallet and", "en"), ("closest branch to a", "en"), ("and um", "en"),
        ("I'm calling about", "en"), ("a", "en"), ("找一下离", "zh"), ("我想查一下在", "zh"), ("信用卡和", "zh"),
        ("我的", "zh"), ("卡号是", "zh"), ("我住在…", "zh"), ("我叫", "zh"),
    ],
)  # fmt: skip
def test_nobody_stops_here(said: str, language: str) -> None:
    assert is_cut_off(said, language)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("", "en"), ("yes", "en"), ("block my card", "en"), ("who am I talking to?", "en"), ("what is it about", "en"),
        ("gate A", "en"), ("it is", "en"), ("the Bird's Nest", "en"), ("现在", "zh"), ("我还在", "zh"),
        ("查余额的", "zh"),
        ("是我的", "zh"), ("好的", "zh"), ("我的卡丢了", "zh"),
    ],
)  # fmt: skip
def test_people_stop_here(said: str, language: str) -> None:
    assert not is_cut_off(said, language)
