"""Corrections, hedges, long sentences and courtesy, as callers mix them."""

import pytest

from ivr.model.meaning import Expect, Hypothesis, KeyRule, KnowledgeQuestions, Meaning, SlotRule, Vocabulary
from ivr.nlu.carriers import without_hedge
from ivr.nlu.clauses import clauses
from ivr.nlu.understanding import FlowUnderstanding
from tests.nlu.vocabularies import CARD, PLACE, WHEN
from tests.understood import understood

MORE = KeyRule(choices={"1": "yes", "2": "no"})


def heard(bank: FlowUnderstanding, text: str, expect: Expect) -> Meaning:
    return bank.understand([Hypothesis(text)], expect)


def values(meaning: Meaning) -> dict[str, str]:
    return {value.name: value.value for value in meaning.slots}


@pytest.mark.parametrize(
    ("said", "language", "slots"),
    [
        ("no, Haidian", "en", {"place": "haidian"}),
        ("no, find a branch near Haidian", "en", {"place": "haidian"}),
        ("不是,海淀", "zh", {"place": "海淀"}),
        ("不用,帮我查海淀附近的网点", "zh", {"place": "海淀"}),
    ],
)
def test_a_no_with_a_place_keeps_the_place(
    bank: FlowUnderstanding, said: str, language: str, slots: dict[str, str]
) -> None:
    step = Expect(kind="yes_no", language=language, slots=(PLACE,), intents=("branch_lookup",))
    meaning = heard(bank, said, step)
    assert (meaning.control, values(meaning)) == ("no", slots)


def test_a_correction_fits_the_slot_it_can_and_free_words_come_last(bank: FlowUnderstanding) -> None:
    step = Expect(kind="yes_no", slots=(PLACE, WHEN, CARD))
    assert values(heard(bank, "no, tomorrow", step)) == {"when": "2026-03-03"}
    assert values(heard(bank, "no, the credit card", step)) == {"card_type": "credit"}
    assert values(heard(bank, "no, Haidian", step)) == {"place": "haidian"}
    assert values(heard(bank, "no, that is not what I said", step)) == {}


def test_what_is_still_wrong_is_a_no(bank: FlowUnderstanding) -> None:
    assert heard(bank, "还是不行", Expect(kind="yes_no", language="zh")).control == "no"


@pytest.mark.parametrize(
    ("said", "language", "place"),
    [
        ("find a branch near the Bird's Nest I think", "en", "the bird's nest"),
        ("帮我查一下国贸附近的网点", "zh", "国贸"),
    ],
)
def test_a_place_is_only_the_place(bank: FlowUnderstanding, said: str, language: str, place: str) -> None:
    assert values(heard(bank, said, Expect(language=language)))["place"] == place


def test_hedges_behind_a_value_are_not_part_of_it() -> None:
    said = ("Haidian, I think", "Haidian, maybe, I guess.", "I think", "国贸吧", "好像")
    kept = [without_hedge(text, "en" if text.isascii() else "zh") for text in said]
    assert kept == ["Haidian", "Haidian", "I think", "国贸", "好像"]


def test_a_sentence_is_taken_apart_where_it_breathes() -> None:
    assert clauses("Can you freeze my card, it ends in 4421", "en") == ("can you freeze my card", "it ends in 4421")
    assert clauses("my wallet is gone and I need a new card", "en") == ("my wallet is gone", "i need a new card")
    assert clauses("钱包不见了,因为刚才在地铁上,麻烦", "zh") == ("钱包不见了", "刚才在地铁上")
    assert clauses("I lost my card", "en") == clauses("我的卡丢了", "zh") == ()


def test_one_clear_clause_is_enough(bank: FlowUnderstanding) -> None:
    meaning = heard(bank, "I lost my card, so there I was on the bridge in the rain, it ends in 4421", Expect())
    assert (meaning.intent, meaning.confidence >= 0.75) == ("report_lost_card", True)
    assert values(meaning)["last4"] == "4421"


COURTESIES = (
    ("please", "en"),
    ("thanks", "en"),
    ("Thank you.", "en"),
    ("please do", "en"),
    ("谢谢", "zh"),
    ("麻烦了", "zh"),
)


@pytest.mark.parametrize(("said", "language"), COURTESIES)
@pytest.mark.parametrize("kind", ["open", "free", "digits", "choice"])
def test_courtesy_alone_asks_for_nothing(bank: FlowUnderstanding, said: str, language: str, kind: str) -> None:
    slots = {"free": (PLACE,), "digits": (SlotRule("last4", "digits", (4, 4)),)}.get(kind, ())
    step = Expect(kind=kind, language=language, slots=slots)  # type: ignore[arg-type]
    meaning = heard(bank, said, step)
    assert (meaning.backchannel, meaning.slots, meaning.guesses) == (True, (), ())


def test_courtesy_at_yes_or_no_is_an_answer_once_we_are_silent(bank: FlowUnderstanding) -> None:
    step = Expect(kind="yes_no")
    read = {said: heard(bank, said, step) for said in ("please", "please do", "yes please", "thanks")}
    assert {said: (meaning.control, meaning.backchannel) for said, meaning in read.items()} == {
        "please": ("yes", True), "please do": ("yes", False), "yes please": ("yes", False), "thanks": ("", True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "language", "control"),
    [
        ("thank you", "en", "no"), ("thanks", "en", "no"), ("谢谢", "zh", "no"), ("thank you, bye", "en", "goodbye"),
        ("谢谢再见", "zh", "goodbye"), ("no thanks", "en", "no"),
    ],
)  # fmt: skip
def test_thanks_at_anything_else_mean_no(bank: FlowUnderstanding, said: str, language: str, control: str) -> None:
    assert heard(bank, said, Expect(language=language, keys=MORE)).control == control


FAQ = KnowledgeQuestions(
    "bank/faq.yaml",
    {"hours": ("what are your opening hours",), "limit": ("what is the limit of my {card}", "daily limit")},
    (SlotRule("card", "card", values={"debit": ("debit card",), "credit": ("credit card",)}),),
)


@pytest.fixture(scope="module")
def faq() -> FlowUnderstanding:
    return understood({"en": Vocabulary("bank", "en", knowledge=(FAQ,))})


def test_a_question_is_looked_up_where_the_step_says_so(faq: FlowUnderstanding) -> None:
    step = Expect(knowledge=("bank/faq.yaml", "bank/other.yaml"))
    meaning = heard(faq, "what are your opening hours?", step)
    guess = meaning.answer("bank/faq.yaml")
    assert guess is not None
    assert (guess.entry, guess.values, meaning.complete) == ("hours", (), True)
    assert guess.confidence > 0.9
    assert meaning.answer("bank/other.yaml") is None
    assert heard(faq, "what are your opening hours?", Expect()).answers == ()
    assert heard(faq, "  ", step).answers == ()


def test_the_value_that_a_question_speaks_of_comes_along(faq: FlowUnderstanding) -> None:
    guess = heard(faq, "what's the limit of my credit card", Expect(knowledge=("bank/faq.yaml",))).answers[0]
    assert (guess.entry, [value.value for value in guess.values]) == ("limit", ["credit"])


def test_the_reading_that_is_a_known_question_is_preferred(faq: FlowUnderstanding) -> None:
    readings = [Hypothesis("what are your hoping powers"), Hypothesis("what are your opening hours")]
    assert faq.understand(readings, Expect(knowledge=("bank/faq.yaml",))).text == "what are your opening hours"


def test_a_language_without_knowledge_has_no_answer(faq: FlowUnderstanding) -> None:
    assert heard(faq, "营业时间", Expect(language="zh", knowledge=("bank/faq.yaml",))).text == "营业时间"
