"""Conversation tests on the real understanding."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.call.dialogue import FlowDialogue
from ivr.config import Config
from ivr.flow.conversation import Script, read_conversations, rehearse
from ivr.flow.driving import EngineDriver
from ivr.flow.loader import load_flow
from ivr.flow.problems import ConversationsFailed
from ivr.insight.feeling import Feeling
from ivr.model.ports import Understanding
from ivr.wiring.flows import FlowShelf, wordings


def conversations_of(config: Config, flow: str) -> list[tuple[Path, Script]]:
    """The conversations of a flow, a folder, or (empty) all, each with the path of its flow file.

    Raises:
        FlowProblems: a test file has mistakes.
    """
    found = []
    for path in sorted(config.flows.folder.glob("**/tests/*.yaml")):
        for script in read_conversations(path.read_text(encoding="utf-8"), str(path)):
            of = path.parents[1] / script.flow
            name = of.relative_to(config.flows.folder).with_suffix("").as_posix()
            if flow in ("", name, path.parents[1].name):
                found.append((of, script))
    return found


def rehearsed(config: Config, dialogue: FlowDialogue, understanding: Understanding) -> int:
    """Play every conversation that lies beside a flow of the folder against this version of it; how many there are.

    Raises:
        FlowProblems: a test file has mistakes.
        ConversationsFailed: some went differently.
    """
    languages = dict.fromkeys(dialogue.flow.languages, understanding)
    main = config.flows.folder / f"{dialogue.name}.yaml"
    scripts = [script for path, script in conversations_of(config, dialogue.name) if path == main]
    failures = [rehearse(script, EngineDriver(dialogue.flow, script, languages, Feeling())) for script in scripts]
    if any(failures):
        raise ConversationsFailed([line for each in failures for line in each], sum(map(bool, failures)), len(scripts))
    return len(scripts)


@dataclass(slots=True)
class Rehearsing:
    config: Config
    heard_as: Callable[[Understanding], Understanding] = lambda understanding: understanding
    """What stands between the words of a test and the understanding of the flow."""

    _flows: dict[Path, tuple[FlowDialogue, Understanding]] = field(default_factory=dict)

    def flow(self, path: Path) -> tuple[FlowDialogue, Understanding]:
        """A flow file, learned once.

        Raises:
            FlowProblems: it is wrong.
        """
        if path not in self._flows:
            shelf = FlowShelf(self.config)
            dialogue = shelf.learned(str(path), load_flow(path, wordings()))
            self._flows[path] = dialogue, self.heard_as(shelf.understanding(dialogue))
        return self._flows[path]

    def play(self, path: Path, script: Script) -> list[str]:
        """What went differently; empty if nothing did."""
        dialogue, understanding = self.flow(path)
        languages = dict.fromkeys(dialogue.flow.languages, understanding)
        return rehearse(script, EngineDriver(dialogue.flow, script, languages, Feeling()))
