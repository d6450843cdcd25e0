"""What is known of callers who only press keys."""

import pytest

from ivr.model.commands import JoinQueue
from tests.flow.kit import Call, flow

HEAD = """
keys: { "9": start }
slots: { size: { kind: number } }
labels: { accounts: { en: about accounts }, size: { en: how big } }
intents:
  lost: { title: report a lost card, phrases: [I lost my card] }
  open: { title: open an account, phrases: [open an account] }
  close: { title: close an account, phrases: [close an account] }
  german: { kind: control, phrases: [in German] }
"""
BODY = """
start:
  ask: Press a key.
  intents: { lost: cards, open: accounts, close: accounts, german: other }
  keys: { "1": cards, "2": accounts, "3": pick, "4": how, "5": other }
cards: { queue: cards, otherwise: bye }
accounts: { queue: accounts, otherwise: bye }
other: { queue: others, otherwise: bye }
pick:
  menu: Press one for a house.
  choices: [{ name: house, key: "1", hear: [a house, house], then: q_house }, { key: "2", then: cards }]
  intents: { lost: cards }
q_house: { queue: houses, otherwise: bye }
how: { collect: size, prompt: How big?, keys: { "*": other }, then: other }
"""


def joined(*keys: str) -> JoinQueue:
    call = Call(flow(BODY, HEAD))
    for each in keys:
        call.presses(each)
    (action,) = call.done
    assert isinstance(action, JoinQueue)
    return action


@pytest.mark.parametrize(
    ("keys", "facts"),
    [
        ("1", {"intent": "lost", "chosen": "cards", "summary": "report a lost card"}),
        ("2", {"chosen": "accounts", "summary": "about accounts"}),
        ("31", {"chosen": "house", "summary": "house"}),
        ("32", {"intent": "lost", "chosen": "cards", "summary": "report a lost card"}),
        ("47", {"chosen": "how", "size": "7", "summary": "how; how big: 7"}),
        ("4*", {"chosen": "how", "summary": "how"}),
        ("5", {"chosen": "other", "summary": "other"}),
        ("91", {"intent": "lost", "chosen": "cards", "summary": "report a lost card"}),
    ],
    ids=["one intent leads there", "two do", "a menu's choice", "a choice that is an intent", "a value keyed in",
         "a key that helps out", "a way to another language", "a key that works everywhere"],
)  # fmt: skip
def test_a_key_says_what_the_caller_wants(keys: str, facts: dict[str, str]) -> None:
    assert dict(joined(*keys).facts) == {"language": "en", **facts}


def test_a_key_is_in_the_record_as_the_intent_it_stands_for() -> None:
    assert Call(flow(BODY, HEAD)).presses("1").last.intent == "lost"
    assert Call(flow(BODY, HEAD)).presses("2").last.intent == ""
