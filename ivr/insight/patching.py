"""Pure: a proposal written into a flow file or a knowledge file. What is not touched stays letter for letter.

The text is not written anew from a parsed tree, which would lose how people laid it out: the place is looked up in the
tree, and lines go in there.
"""

import json
import re
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivr.model.errors import BadQuery

NO_ANSWER = {
    "en": "I don't have the answer to that yet. Please ask for a person.",
    "zh": "这个问题我暂时还答不上来,您可以转人工咨询。",
}
"""Stands in a new entry until the trainer has written the answer."""

_SYNTAX = re.compile(r"[\[\]{}|<>]")
"""Letters that mean something in phrases."""


def with_phrases(text: str, intent: str, language: str, phrases: Sequence[str]) -> str:
    """A flow file with more example phrases for an intent.

    Raises:
        BadQuery: the file has no such intent.
    """
    return _with_words(text, ("intents", intent, "phrases"), language, phrases)


def with_questions(text: str, entry: str, language: str, questions: Sequence[str]) -> str:
    """A knowledge file with more ways to ask for an entry.

    Raises:
        BadQuery: the file has no such entry.
    """
    return _with_words(text, ("entries", entry, "questions"), language, questions)


def with_intent(text: str, intent: str, language: str, phrases: Sequence[str], leads_to: str) -> str:
    """A flow file with a new intent that leads to a step from anywhere, until somebody gives it steps of its own.

    Raises:
        BadQuery: there is one of that name.
    """
    said = _worded(phrases)
    lines = [f"{intent}:", "  phrases:", f"    {language}:", *(f"      - {one}" for one in said)]
    return _appended(_appended(text, "intents", intent, lines), "anywhere", intent, [f"{intent}: {leads_to}"])


def with_entry(text: str, entry: str, language: str, questions: Sequence[str], answer: str = "") -> str:
    """A knowledge file with a new entry; without an answer it holds a sentence that says so.

    Raises:
        BadQuery: there is one of that name.
    """
    told = json.dumps(answer.strip() or NO_ANSWER.get(language, NO_ANSWER["en"]), ensure_ascii=False)
    asked = [f"      - {one}" for one in _worded(questions)]
    lines = [f"{entry}:", "  questions:", f"    {language}:", *asked, "  answer:", f"    {language}: {told}"]
    return _appended(text, "entries", entry, lines)


def _worded(phrases: Sequence[str]) -> list[str]:
    """Quoted for YAML, without letters that are syntax, each once.

    Raises:
        BadQuery: nothing is left.
    """
    plain = [" ".join(_SYNTAX.sub(" ", phrase).split()) for phrase in phrases]
    found = [json.dumps(phrase, ensure_ascii=False) for phrase in dict.fromkeys(plain) if phrase]
    if not found:
        raise BadQuery("phrases: at least one with words in it")
    return found


def _root(text: str) -> MappingNode:
    root = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        raise BadQuery("the file holds no keys")
    return root


def _child(node: Node, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _with_words(text: str, path: Sequence[str], language: str, phrases: Sequence[str]) -> str:
    node: Node = _root(text)
    for key in path:
        below = _child(node, key)
        if below is None:
            raise BadQuery(f"the file has no {'.'.join(path)}")
        node = below
    # A file of one language may write its words without saying which.
    words = _child(node, language) if isinstance(node, MappingNode) else node
    known = {one.value for one in words.value} if isinstance(words, SequenceNode) else set()
    said = [one for one in _worded(phrases) if json.loads(one) not in known]
    if not said:
        return text
    if isinstance(words, SequenceNode):
        return _extended(text, words, said)
    if isinstance(words, ScalarNode):
        first = text[words.start_mark.index : words.end_mark.index]
        listed = f"[{', '.join([first, *said])}]"
        return text[: words.start_mark.index] + listed + text[words.end_mark.index :]
    assert isinstance(node, MappingNode)
    return _keyed(text, node, f"{language}: [{', '.join(said)}]")


def _extended(text: str, words: SequenceNode, said: Sequence[str]) -> str:
    if words.flow_style:
        at = words.end_mark.index - 1
        # Behind the last entry, not behind the space before the bracket.
        end = len(text[:at].rstrip().rstrip(","))
        return text[:end] + ("" if not words.value else ", ") + ", ".join(said) + text[at:]
    return _below(text, words, [f"- {one}" for one in said], words.start_mark.column)


def _keyed(text: str, node: MappingNode, line: str) -> str:
    if node.flow_style:
        at = node.end_mark.index - 1
        end = len(text[:at].rstrip().rstrip(","))
        return text[:end] + (", " if node.value else " ") + line + text[end:at] + text[at:]
    return _below(text, node, [line], node.start_mark.column)


def _appended(text: str, section: str, key: str, lines: Sequence[str]) -> str:
    """New lines at the end of a section of the file; the section too, where there is none."""
    node = _child(_root(text), section)
    if node is not None and _child(node, key) is not None:
        raise BadQuery(f"{section}: there is a {key} already")
    if not isinstance(node, MappingNode) or not node.value:
        if node is not None:
            raise BadQuery(f"{section}: is empty; write one entry by hand first")
        return text.rstrip("\n") + f"\n\n{section}:\n" + "".join(f"  {line}\n" for line in lines)
    if node.flow_style:
        if len(lines) > 1:
            raise BadQuery(f"{section}: stands in braces; write it line by line first")
        return _keyed(text, node, lines[0])
    return _below(text, node, lines, node.start_mark.column)


def _below(text: str, node: Node, lines: Sequence[str], column: int) -> str:
    """Put lines behind the last line of a block."""
    rows = text.splitlines(keepends=True)
    last = _last_line(node)
    if rows and not rows[last].endswith("\n"):
        rows[last] += "\n"
    return "".join([*rows[: last + 1], *(" " * column + line + "\n" for line in lines), *rows[last + 1 :]])


def _last_line(node: Node) -> int:
    """Of what is written; a block itself ends only where the next one begins, behind comments and empty lines."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return max(_last_line(part) for part in node.value[-1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1])
    mark = node.end_mark
    return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
