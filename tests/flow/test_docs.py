"""Every example in docs/flows.md is one that works."""

import re
from pathlib import Path

import pytest

from ivr.flow.conversation import read_conversations
from ivr.flow.finding import WORD_FIELDS
from ivr.flow.knowledge import check_knowledge_file, parse_knowledge
from ivr.flow.parsing import parse
from ivr.flow.schema_steps import VERBS
from tests.flow.kit import findings

DOCS = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
STEPS = [example for example in EXAMPLES if not example.startswith(("flow:", "knowledge:"))]
KNOWLEDGE = [example for example in EXAMPLES if example.startswith("knowledge:")]


def test_the_first_flow_has_no_finding() -> None:
    assert findings(EXAMPLES[0]) == []


@pytest.mark.parametrize("example", STEPS, ids=[example.split(":")[0] for example in STEPS])
def test_an_example_step_has_its_shape(example: str) -> None:
    parse(f"flow: test\nstart: a\nsteps:\n{re.sub('(?m)^', '  ', example)}", "docs/flows.md")


@pytest.mark.parametrize("example", KNOWLEDGE, ids=["entries", "table"])
def test_an_example_of_a_knowledge_file_has_no_finding(example: str) -> None:
    (table,) = re.findall(r"```csv\n(.*?)```", DOCS, re.DOTALL)
    parsed = parse_knowledge(example, "docs/flows.md", {"cards.csv": table}.__getitem__)
    assert list(check_knowledge_file(parsed, ("en",))) == []
    assert parsed.file.entries["limit"].answers


def test_every_verb_has_an_example() -> None:
    shown = {line.strip().split(":")[0] for example in STEPS for line in example.splitlines()}
    assert set(VERBS) <= shown
    assert "say" in WORD_FIELDS


def test_the_example_conversation_can_be_read() -> None:
    scripts = read_conversations(EXAMPLES[-1], "docs/flows.md")
    assert [script.name for script in scripts] == ["a branch by the lake"]
