"""Pure: what the checks share: the files, and a list to put findings on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.flow.knowledge import ParsedKnowledge
from ivr.flow.parsing import Parsed
from ivr.flow.problems import Level, Problem
from ivr.flow.schema import FlowFile
from ivr.flow.schema_steps import Step

WORD_FIELDS = (
    "say", "ask", "prompt", "confirm", "menu", "help", "no_input", "no_match", "check_failed", "filler", "summary",
)  # fmt: skip
"""Fields of a step that hold text by language, where their value is not a plain word of its own."""


@dataclass(slots=True)
class Findings:
    """One file under examination."""

    parsed: Parsed
    all: Mapping[str, Parsed]
    knowledge: Mapping[str, ParsedKnowledge] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def file(self) -> FlowFile:
        return self.parsed.file

    def add(self, path: tuple[str, ...], message: str, remedy: str = "", *, code: str, level: Level = "error") -> None:
        """A finding at a path of keys; the step's name is taken from the path."""
        step = path[1] if path[:1] == ("steps",) and len(path) > 1 else ""
        line = self.parsed.line(*path)
        self.problems.append(Problem(self.parsed.name, line, step, message, remedy, level, code))

    def warn(self, path: tuple[str, ...], message: str, remedy: str = "", *, code: str) -> None:
        self.add(path, message, remedy, code=code, level="warning")


def spoken_texts(file: FlowFile) -> Iterator[tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]]:
    """Everything the caller hears that is written in the file, with its path."""
    if file.help:
        yield ("help",), file.help
    for name, words in file.sentences.items():
        yield ("sentences", name), words
    for name, intent in file.intents.items():
        if intent.title:
            yield ("intents", name, "title"), intent.title
    for name, step in file.steps.items():
        yield from ((("steps", name, *path), words) for path, words in spoken_in(step))


def spoken_in(step: Step) -> Iterator[tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]]:
    """The texts of one step."""
    for name in WORD_FIELDS:
        words = getattr(step, name, None)
        if isinstance(words, Mapping) and words:
            yield (name,), words
    for slot, words in getattr(step, "each", {}).items():
        yield ("each", slot), words


def heard_texts(file: FlowFile) -> Iterator[tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]]:
    """Everything the caller may say that is written in the file, with its path."""
    for name, intent in file.intents.items():
        yield ("intents", name, "phrases"), intent.phrases
    for name, values in file.lists.items():
        for value, words in values.items():
            yield ("lists", name, value), words
    for name, step in file.steps.items():
        for number, choice in enumerate(getattr(step, "choices", ())):
            if choice.hear:
                yield ("steps", name, "choices", str(number), "hear"), choice.hear


def texts_in(content: Any) -> Iterator[str]:
    """Every text at any depth of a body."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from texts_in(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from texts_in(value)
