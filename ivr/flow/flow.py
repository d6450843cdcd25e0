"""Pure: a flow that is ready to run: its file, the files of its subflows, and how values are worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.flow.fill import Wording
from ivr.flow.knowledge import KnowledgeFile
from ivr.flow.problems import Problem
from ivr.flow.progress import Frame
from ivr.flow.schema import FlowFile, Intent
from ivr.flow.schema_steps import CollectStep, MenuStep, MessageStep, SetStep, Step, SubflowStep

RESERVED = ("intent", "escalation_reason", "status")
"""Variables the engine fills: the intent acted on, why the caller goes to a person, status of the last fetch.
`language` can be read like one."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Immutable and shared by all calls. Made by `ivr.flow.loader.load_flow`."""

    main: FlowFile
    files: Mapping[str, FlowFile]
    """By flow name; holds the main file too."""

    wording: Mapping[str, Wording] = field(default_factory=dict)
    version: str = ""
    """First 12 hex digits of the SHA-256 of all its texts."""

    source: str = ""
    """Path of the main file, as it was given."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """All files by path: what `ivr.flow.loader.flow_of_texts` makes the same flow of."""

    warnings: tuple[Problem, ...] = ()
    knowledge: Mapping[str, KnowledgeFile] = field(default_factory=dict)
    """Knowledge files by `source_of`."""

    @property
    def name(self) -> str:
        return self.main.flow

    @property
    def languages(self) -> tuple[str, ...]:
        return self.main.languages

    def file(self, frame: Frame) -> FlowFile:
        return self.files[frame.flow]

    def step(self, frame: Frame) -> Step:
        return self.files[frame.flow].steps[frame.step]

    def intent(self, name: str) -> Intent | None:
        """An intent by name: of the main file, else of a subflow, as in the vocabulary."""
        for file in (self.main, *self.files.values()):
            if name in file.intents:
                return file.intents[name]
        return None

    def worded_by(self, wording: Mapping[str, Wording]) -> "Flow":
        """The same flow with other wordings."""
        return replace(self, wording=dict(wording))


def words_in(words: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """The texts in a language, else those of a flow that has only one, else none."""
    return words.get(language) or words.get("") or ()


def variables_of(file: FlowFile) -> dict[str, Any]:
    """Every variable of a file with its first value; empty text where none is given."""
    names: dict[str, Any] = dict.fromkeys((*file.needs, *file.slots, *RESERVED), "")
    for step in file.steps.values():
        names.update(dict.fromkeys(written_by(step), ""))
    return {**names, **file.variables}


def written_by(step: Step) -> tuple[str, ...]:
    """Variables a step gives a value to."""
    if isinstance(step, SetStep):
        return tuple(step.set)
    if isinstance(step, CollectStep):
        return step.collect
    if isinstance(step, MenuStep):
        return (step.remember,) if step.remember else ()
    if isinstance(step, SubflowStep):
        return tuple(step.take)
    if isinstance(step, MessageStep):
        return (step.message,)
    return tuple(getattr(step, "remember", ()) or ())
