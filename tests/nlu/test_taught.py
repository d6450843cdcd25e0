"""What an understanding is taught besides the phrases of its intents."""

from collections.abc import Mapping

from ivr.model.meaning import KnowledgeQuestions, SlotRule, Vocabulary
from ivr.nlu.examples import MOST_QUESTIONS, taught

CARD = SlotRule("card", "card", values={"debit": ("debit card",), "credit": ("credit card",)})


def asking(questions: Mapping[str, tuple[str, ...]]) -> Vocabulary:
    known = KnowledgeQuestions("bank", questions, (CARD,))
    return Vocabulary("bank", "en", out_of_scope=("tell me a joke",), knowledge=(known,))


def test_questions_with_an_answer_are_nobodys_intent() -> None:
    learned = taught(asking({"fee": ("account fees", "What does an account cost?"), "limit": ("limit of my {card}",)}))
    wanted = ("tell me a joke", "account fees", "what does an account cost", "limit of my debit card")
    assert (learned.out_of_scope, learned.knowledge) == (wanted, ())
    assert taught(learned) == learned


def test_of_a_large_file_the_same_questions_are_taught_whatever_their_order() -> None:
    questions: dict[str, tuple[str, ...]] = {f"q{n}": (f"question number {n}",) for n in range(1000)}
    learned = taught(asking(questions)).out_of_scope
    turned = taught(asking(dict(reversed(questions.items())))).out_of_scope
    assert len(learned) == MOST_QUESTIONS + 1
    assert learned == turned
