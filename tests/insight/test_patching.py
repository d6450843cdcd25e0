"""Proposals written into real flow files: comments and layout stay, and the file says what it should."""

from pathlib import Path

import pytest

from ivr.flow.yaml_lines import read_yaml
from ivr.insight.patching import with_entry, with_intent, with_phrases, with_questions
from ivr.model.errors import BadQuery

FLOWS = Path(__file__).parents[2] / "flows" / "bank"
HOTLINE = (FLOWS / "hotline.yaml").read_text(encoding="utf-8")
KNOWLEDGE = (FLOWS / "knowledge.yaml").read_text(encoding="utf-8")


def lines_added(before: str, after: str) -> list[str]:
    """Lines that are new; every old line must still be there, in order."""
    rest, added = before.splitlines(), []
    for line in after.splitlines():
        if rest and line == rest[0]:
            rest.pop(0)
        else:
            added.append(line)
    assert rest == []
    return added


def test_phrases_go_to_the_end_of_a_list_and_nothing_else_changes() -> None:
    after = with_phrases(HOTLINE, "balance", "en", ["what's on my card", 'say "now"', "what is my balance"])
    assert lines_added(HOTLINE, after) == ['        - "what\'s on my card"', '        - "say \\"now\\""']
    phrases = read_yaml(after, "f").content["intents"]["balance"]["phrases"]["en"]
    assert phrases[-2:] == ["what's on my card", 'say "now"']


def test_phrases_go_into_a_list_in_brackets() -> None:
    after = with_phrases(HOTLINE, "balance", "zh", ["卡上还剩多少"])
    before = read_yaml(HOTLINE, "f").content["intents"]["balance"]["phrases"]["zh"]
    assert read_yaml(after, "f").content["intents"]["balance"]["phrases"]["zh"] == [*before, "卡上还剩多少"]
    assert with_phrases("intents: {a: {phrases: {en: []}}}", "a", "en", ["x y"]) == (
        'intents: {a: {phrases: {en: ["x y"]}}}'
    )


def test_a_language_that_was_not_there_and_a_single_phrase() -> None:
    short = "intents:\n  a:\n    phrases:\n      en: hello  # one\n"
    assert read_yaml(with_phrases(short, "a", "en", ["hi"]), "f").content["intents"]["a"]["phrases"]["en"] == [
        "hello",
        "hi",
    ]
    both = with_phrases(short, "a", "zh", ["你好"])
    assert both == short + '      zh: ["你好"]\n'
    assert with_phrases("intents: {a: {phrases: [x]}}\n", "a", "en", ["y"]) == 'intents: {a: {phrases: [x, "y"]}}\n'
    braces = "intents: {a: {phrases: {en: [x]}}}\n"
    assert with_phrases(braces, "a", "zh", ["你好"]) == 'intents: {a: {phrases: {en: [x], zh: ["你好"]}}}\n'


def test_what_is_known_already_changes_nothing() -> None:
    assert with_phrases(HOTLINE, "balance", "en", ["what is my balance"]) == HOTLINE


def test_a_new_intent_leads_somewhere_from_anywhere() -> None:
    after = with_intent(HOTLINE, "open_savings", "en", ["open a savings account", "a {new} [account]"], "to_person")
    content = read_yaml(after, "f").content
    assert content["intents"]["open_savings"] == {"phrases": {"en": ["open a savings account", "a new account"]}}
    assert content["anywhere"]["open_savings"] == "to_person"
    assert len(lines_added(HOTLINE, after)) == 6
    with_braces = with_intent("intents:\n  a: {phrases: [x]}\nanywhere: { a: b }\n", "c", "en", ["y"], "b")
    assert with_braces.endswith("anywhere: { a: b, c: b }\n")
    without = with_intent("intents:\n  a: {phrases: [x]}", "c", "en", ["y"], "b")
    assert read_yaml(without, "f").content["anywhere"] == {"c": "b"}


def test_questions_and_new_entries_of_a_knowledge_file() -> None:
    after = with_questions(KNOWLEDGE, "opening_hours", "zh", ["几点上班"])
    assert read_yaml(after, "k").content["entries"]["opening_hours"]["questions"]["zh"][-1] == "几点上班"
    new = with_entry(KNOWLEDGE, "gold_bars", "en", ["how much is a safe deposit box"], "Ninety a year.")
    assert lines_added(KNOWLEDGE, new)[0] == "  gold_bars:"
    assert read_yaml(new, "k").content["entries"]["gold_bars"]["answer"] == {"en": "Ninety a year."}
    open_one = with_entry(KNOWLEDGE, "gold_bars", "zh", ["保险箱多少钱"])
    assert "暂时" in read_yaml(open_one, "k").content["entries"]["gold_bars"]["answer"]["zh"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a\n", "no keys"), ("intents: {}\n", "has no intents.balance"),
        ("intents: {balance: {phrases: {en: [x]}}}\n", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_patched_is_told(text: str, why: str) -> None:
    if not why:
        with pytest.raises(BadQuery, match="at least one"):
            with_phrases(text, "balance", "en", ["{}"])
        return
    with pytest.raises(BadQuery, match=why):
        with_phrases(text, "balance", "en", ["x"])


def test_names_that_are_taken_empty_sections_and_braces_are_told() -> None:
    with pytest.raises(BadQuery, match="already"):
        with_intent(HOTLINE, "balance", "en", ["x"], "to_person")
    with pytest.raises(BadQuery, match="by hand"):
        with_intent("intents: {}\n", "a", "en", ["x"], "b")
    with pytest.raises(BadQuery, match="line by line"):
        with_intent("intents: {b: {phrases: [x]}}\n", "a", "en", ["x"], "b")
