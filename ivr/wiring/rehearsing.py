"""Conversation tests on the real understanding."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.call.dialogue import FlowDialogue
from ivr.config import Config
from ivr.flow.conversation import Script, rehearse
from ivr.flow.driving import EngineDriver
from ivr.flow.loader import load_flow
from ivr.model.ports import Understanding
from ivr.wiring.flows import FlowShelf, wordings


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
        return rehearse(script, EngineDriver(dialogue.flow, script, languages))
