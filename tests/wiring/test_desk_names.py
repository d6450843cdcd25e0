"""What agents read and hear of a call is said in their language, as far as somebody has written it down."""

from pathlib import Path

import pytest

from ivr.config_queues import Queue
from ivr.console.desk_names import Names
from ivr.console.desk_parts import chosen, shown
from ivr.console.desk_words import DESK
from ivr.console.words import speaker
from ivr.model.people import Handoff
from ivr.wiring.desk_names import FlowNames, names_in
from ivr.wiring.flows import FlowShelf
from ivr.wiring.telephones import whispered
from tests.flow.kit import flow
from tests.wiring.kit import config

FLOW = flow(
    """
start:
  menu: { en: Press one., zh: 请按一。 }
  choices: [{ name: house, key: "1", hear: { en: [a house], zh: [房子] }, then: bye }]
  intents: { lost: bye, open: bye }
""",
    """
languages: [en, zh]
lists: { sizes: { big: { en: [big, large], zh: [大] }, odd: { en: [odd], zh: [奇] } } }
slots: { size: { kind: sizes } }
labels: { size: { en: how big, zh: 大小 }, bye: { en: the end } }
intents:
  lost: { title: { en: report a lost card, zh: 挂失银行卡 }, phrases: { en: [lost], zh: [丢了] } }
  open: { phrases: { en: [open], zh: [开] } }
""",
)


def test_a_chinese_desk_reads_chinese_and_a_plain_name_where_there_is_none() -> None:
    names = names_in(FLOW, "zh")
    assert (names.intent("lost"), names.intent("open"), names.intent("not_known")) == (
        "挂失银行卡",
        "open",
        "not known",
    )
    assert (names.label("size"), names.label("house"), names.label("bye")) == ("大小", "房子", "bye")
    assert (names.value("size", "big"), names.value("size", "no"), names.value("other", "big")) == ("大", "no", "big")
    assert names_in(FLOW, "en").value("size", "big") == "big"


def test_queues_are_called_by_their_titles_whatever_the_flow(tmp_path: Path) -> None:
    queues = {"cards": Queue(name="cards", title={"zh": "银行卡"}).settings()}
    names = FlowNames(FlowShelf(config(tmp_path)), queues).of("not/known", "zh")
    assert (names.queue("cards"), names.queue("lost_cards")) == ("银行卡", "lost cards")


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Handoff("c", language="zh", queue="cards", intent="lost"), "银行卡来电。挂失银行卡"),
        (Handoff("c", language="zh", queue="cards", facts={"chosen": "house"}), "银行卡来电。房子"),
        (Handoff("c", language="zh", queue="cards", reason="direct_request"), "银行卡来电。直接要求人工"),
        (Handoff("c", language="fr", queue="cards", reason="of_our_own"), "Call for 银行卡. of our own"),
    ],
)
def test_agents_are_whispered_what_the_caller_wants_else_why_they_need_a_person(known: Handoff, words: str) -> None:
    of = names_in(FLOW, "zh")
    assert whispered(known, Names({"cards": "银行卡"}, of.intents, of.labels)) == words


def test_a_key_is_shown_only_where_no_intent_says_as_much() -> None:
    names = names_in(FLOW, "en")
    assert chosen(Handoff("c", facts={"chosen": "house"}), names) == "a house"
    assert chosen(Handoff("c", intent="lost", facts={"chosen": "house"}), names) == ""
    assert chosen(Handoff("c"), names) == ""


def test_yes_and_no_are_read_in_words() -> None:
    say = speaker("zh", DESK)
    assert [shown("x", value, say, Names()) for value in ("true", "false", "4421")] == ["是", "否", "4421"]
