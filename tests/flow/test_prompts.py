"""Sentences that never change are known before anyone calls."""

from ivr.flow.loader import flow_of_texts
from ivr.flow.prompts import MOST_ANSWERS, fixed_prompts
from tests.flow.kit import flow, write


def test_fixed_prompts_are_those_without_places() -> None:
    body = """
    start: { ask: [Hello., "Again, {intent}?"], keys: { "1": menu }, help: Say one. }
    menu: { menu: Which?, choices: [{ hear: never said, key: "1", then: bye }] }
    """
    found = fixed_prompts(flow(body, "help: Main help.\nsentences: { sorry: Pardon? }"))
    assert {text for text, _ in found[:5]} == {"Say one.", "Hello.", "Which?", "Main help.", "Pardon?"}
    assert ("Sorry?", "en") in found
    assert not [text for text, _ in found if "{" in text or text in ("never said", ", ")]


KNOWN = """\
knowledge: shop
lists:
  card: { debit: [debit card], credit: [] }
  town: { ulm: [Ulm] }
entries:
  hours: { questions: [when are you open], answer: We open at nine. }
  limit:
    questions: ["limit of my {card}"]
    answer: It depends on the card.
    answers: { debit: "Your {card} gives a hundred.", credit: "See your {card}." }
  fee:
    questions: ["fee of a {card} in {town}"]
    answer: It depends.
    answers: { debit: "A {card} in {town} costs one." }
"""
BODY = """
start: { ask: Hello., knowledge: faq, no: bye }
faq: { answer: knowledge.yaml, not_found: bye, then: bye }
"""


def answers_made(known: str) -> list[str]:
    texts = {"test.yaml": write(BODY), "knowledge.yaml": known}
    without = {"test.yaml": write(BODY), "knowledge.yaml": "knowledge: x\nentries: { a: { questions: q, answer: '' } }"}
    made, engine = (fixed_prompts(flow_of_texts(each, "test.yaml")) for each in (texts, without))
    return [text for text, language in made if (text, language) not in engine]


def test_answers_are_made_before_anyone_asks_for_every_value_that_can_be_said() -> None:
    assert answers_made(KNOWN) == [
        "We open at nine.", "It depends on the card.", "Your debit card gives a hundred.", "See your credit.",
        "It depends.",
    ]  # fmt: skip


def test_answers_of_a_very_large_file_are_made_when_they_are_told() -> None:
    many = "".join(f"  e{number}: {{ questions: [q{number}], answer: A. }}\n" for number in range(MOST_ANSWERS + 1))
    assert answers_made("knowledge: many\nentries:\n" + many) == []
