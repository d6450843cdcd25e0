"""Sentences of a flow's patterns: intent and values by their place, and what is no such sentence."""

from datetime import datetime

import pytest

from ivr.model.meaning import Expect, Hypothesis, IntentExamples, SlotRule, Vocabulary
from ivr.model.patterns import sentences
from ivr.nlu.sentences import SentenceReader
from ivr.nlu.slots import SlotReader
from ivr.nlu.understanding import FlowUnderstanding
from tests.understood import understood

ORDER = "(can I get|give me|I'd like) (a|an) [{size}] [{roast}] {drink} [with {milk}]"
SLOTS = (
    SlotRule("size", "sizes", values={"small": (), "medium": ("regular",), "12 oz": ("twelve ounce",)}),
    SlotRule("roast", "roasts", values={"medium roast": ("medium roast",), "dark roast": ()}),
    SlotRule("drink", "drinks", values={"latte": (), "iced mocha": ("iced mocha", "cold mocha"), "mocha": ()}),
    SlotRule("milk", "milks", values={"milk": (), "lots of milk": ()}),
    SlotRule("count", "number"),
    SlotRule("size_zh", "sizes", values={"大杯": ("大",), "小杯": ()}),
)
BOOK = IntentExamples("book", sentences("(a table for|book) {count} [please]"), "task", ("(book|a table for) {count}",))
SHOP = Vocabulary("shop", "en", (IntentExamples("order", sentences(ORDER), "task", (ORDER,)), BOOK), SLOTS)


@pytest.fixture(scope="module")
def shop() -> FlowUnderstanding:
    return understood({"en": SHOP})


def reader(vocabulary: Vocabulary = SHOP) -> SentenceReader:
    return SentenceReader(vocabulary, SlotReader(vocabulary, "US", lambda: datetime(2026, 3, 2, 9)))


@pytest.mark.parametrize(
    ("said", "intent", "values"),
    [
        ("Can I get a small latte?", "order", {"size": "small", "drink": "latte"}),
        ("um, give me a medium, medium roast latte", "order",
         {"size": "medium", "roast": "medium roast", "drink": "latte"}),
        ("I'd like a medium roast regular cold mocha with lots of milk", "order",
         {"roast": "medium roast", "size": "medium", "drink": "iced mocha", "milk": "lots of milk"}),
        ("hello, give me a 12 ounce mocha please", "order", {"size": "12 oz", "drink": "mocha"}),
        ("give me a a latte", "order", {"drink": "latte"}),
        ("a table for twenty five", "book", {"count": "25"}),
    ],
)  # fmt: skip
def test_every_value_is_read_by_its_place(said: str, intent: str, values: dict[str, str]) -> None:
    found = reader().read(said)
    assert found
    assert (found.intent, {slot.name: slot.value for slot in found.slots}) == (intent, values)


@pytest.mark.parametrize(
    "said",
    ["", "can I get", "a latte", "give me a latte with lots", "book soon", "give me a latte " + "with milk " * 40],
)
def test_other_words_are_no_sentence(said: str) -> None:
    assert reader().read(said) is None


@pytest.mark.parametrize(
    ("said", "is_open"),
    [("give me a latte", True), ("give me a latte with milk", False), ("book two", False), ("give me an iced", None)],
)
def test_a_sentence_that_could_go_on_is_known(said: str, is_open: bool | None) -> None:
    found = reader().read(said)
    assert (found.open if found else None) == is_open


def test_a_sentence_of_two_intents_is_left_to_the_model() -> None:
    twice = (IntentExamples("a", (), "task", ("go [now]",)), IntentExamples("b", (), "task", ("(go|run)",)))
    found = reader(Vocabulary("x", "en", twice))
    assert found.read("go") is None
    assert [sentence.intent for said in ("run", "go now") if (sentence := found.read(said))] == ["b", "a"]


def test_a_value_nobody_knows_makes_no_sentence() -> None:
    found = reader(Vocabulary("x", "en", (IntentExamples("a", (), "task", ("(see|find) {nobody}",)),)))
    assert found.read("find me") is None


def test_chinese_sentences_need_no_spaces() -> None:
    order = IntentExamples("order", (), "task", ("(我要|来)[一杯][{size_zh}]咖啡",))
    found = reader(Vocabulary("x", "zh", (order,), SLOTS)).read("嗯，我要一杯大杯咖啡。")
    assert found
    assert [(slot.name, slot.value) for slot in found.slots] == [("size_zh", "大杯")]


def test_of_two_readings_the_whole_sentence_is_believed(shop: FlowUnderstanding) -> None:
    heard = [Hypothesis("can I get a small lady", 0.6), Hypothesis("can i get a small latte", 0.5)]
    meaning = shop.understand(heard, Expect(kind="open", intents=("order", "book"), slots=SLOTS, patterns=(ORDER,)))
    assert (meaning.intent, meaning.confidence, meaning.complete) == ("order", 0.99, False)
    assert {slot.name: slot.value for slot in meaning.slots} == {"size": "small", "drink": "latte"}


def test_a_sentence_of_an_intent_that_leads_nowhere_here_is_not_taken(shop: FlowUnderstanding) -> None:
    meaning = shop.understand([Hypothesis("book two")], Expect(kind="open", intents=("order",), patterns=(ORDER,)))
    assert meaning.intent != "book"


ORDER_ZH = "[请](来|给我)[一]杯[{size}][{roast}]{drink}[加{milk}][谢谢]"
CANCEL_ZH = "(取消|不要)[这个]{drink}了"
CAFE = Vocabulary(
    "cafe",
    "zh",
    (
        IntentExamples("order", sentences(ORDER_ZH), "task", (ORDER_ZH,)),
        IntentExamples("cancel", sentences(CANCEL_ZH), "task", (CANCEL_ZH,)),
    ),
    (
        SlotRule("size", "sizes", values={"big": ("大杯", "大的"), "small": ("小杯",)}),
        SlotRule("roast", "roasts", values={"dark": ("深度烘焙",)}),
        SlotRule("drink", "drinks", values={"latte": ("拿铁咖啡", "拿铁"), "americano": ("美式",)}),
        SlotRule("milk", "milks", values={"oat": ("燕麦奶",)}),
    ),
)


@pytest.fixture(scope="module")
def cafe() -> FlowUnderstanding:
    return understood({"zh": CAFE})


@pytest.mark.parametrize(
    ("said", "intent", "values"),
    [
        ("请来一杯大杯拿铁。", "order", {"size": "big", "drink": "latte"}),
        (
            "来杯深度烘焙大杯美式加燕麦奶",
            "order",
            {"roast": "dark", "size": "big", "drink": "americano", "milk": "oat"},
        ),
        ("给我一杯拿铁咖啡,谢谢", "order", {"drink": "latte"}),
        ("取消这个拿铁了", "cancel", {"drink": "latte"}),
    ],
)
def test_chinese_patterns_are_understood_by_their_characters(
    cafe: FlowUnderstanding, said: str, intent: str, values: dict[str, str]
) -> None:
    expect = Expect(flow="cafe", language="zh", patterns=(ORDER_ZH, CANCEL_ZH), slots=CAFE.slots)
    meaning = cafe.understand((Hypothesis("我"), Hypothesis(said)), expect)
    assert (meaning.intent, {slot.name: slot.value for slot in meaning.slots}) == (intent, values)
    assert meaning.confidence > 0.9
