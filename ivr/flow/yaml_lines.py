"""Pure: YAML as a person means it, with the line of every entry.

YAML 1.2 words: only `true` and `false` are truth values, so that `yes: book_it` is a key called "yes";
`17:00` and `007` stay text. Anchors and aliases are refused: a flow has to be readable top to bottom.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, Event
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from ivr.flow.problems import FlowProblems, Problem
from ivr.flow.yaml_mistakes import yaml_mistake

Path = tuple[str, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_MAY_BE_SIGN = re.compile(r"""(?<![^\s\[\]{},:?-])[*&!][^\s"'*&=]""")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values, and the line (from 1) where each begins, by its path of keys."""

    content: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Line of the entry at `path`, or of the nearest entry above it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, file: str) -> Document:
    """Read one YAML document.

    Raises:
        FlowProblems: it is not YAML, uses an anchor, or gives the same key twice.
    """
    try:
        # Reading takes longest of all: only a text that can hold an alias, anchor or tag is read twice.
        events = YAML(typ="safe", pure=True).parse(text) if _MAY_BE_SIGN.search(text) else ()
        anchored = next((event for event in events if _sign(event)), None)
        node = None if anchored else YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise FlowProblems([yaml_mistake(error, text, file)]) from error
    except YAMLError as error:
        why = "the file holds characters that may not stand in YAML."
        raise FlowProblems([Problem(file, 1, "", why, "Save it as UTF-8 text.", code="yaml")]) from error
    if anchored is not None:
        why = f"no text may begin with {_sign(anchored)}: anchors, aliases and tags are not used in flows."
        line, remedy = anchored.start_mark.line + 1, "Put quotes around it, or write out what it stands for."
        raise FlowProblems([Problem(file, line, "", why, remedy, code="yaml")])
    if node is None:
        raise FlowProblems([Problem(file, 1, "", "the file is empty.", "Begin with `flow: name`.", code="yaml")])
    reader = _Reader(file)
    content = reader.value(node, ())
    if reader.problems:
        raise FlowProblems(reader.problems)
    return Document(content, reader.lines)


def _sign(event: Event) -> str:
    """The sign that makes an event more than plain text, or empty."""
    if isinstance(event, AliasEvent):
        return "*"
    return "&" if getattr(event, "anchor", None) else "!" if getattr(event, "tag", None) else ""


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, str(number))) for number, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in found:
                why = f"'{key}' stands here twice (first on line {self.lines[(*path, key)]})."
                step = path[1] if path[:1] == ("steps",) and len(path) > 1 else ""
                problem = Problem(self.file, line, step, why, "Keep one of them.", code="twice")
                self.problems.append(problem)
                continue
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found


def _scalar(node: Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
