"""Every flow that ships loads without a finding, and every conversation beside it goes as written: with the engine's
own plain understanding, and with the real one and real wordings."""

from functools import cache
from pathlib import Path

import pytest

from ivr.flow.conversation import Script, read_conversations, rehearse
from ivr.flow.driving import EngineDriver
from ivr.flow.flow import Flow
from ivr.flow.loader import load_flow, read_flow
from ivr.flow.vocabulary import vocabulary
from ivr.insight.feeling import Feeling
from ivr.model.errors import ModelMissing
from ivr.model.ports import Understanding
from ivr.wiring.flows import wordings
from tests.understood import understood as learned

FLOWS = Path(__file__).parents[2] / "flows"
FILES = sorted(path for path in FLOWS.glob("*/*.yaml") if path.name != "knowledge.yaml")
SCRIPTS = [
    (path, script)
    for path in sorted(FLOWS.glob("*/tests/*.yaml"))
    for script in read_conversations(path.read_text(encoding="utf-8"), str(path.relative_to(FLOWS)))
]


def each(scripts: list[tuple[Path, Script]]) -> pytest.MarkDecorator:
    names = [f"{path.stem}: {script.name}" for path, script in scripts]
    return pytest.mark.parametrize(("path", "script"), scripts, ids=names)


every_script = each(SCRIPTS)
every_plain_script = each([(path, script) for path, script in SCRIPTS if not script.real])
"""Those whose callers do not speak more freely than the plain understanding can follow."""


@cache
def loaded(path: Path) -> Flow:
    return load_flow(path)


@cache
def understood(path: Path) -> tuple[Flow, Understanding]:
    flow = load_flow(path, wordings())
    return flow, learned({language: vocabulary(flow, language) for language in flow.languages})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_flow_has_no_finding(path: Path) -> None:
    flow, problems = read_flow(path)
    assert flow is not None
    assert [str(problem) for problem in problems] == []


@every_plain_script
def test_a_shipped_conversation_goes_as_written(path: Path, script: Script) -> None:
    flow = loaded(path.parents[1] / script.flow)
    assert rehearse(script, EngineDriver(flow, script, feel=Feeling())) == []


@every_script
def test_a_shipped_conversation_goes_as_written_with_the_real_understanding(path: Path, script: Script) -> None:
    try:
        flow, understanding = understood(path.parents[1] / script.flow)
    except ModelMissing as error:
        pytest.skip(str(error))
    assert rehearse(script, EngineDriver(flow, script, dict.fromkeys(flow.languages, understanding), Feeling())) == []
