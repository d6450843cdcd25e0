"""What a caller on hold says to us, and what they say to others in the room, by the real understanding."""

import pytest

from ivr.call.wishes import confirming, numbering, while_waiting, wish_of
from ivr.flow.progress import Answer
from ivr.model.meaning import Hypothesis
from ivr.nlu.understanding import FlowUnderstanding

SAID = {
    "en": {
        "callback": ("call me back", "could you call me back please", "please call me back when it's my turn"),
        "back": ("go back", "never mind", "I don't want to wait any more", "I want to go back to the menu"),
        "quiet": ("stop the music please", "could you turn off the music", "no music please"),
        "how_long": ("how much longer is it", "what's my position in the queue", "are you still there", "agent"),
        "": (
            "hold on I'm on hold with the bank", "put it back on the shelf mom", "call mom", "yes I know", "okay",
            "I'll call you back later, I'm on hold", "it's on the back", "bye",
        ),
    },
    "zh": {
        "callback": ("给我回电话", "麻烦给我回个电话", "你们给我打回来吧"),
        "back": ("不等了", "我不想等了", "返回", "算了"),
        "quiet": ("把音乐关掉",),
        "how_long": ("还要等多久啊", "前面还有多少人"),
        "": ("我正在打电话呢", "等一下", "打给妈妈", "好的"),
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "wish", "text"),
    [(language, wish, text) for language, told in SAID.items() for wish, texts in told.items() for text in texts],
)
def test_a_wish_is_understood_and_a_talk_with_others_is_not(
    bank: FlowUnderstanding, language: str, wish: str, text: str
) -> None:
    meaning = bank.understand([Hypothesis(text)], while_waiting("bank", language, offered=False))
    assert wish_of(Answer(text, meaning=meaning), offered=False) == wish


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "no, two one two five five five oh one two three", "+12125550123"),
        ("zh", "幺三八一二三四五六七八", "+8613812345678"),
    ],
)
def test_a_number_is_understood_where_one_is_asked_for_or_corrected(
    bank: FlowUnderstanding, language: str, text: str, number: str
) -> None:
    for expect in (numbering("bank", language), confirming("bank", language)):
        found = bank.understand([Hypothesis(text)], expect).slot("number")
        assert found is not None
        assert found.value == number
