"""The JSON Schema that editors use: what ships is right by it, and what a supervisor mistypes is not."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ivr.flow.json_schema import flow_json_schema
from ivr.flow.loader import read_flow
from ivr.flow.yaml_lines import read_yaml
from tests.flow.kit import write

FOLDER = Path(__file__).parents[2]
SHIPPED = sorted(path for path in FOLDER.glob("flows/*/*.yaml") if path.name != "knowledge.yaml")
SCHEMA = flow_json_schema()
READER = Draft202012Validator(SCHEMA)


def wrong(text: str) -> list[str]:
    """Where an editor would mark the text: the deepest place of each mistake."""
    found = READER.iter_errors(read_yaml(text, "test.yaml").content)
    return sorted(".".join(map(str, error.absolute_path)) for error in found)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SHIPPED


@pytest.mark.parametrize("path", [*SHIPPED, FOLDER / "benchmarks/flows/coffee.yaml"], ids=lambda path: path.stem)
def test_what_ships_is_right_by_the_schema(path: Path) -> None:
    assert wrong(path.read_text(encoding="utf-8")) == []


ALL = """
start: { ask: [Hello., Yes?], intents: { branch: where }, keys: { "1": turn }, yes: bye, no: bye, tries: 2 }
where: { collect: [place, last4], prompt: { en: Where? }, each: { place: [Where?] }, check: place != '', then: sure }
sure: { confirm: "{place}?", severity: severe, correct: { place: where }, yes: pick, no: bye }
pick: { menu: Which?, choices: [{ hear: [one, 1], key: "1", then: turn }], remember: which }
turn: { branch: [{ when: 1 == 1, then: fill }], otherwise: bye }
fill: { set: { n: 1, t: text, l: [1, 2] }, language: en, then: get }
get: { fetch: "http://x", method: POST, body: { a: 1, b: [x] }, on: { "404": bye }, then: faq, failed: bye }
faq: { answer: knowledge.yaml, threshold: 0.5, then: keep, not_found: bye }
keep: { note: { outcome: 1 }, then: word }
word: { message: comment, longest_seconds: 60, then: other, otherwise: bye }
other: { subflow: inner, give: { a: 1 }, take: { b: c }, on: { found: bye }, then: spec }
spec: { transfer: desk, summary: Hm., on: { busy: bye }, otherwise: bye }
back: { return: found }
quiet: { say: { en: [A., B.], zh: 您好。 }, barge_in: false, then: bye }
"""


def test_every_step_may_be_written_in_every_way_that_the_loader_takes() -> None:
    head = """
languages: [en, zh]
slots: { place: { kind: text }, last4: { kind: digits, length: [4, 6], keys: { '1': a } } }
intents: { branch: { title: T, phrases: { en: [a, 2], zh: 三 } } }
lists: { size: { big: [large, 9], 1: one } }
"""
    text = write(ALL, head)
    assert wrong(text) == []
    problems = read_flow("test.yaml", read=lambda path: text if path.name == "test.yaml" else "flow: inner")[1]
    assert not [
        one for one in problems if one.file == "test.yaml" and one.code in ("extra_forbidden", "verb", "missing")
    ]


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("agent: person", "agnet: person", ""),
        ("start: start\n", "", ""),
        ("flow: test", "flow: My Flow", "flow"),
        ("kind: text", "kind: text, sceret: true", "slots.place"),
        ("kind: text", "kind: text, severity: sever", "slots.place.severity"),
        ("then: bye }", "thne: bye }", "steps.it"),
        ("say: Hello.", "shout: Hello.", "steps.it"),
        ("say: Hello., then: bye", "say: Hello.", "steps.it"),
        ("say: Hello.", "say: { en: { a: b } }", "steps.it"),
        ("say: Hello., then: bye", "ask: Yes?, keys: { '12': bye }", "steps.it"),
        ("say: Hello., then: bye", "menu: Which?, choices: []", "steps.it"),
        ("say: Hello., then: bye", "branch: [{ when: 1 == 1 }], otherwise: bye", "steps.it"),
        ("say: Hello.", "fetch: http://x, method: BREW", "steps.it"),
        ("say: Hello.", "fetch: http://x, retries: 9", "steps.it"),
    ],
)  # fmt: skip
def test_typical_mistakes_are_marked(old: str, new: str, marked: str) -> None:
    text = write(
        "start: { ask: Hm?, yes: it, no: bye }\nit: { say: Hello., then: bye }", "slots: { place: { kind: text } }"
    )
    assert wrong(text) == []
    assert old in text
    changed = text.replace(old, new)
    assert marked in wrong(changed)
    assert any(one.level == "error" for one in read_flow("test.yaml", read=lambda path: changed)[1])


def test_every_step_is_offered_by_its_verb() -> None:
    steps: list[dict[str, Any]] = SCHEMA["properties"]["steps"]["additionalProperties"]["anyOf"]
    titles = [SCHEMA["$defs"][step["$ref"].rsplit("/", 1)[1]]["title"] for step in steps]
    assert len(titles) == len(set(titles)) == 17
