"""Corners of reading: what is half said, unknown, or asked for in an unusual way."""

import numpy as np
import pytest

from ivr.model.errors import ModelMissing
from ivr.model.meaning import Expect, Hypothesis, IntentExamples, SlotRule, Vocabulary
from ivr.nlu import encoder, minilm
from ivr.nlu.carriers import CarrierPhrases
from ivr.nlu.encoder import UniversalEncoder
from ivr.nlu.endings import ends_open
from ivr.nlu.examples import training_texts
from ivr.nlu.phones import read_phone
from ivr.nlu.understanding import FlowUnderstanding, build_understanding


def test_a_number_no_plan_knows_is_kept_as_digits() -> None:
    found = read_phone("plus nine nine nine one two three four five", "en", "US")
    assert found is not None
    assert (found.value, found.confidence < 0.6) == ("99912345", True)
    fits = read_phone("one two three four five six", "en", "US", (6, 6))
    assert fits is not None
    assert fits.confidence == 1.0


def test_words_that_stop_in_the_middle() -> None:
    assert [ends_open(said, "en") for said in ("i want to", "my card...", "um", "my card", "", "!")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [ends_open(said, "zh") for said in ("我想", "然后", "我的卡丢了")] == [True, True, False]


def test_a_carrier_with_words_on_both_sides_takes_what_is_between() -> None:
    examples = IntentExamples("call", ("what time does the {place} branch open", "{place} please call", "{place}"))
    carriers = CarrierPhrases(Vocabulary("x", "en", (examples,)))
    between = carriers.find("place", "what time does the old harbour branch open")
    assert between is not None
    assert between.value == "old harbour"
    first = carriers.find("place", "harbour please call")
    assert first is not None
    assert first.value == "harbour"
    assert carriers.find("place", "open the door") is None


def test_articles_and_fillers_fill_no_slot() -> None:
    phrases = ("I need a branch close to {place}", "what time does the {place} branch open", "{place}附近的网点")
    for language, said in (
        ("en", "I need a branch close to the"), ("en", "I need a branch close to my, um"),
        ("en", "what time does the nearest branch open"), ("zh", "那个附近的网点"),
    ):  # fmt: skip
        carriers = CarrierPhrases(Vocabulary("x", language, (IntentExamples("branch", phrases),)))
        assert carriers.find("place", said) is None


@pytest.mark.parametrize(
    ("said", "language", "kind"),
    [
        ("near the", "en", "text"), ("I live in", "en", "text"), ("in the", "en", "city"), ("my name is the", "en",
        "person"), ("it's", "en", "person"), ("and", "en", "person"), ("我住在", "zh", "text"),
        ("我叫那个", "zh", "person"),
    ],
)  # fmt: skip
def test_half_an_answer_is_none(commands: FlowUnderstanding, said: str, language: str, kind: str) -> None:
    step = Expect(kind="free", language=language, slots=(SlotRule("value", kind),))
    assert commands.understand([Hypothesis(said)], step).slots == ()


def test_placeholders_take_samples_of_their_kind() -> None:
    rules = (SlotRule("when", "date"), SlotRule("card", "cards", values={"debit": ("debit card",), "gold": ()}))
    intents = (IntentExamples("a", ("come on {when}", "my {card} is gone", "{unknown} is here")),)
    texts, classes = training_texts(Vocabulary("x", "en", intents, rules))
    assert texts[:4] == ["come on saturday", "come on tomorrow", "my gold is gone", "my debit card is gone"]
    assert set(classes) == {0}


@pytest.fixture(scope="module")
def commands() -> FlowUnderstanding:
    return build_understanding({"en": Vocabulary("x", "en"), "zh": Vocabulary("x", "zh")})


def test_the_servers_clock_is_used_where_none_is_given(commands: FlowUnderstanding) -> None:
    step = Expect(kind="date", slots=(SlotRule("when", "date"),))
    assert commands.understand([Hypothesis("tomorrow")], step).slots[0].name == "when"


@pytest.mark.parametrize(
    ("kind", "said", "language", "complete"),
    [
        ("number", "twenty", "en", False), ("number", "twenty five", "en", True), ("number", "二十", "zh", False),
        ("number", "二十五", "zh", True), ("number", "two hundred", "en", False), ("number", "five and", "en", False),
    ],
)  # fmt: skip
def test_a_number_is_complete_when_no_longer_one_begins_like_it(
    commands: FlowUnderstanding, kind: str, said: str, language: str, complete: bool
) -> None:
    step = Expect(kind="number", language=language, slots=(SlotRule("n", "number"),))
    assert commands.understand([Hypothesis(said)], step).complete is complete


def test_a_value_step_without_slots_names_the_value_after_its_kind(commands: FlowUnderstanding) -> None:
    meaning = commands.understand([Hypothesis("four two")], Expect(kind="digits"))
    assert [(value.name, value.value) for value in meaning.slots] == [("digits", "42")]


def test_other_weights_than_those_measured_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelMissing, match="force-reinstall"):
        UniversalEncoder().encode(["x"])
    monkeypatch.setattr(minilm, "_MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelMissing, match="minilm"):
        minilm.MiniLmEncoder().encode(["x"])


def test_nothing_to_encode_is_an_empty_array() -> None:
    assert np.array_equal(encoder.shared_encoder().encode([]), np.zeros((0, 512), np.float32))
