"""Callers who get upset: what they want comes first; one apology, shorter prompts, the way to a person, and where they
are angry and not understood a person is offered, or got at once."""

import pytest

from ivr.flow.progress import Answer
from ivr.flow.queueing import with_complaint
from ivr.model.commands import JoinQueue
from ivr.model.meaning import Control, IntentGuess, Meaning
from ivr.model.people import Requirement
from tests.flow.kit import Call, findings, flow

HEAD = """
languages: [en, zh]
intents:
  card: { phrases: { en: [my card is lost], zh: [卡丢了] } }
"""
BODY = """
start:
  ask:
    en: ["Welcome. You can ask about cards, branches and balances. How can I help?", "How can I help?"]
    zh: ["欢迎致电,您可以查卡、网点和余额。请问需要什么?", "请问需要什么?"]
  intents: { card: which }
which:
  collect: last4
  prompt:
    en: ["Which card is it? {note} Say its last four digits.", "Which card?"]
    zh: ["是哪张卡?{note} 请说卡号后四位。", "哪张卡?"]
  then: sure
sure:
  confirm: { en: ["Freeze the card ending {last4}, yes or no?", "Yes or no?"], zh: ["冻结{last4}的卡,对吗?", "对吗?"] }
  yes: start
  no: bye
"""
HEAD_SLOTS = HEAD + "slots: { last4: { kind: digits, length: 4, confirm: none } }\nvariables: { note: '' }\n"
SORRY, INVITE, OFFER = "I'm sorry about the trouble.", "If you would rather talk to a person, just say 'agent'.", (
    "I'm sorry about the trouble. Shall I get you a person?"
)  # fmt: skip


def call(head: str = "", language: str = "en") -> Call:
    return Call(flow(BODY, HEAD_SLOTS + head), language=language)


def says(of: Call, mood: str, intent: str = "", control: Control = "", words: str = "this is ridiculous") -> list[str]:
    guesses = (IntentGuess(intent, 0.95),) if intent else ()
    meaning = Meaning(words, guesses, control=control, control_confidence=1.0 if control else 0.0)
    return of.reply(Answer(words, meaning=meaning, mood=mood)).said


def asked(of: Call) -> tuple[Requirement, ...]:
    """Of whoever answers the queue that the call is in now."""
    joins = of.done[-1]
    assert isinstance(joins, JoinQueue)
    return joins.skills


def test_an_uneasy_caller_gets_what_they_want_one_apology_and_the_way_to_a_person() -> None:
    one = call()
    assert says(one, "amber", "card") == [SORRY, "Which card is it?  Say its last four digits.", INVITE]
    assert one.at == "which"


def test_an_uneasy_caller_who_is_not_understood_is_asked_more_shortly() -> None:
    one = call()
    assert says(one, "amber") == [SORRY, "How can I help?", INVITE]
    assert says(one, "amber") == ["How can I help?"]
    assert one.last.matched is False


def test_an_angry_caller_gets_what_they_want_first_too() -> None:
    one = call()
    assert says(one, "red", "card", words="you idiots, my card is lost") == [
        SORRY, "Which card is it?  Say its last four digits.", INVITE,
    ]  # fmt: skip


def test_an_angry_caller_who_is_not_understood_is_offered_a_person() -> None:
    one = call()
    assert says(one, "red") == [OFFER]
    assert (one.last.matched, one.last.state.errors) == (False, 1)
    assert one.last.expect is not None
    assert one.last.expect.kind == "yes_no"
    assert says(one, "red", control="yes", words="yes") == []
    assert one.variables["escalation_reason"] == "emotion"
    assert [type(action) for action in one.done][-1:] == [JoinQueue]
    assert asked(one) == (Requirement("lang:en"), Requirement("complaint", mandatory=False))


def test_only_who_is_angry_is_wished_somebody_for_complaints() -> None:
    one = call("agent_request: at_once\n")
    says(one, "amber", control="agent", words="agent")
    assert asked(one) == (Requirement("lang:en"),)
    assert with_complaint((Requirement("complaint", 3),), "red") == (Requirement("complaint", 3),)


def test_who_is_told_a_person_in_the_very_sentence_that_made_them_red_is_wished_one_too() -> None:
    one = call("agent_request: at_once\n")
    says(one, "red", control="agent", words="agent, you idiots")
    assert [need.skill for need in asked(one)] == ["lang:en", "complaint"]


def test_who_declines_the_person_goes_on_more_shortly_and_is_not_offered_one_again() -> None:
    one = call()
    says(one, "red")
    assert says(one, "red", control="no", words="no") == ["How can I help?"]
    assert says(one, "red") == ["Sorry?", "How can I help?"]


def test_who_answers_the_offer_with_what_they_want_gets_it() -> None:
    one = call()
    says(one, "red")
    assert says(one, "red", "card") == ["Which card is it?  Say its last four digits."]


def test_who_is_silent_at_the_offer_is_asked_again() -> None:
    one = call()
    says(one, "red")
    assert one.silent().said == [OFFER]


def test_amber_then_red_are_two_steps_and_each_comes_once() -> None:
    one = call()
    assert says(one, "amber", "card")[0] == SORRY
    assert says(one, "red") == [OFFER]
    assert says(one, "amber", control="no", words="no") == ["Which card?"]


def test_a_confirmation_is_never_shortened() -> None:
    one = call()
    says(one, "amber", "card")
    assert one.means(last4="1111").said == ["Freeze the card ending 1111, yes or no?"]


def test_a_flow_may_bring_an_angry_caller_to_a_person_at_once() -> None:
    one = call("upset: route\n")
    assert says(one, "red", "card") == ["I'm sorry. I'll get you a person right away."]
    assert one.variables["escalation_reason"] == "emotion"
    assert any(isinstance(action, JoinQueue) for action in one.done)


def test_a_flow_that_routes_soothes_the_uneasy_all_the_same() -> None:
    assert says(call("upset: route\n"), "amber") == [SORRY, "How can I help?", INVITE]


@pytest.mark.parametrize("head", ["upset: ignore\n", "kind: survey\n"])
def test_a_flow_may_pay_no_heed_and_a_survey_never_does(head: str) -> None:
    assert says(call(head), "red") == ["Sorry?", "How can I help?"]


def test_who_asks_for_a_person_in_anger_is_asked_nothing_more_than_others() -> None:
    one = call("agent_request: at_once\n")
    assert says(one, "red", control="agent", words="agent") == [SORRY]
    assert one.variables["escalation_reason"] == "direct_request"


def test_who_says_goodbye_in_anger_is_let_go() -> None:
    one = call()
    assert says(one, "red", control="goodbye", words="bye") == ["Thank you for calling. Goodbye."]
    assert one.last.state.finished


def test_in_chinese_too() -> None:
    one = call(language="zh")
    assert says(one, "red", words="气死我了") == ["很抱歉给您添麻烦了。 要为您转人工吗?"]
    two = call(language="zh")
    assert says(two, "amber", words="太慢了") == [
        "很抱歉给您添麻烦了。",
        "请问需要什么?",
        "如果您想找人工,请说“人工”。",
    ]


def test_starting_over_is_no_reason_to_apologise_again() -> None:
    one = call()
    says(one, "amber", "card")
    assert says(one, "amber", control="start_over", words="start over")[0] == "How can I help?"


def test_what_a_flow_does_not_know_is_refused() -> None:
    text = "flow: a\nstart: s\nupset: shout\nsteps:\n  s: { say: hello, then: e }\n  e: { hangup: done }\n"
    assert any("upset" in problem for problem in findings(text))
