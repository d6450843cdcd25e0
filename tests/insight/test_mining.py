"""Unanswered questions in heaps: alike ones together, ranked, named, each with something to do about it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from ivr.insight.clustering import cluster, vectors
from ivr.insight.mining import Known, identifier, mine
from ivr.insight.misses import items_of
from ivr.model.calls import SurveyRecord
from ivr.model.insight import FlowFacts, TrainerItem
from tests.insight.kept_calls import BANK, NINE, Script

KNOWN = {
    "en": Known(
        {"balance": ["what is my balance", "check my balance"], "lost": ["I lost my card", "my card was stolen"]},
        {"faq.yaml#yen": ["do you change yen", "can I get Japanese yen"]},
    )
}


def item(number: int, text: str, language: str = "en", **more: object) -> TrainerItem:
    made = TrainerItem(f"c{number}:1:no_match", f"c{number}", NINE, "bank/hotline", language, text, "no_match")
    return replace(made, **more)  # type: ignore[arg-type]


def test_sentences_that_say_the_same_come_together_and_others_do_not() -> None:
    texts = ["open a savings account", "I want to open a savings account", "opening a savings account please",
             "raise my card limit", "can you raise the limit of my card", "tell me a joke"]  # fmt: skip
    assert cluster(vectors(texts), 0.3) == [[0, 1, 2], [3, 4], [5]]
    assert cluster(vectors([]), 0.3) == []


def test_average_linkage_is_that_of_the_textbook() -> None:
    """Checked against scipy's on random rows."""
    from scipy.cluster.hierarchy import fcluster, linkage

    rows = np.random.default_rng(7).normal(size=(120, 8)).astype(np.float32)
    rows += np.repeat(np.random.default_rng(8).normal(size=(12, 8)) * 3, 10, axis=0).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = np.triu_indices(120, 1)
    apart = (1 - rows @ rows.T)[pairs]
    for least in (0.3, 0.6, 0.9):
        labels = fcluster(linkage(apart, "average"), 1 - least, "distance")
        expected = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}
        assert {frozenset(found) for found in cluster(rows, least)} == expected


def test_a_heap_near_an_intent_or_an_entry_proposes_more_of_it_else_something_new() -> None:
    items = [
        item(1, "tell me what my balance is"), item(2, "what my balance is."), item(3, "do you change some yen"),
        item(4, "I'd like to open a savings account"), item(5, "open a savings account"),
        item(6, "how much is a safe deposit box"), item(7, "how much for a safe deposit box"),
    ]  # fmt: skip
    heaps = {heap.name: heap.proposal for heap in mine(items, KNOWN, NINE)}
    made = {(one.kind, one.name) for one in heaps.values()}
    assert {("phrases", "balance"), ("questions", "faq.yaml#yen")} <= made
    assert {kind for kind, _ in made} == {"phrases", "questions", "new_intent", "new_entry"}
    savings = next(one for one in heaps.values() if one.kind == "new_intent")
    assert savings.name == "open_savings_account"
    assert savings.phrases == ("I'd like to open a savings account", "open a savings account")


def test_many_transferred_and_fresh_ones_come_first() -> None:
    old = [item(number, "open a savings account", at=NINE - timedelta(days=28)) for number in range(4)]
    fresh = [item(9, "raise my card limit", transferred=True)]
    heaps = mine([*old, *fresh], {}, NINE)
    assert [(heap.heap_id, heap.rank) for heap in heaps] == [("c9:1:no_match", 2.0), ("c0:1:no_match", 1.0)]


def test_languages_are_never_mixed_and_chinese_gets_a_name_a_file_can_hold() -> None:
    heaps = mine([item(1, "贷款利率是多少", "zh"), item(2, "贷款的利率多少", "zh"), item(3, "loan rate")], KNOWN, NINE)
    assert [len(heap.items) for heap in heaps] == [2, 1]
    assert heaps[0].proposal.kind == "new_entry"
    assert heaps[0].proposal.name.startswith("topic_")
    assert heaps[0].name == "贷款利率是多少"


def test_what_was_missed_in_the_knowledge_base_becomes_an_entry_and_redacted_words_no_phrase() -> None:
    missed = item(1, "safe deposit box for <PHONE>", source="knowledge_miss")
    (heap,) = mine([missed], {}, NINE)
    assert (heap.proposal.kind, heap.proposal.phrases) == ("new_entry", ())
    assert mine([item(2, "the the")], {}, NINE)[0].name == "the the"


def test_names_are_such_as_flow_files_take() -> None:
    assert identifier("Savings  account!") == "savings_account"
    assert identifier("24 hours").startswith("topic_")
    assert len(identifier("x" * 99)) == 40


def sources(script: Script, flow: FlowFacts = BANK, **more: object) -> list[tuple[str, str]]:
    call = script.call(**more)  # type: ignore[arg-type]
    return [(one.source, one.text) for one in items_of(call, flow)]


def test_every_kind_of_miss_becomes_an_item_redacted() -> None:
    assert sources(Script().says("my number is 13800138000 open it", "hotline.greet", no_match=True)) == [
        ("no_match", "my number is <PHONE> open it")
    ]
    script = Script().says("safe box", "hotline.greet", no_match=True)
    assert sources(script, notes={"knowledge.miss": "safe box"}) == [("knowledge_miss", "safe box")]
    rejected = Script().says("cash", "hotline.greet", guess="balance").says("no", "hotline.greet", control="no")
    assert sources(rejected) == [("rejected", "cash")]
    asked = Script().says("my balance", "hotline.b", "balance").says("a person", control="agent")
    assert sources(asked, stats={"queues": ["cards"]}) == [("transfer_after_answer", "my balance")]
    assert sources(asked, survey=SurveyRecord("completed", answers={"resolved": "no"})) == [("survey_no", "my balance")]
    assert sources(asked, stats={"queues": ["cards"]}, escalation_reason="policy_human_only") == []
    assert sources(asked) == []


def test_an_intent_acted_on_without_much_confidence_is_an_item() -> None:
    script = Script().says("my balance", "hotline.b", "balance")
    event = script.journal[1].event
    low = replace(event.meaning.guesses[0], confidence=0.45)  # type: ignore[union-attr]
    script.journal[1] = replace(script.journal[1], event=replace(event, meaning=replace(event.meaning, guesses=(low,))))  # type: ignore[union-attr, arg-type]
    assert sources(script) == [("low_confidence", "my balance")]


def test_closed_steps_commands_keys_and_sounds_are_no_items() -> None:
    script = (
        Script()
        .says("four four", "hotline.b_auth", no_match=True)
        .presses("1")
        .says("x", "hotline.greet", no_match=True)
    )
    script.says("help", "hotline.greet", control="help", no_match=True)
    assert sources(script) == []
    assert sources(Script().says("four four", "hotline.b_auth", no_match=True), FlowFacts()) == [
        ("no_match", "four four")
    ]
    keyed = Script().says("my balance", "hotline.b", "balance").says("eh what", "hotline.greet", no_match=True)
    assert sources(keyed, stats={"queues": ["cards"]}) == [("no_match", "eh what")]


def test_a_chinese_heap_is_called_by_its_most_central_sentence_and_an_english_one_by_words_in_their_order() -> None:
    said = ["我想开一个在职证明", "开一个在职证明", "帮我开一个在职证明可以吗我下周就要用了所以请你们尽快处理一下谢谢"]
    heaps = mine([item(n, text, "zh") for n, text in enumerate(said[:2])], {}, NINE)
    assert [heap.name for heap in heaps] == ["我想开一个在职证明"]
    (long,) = mine([item(9, said[2], "zh")], {}, NINE)
    assert long.name == "帮我开一个在职证明可以吗我下周就要用了所以请你…"
    (english,) = mine([item(1, "can I pay in euros"), item(2, "can I pay in euros?")], {}, NINE)
    assert english.name == "pay euros"
    cards = ["do you sell gift cards", "can I buy gift cards", "buy gift cards", "gift cards please"]
    assert mine([item(n, text) for n, text in enumerate(cards)], {}, NINE)[0].name == "buy gift cards"
