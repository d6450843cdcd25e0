"""Every flow that ships loads without a finding, and every conversation beside it goes as written."""

from pathlib import Path

import pytest

from ivr.flow.conversation import Script, read_conversations, rehearse
from ivr.flow.driving import EngineDriver
from ivr.flow.loader import load_flow, read_flow

FLOWS = Path(__file__).parents[2] / "flows"
FILES = sorted(path for path in FLOWS.glob("*/*.yaml") if path.name != "knowledge.yaml")
SCRIPTS = [
    (path, script)
    for path in sorted(FLOWS.glob("*/tests/*.yaml"))
    for script in read_conversations(path.read_text(encoding="utf-8"), str(path.relative_to(FLOWS)))
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_flow_has_no_finding(path: Path) -> None:
    flow, problems = read_flow(path)
    assert flow is not None
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("path", "script"), SCRIPTS, ids=[f"{path.stem}: {script.name}" for path, script in SCRIPTS])
def test_a_shipped_conversation_goes_as_written(path: Path, script: Script) -> None:
    flow = load_flow(path.parents[1] / script.flow)
    assert rehearse(script, EngineDriver(flow, script)) == []
