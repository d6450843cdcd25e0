"""Pure: knowledge files: questions callers ask, and what they are told.

An entry whose answer depends on one thing (a currency, a model) is ONE entry: its questions hold `{list}`, and
`answers:` gives the answer for each value.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from pydantic import Field, ValidationError

from ivr.flow.fill import places
from ivr.flow.parsing import explained
from ivr.flow.problems import FlowProblems, Problem, did_you_mean
from ivr.flow.schema_steps import Part, Words
from ivr.flow.yaml_lines import Document, read_yaml

COLUMNS = ("name", "language", "question", "answer")
"""Of a knowledge file that is a table (`.csv`): one question a line; the answer may stand on the first one only."""


class Entry(Part):
    """One question in all its wordings, and its answer."""

    questions: Words
    answer: Words
    answers: dict[str, Words] = {}
    """By value of the list that the questions hold, where the answer depends on it."""

    def slots(self) -> tuple[str, ...]:
        """Lists that the questions speak of."""
        named = (name for texts in self.questions.values() for text in texts for name, _ in places(text))
        return tuple(dict.fromkeys(named))


class KnowledgeFile(Part):
    """One knowledge file of the supervisor."""

    knowledge: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    lists: dict[str, dict[str, Words]] = {}
    entries: dict[str, Entry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class ParsedKnowledge:
    """A knowledge file that has the right shape, and where each part of it stands."""

    file: KnowledgeFile
    document: Document
    name: str
    """Path of the file as it is shown to people."""


def source_of(flow: str, written: str) -> str:
    """What tells knowledge files apart: the flow (its `flow:` line) and the file as its `answer:` step names it."""
    return f"{flow}/{written}"


def parse_knowledge(text: str, name: str) -> ParsedKnowledge:
    """Read one file, YAML or (by its name) CSV.

    Raises:
        FlowProblems: it is not a knowledge file; holds every mistake.
    """
    document = _read_table(text, name) if name.endswith(".csv") else read_yaml(text, name)
    if not isinstance(document.content, dict) or "entries" not in document.content:
        why = "this is not a knowledge file: `entries:` is missing."
        raise FlowProblems([Problem(name, 1, "", why, "See docs/flows.md, answer.", code="shape")])
    try:
        return ParsedKnowledge(KnowledgeFile.model_validate(document.content), document, name)
    except ValidationError as error:
        raise FlowProblems(explained(error, document, name, (), KnowledgeFile.model_fields)) from error


def _read_table(text: str, name: str) -> Document:
    """A table as the same nested content as YAML, with the line of each question."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        why = f"the first line has to name the columns {', '.join(COLUMNS)}; {', '.join(missing)} is missing."
        raise FlowProblems([Problem(name, 1, "", why, code="shape")])
    entries: dict[str, dict[str, dict[str, list[str]]]] = {}
    lines: dict[tuple[str, ...], int] = {(): 1}
    for line, key, language, question, answer in _rows(rows):
        entry = entries.setdefault(key, {"questions": {}, "answer": {}})
        wordings = entry["questions"].setdefault(language, [])
        lines.setdefault(("entries", key), line)
        lines[("entries", key, "questions", language, str(len(wordings)))] = line
        wordings.append(question)
        if answer:
            entry["answer"].setdefault(language, [answer])
    return Document({"knowledge": "table", "entries": entries}, lines)


def _rows(rows: "csv.DictReader[str]") -> Iterator[tuple[int, str, str, str, str]]:
    """Line, name, language, question, answer of each row that has a question."""
    for row in rows:
        key, language, question, answer = ((row[column] or "").strip() for column in COLUMNS)
        if question:
            yield rows.line_num, key or question, language, question, answer


def check_knowledge_file(parsed: ParsedKnowledge, languages: tuple[str, ...]) -> Iterator[Problem]:
    """All that would go wrong with a knowledge file in a flow that speaks these languages."""
    asked: dict[tuple[str, str], str] = {}
    for name, entry in parsed.file.entries.items():
        path = ("entries", name)
        for field, words in _texts(entry):
            yield from _languages(parsed, (*path, *field), words, languages)
        yield from _places(parsed, path, entry)
        for language, texts in entry.questions.items():
            for number, text in enumerate(texts):
                other = asked.setdefault((language, " ".join(text.casefold().split())), name)
                if other != name:
                    why = f"'{text}' is a question of '{name}' and of '{other}'."
                    where = (*path, "questions", language, str(number))
                    yield _problem(parsed, where, why, "Keep it in one of them.", code="phrases_collide")
    for name, values in parsed.file.lists.items():
        for value, words in values.items():
            yield from _languages(parsed, ("lists", name, value), words, languages)


def _texts(entry: Entry) -> Iterator[tuple[tuple[str, ...], Words]]:
    yield ("questions",), entry.questions
    yield ("answer",), entry.answer
    for value, words in entry.answers.items():
        yield ("answers", value), words


def _languages(
    parsed: ParsedKnowledge, path: tuple[str, ...], words: Words, languages: tuple[str, ...]
) -> Iterator[Problem]:
    if "" in words:
        if len(languages) > 1:
            why = f"this text has no language, but the flow speaks {', '.join(languages)}."
            yield _problem(parsed, path, why, f"Write `{languages[0]}:` … below it.", code="language")
        return
    for language in languages:
        if not any(text.strip() for text in words.get(language, ())):
            why = f"'{'.'.join(path[1:])}' has no text in '{language}'."
            yield _problem(parsed, path, why, f"Add `{language}:`.", code="language")


def _places(parsed: ParsedKnowledge, path: tuple[str, ...], entry: Entry) -> Iterator[Problem]:
    """Every `{list}` is a list, an answer only tells what the question said, every value is in its list."""
    lists, slots = parsed.file.lists, entry.slots()
    for name in slots:
        if name not in lists:
            why = f"a question of '{path[1]}' holds {{{name}}}, but there is no such list."
            yield _problem(parsed, (*path, "questions"), why, did_you_mean(name, lists), code="unknown_list")
    for field, words in _texts(entry):
        said = {name for texts in words.values() for text in texts for name, _ in places(text)}
        for name in sorted(said - set(slots)):
            why = f"the answer tells {{{name}}}, which no question of '{path[1]}' holds."
            yield _problem(parsed, (*path, *field), why, did_you_mean(name, slots), code="undefined_variable")
        told = sorted(said & set(slots)) if field == ("answer",) else []
        if told:
            why = f"'answer' of '{path[1]}' is also told to who did not say {{{told[0]}}}."
            yield _problem(parsed, (*path, *field), why, "Put it into `answers:`.", code="undefined_variable")
    values = [value for name in slots for value in lists.get(name, {})]
    for value in entry.answers:
        if value not in values:
            why = f"'{value}' is in no list that the questions of '{path[1]}' hold."
            yield _problem(parsed, (*path, "answers", value), why, did_you_mean(value, values), code="unknown_value")


def _problem(parsed: ParsedKnowledge, path: tuple[str, ...], why: str, remedy: str = "", *, code: str) -> Problem:
    return Problem(parsed.name, parsed.document.line(path), "", why, remedy, code=code)
