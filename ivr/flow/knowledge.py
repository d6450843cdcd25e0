"""Pure: knowledge files: questions callers ask, and what they are told.

An entry whose answer depends on one thing (a currency, a model) is ONE entry: its questions hold `{list}`, and
`answers:` gives the answer for each value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from pydantic import Field, ValidationError

from ivr.flow.fill import places
from ivr.flow.parsing import explained
from ivr.flow.problems import FlowProblems, Problem, did_you_mean
from ivr.flow.schema_steps import Names, Part, Words
from ivr.flow.tables import Table, read_table
from ivr.flow.yaml_lines import Document, read_yaml

_NOWHERE = Document({}, {})


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
    tables: Names = ()
    """Tables (`ivr.flow.tables`) beside this file, whose questions may hold its lists."""

    entries: dict[str, Entry] = Field(default={}, min_length=1)


@dataclass(frozen=True, slots=True)
class ParsedKnowledge:
    """A knowledge file that has the right shape, and where each part of it stands."""

    file: KnowledgeFile
    document: Document
    name: str
    """Path of the file as it is shown to people."""

    tables: tuple[Table, ...] = ()

    def place(self, path: tuple[str, ...]) -> tuple[str, int]:
        """File and line of an entry, or of the nearest one above it."""
        table = next((table for table in self.tables if path[:1] == ("entries",) and path[1] in table.rows), None)
        return (table.name, table.line(path)) if table else (self.name, self.document.line(path))


def source_of(flow: str, written: str) -> str:
    """What tells knowledge files apart: the flow (its `flow:` line) and the file as its `answer:` step names it."""
    return f"{flow}/{written}"


def parse_knowledge(text: str, name: str, text_of: Callable[[str], str] | None = None) -> ParsedKnowledge:
    """Read one file, YAML or (by its name) CSV.

    Args:
        text_of: gives the text of a table beside it, by its path as it is written; raises OSError.

    Raises:
        FlowProblems: it is not a knowledge file; holds every mistake.
    """
    if name.endswith(".csv"):
        return _of_table(text, name)
    document = read_yaml(text, name)
    if not isinstance(document.content, dict) or not {"entries", "tables"} & document.content.keys():
        why = "this is not a knowledge file: `entries:` is missing."
        raise FlowProblems([Problem(name, 1, "", why, "See docs/flows.md, answer.", code="shape")])
    try:
        parsed = ParsedKnowledge(KnowledgeFile.model_validate(document.content), document, name)
    except ValidationError as error:
        raise FlowProblems(explained(error, document, name, (), KnowledgeFile.model_fields)) from error
    return _with_tables(parsed, text_of or _no_text) if parsed.file.tables else parsed


def _no_text(written: str) -> str:
    raise FileNotFoundError(written)


def _of_table(text: str, name: str) -> ParsedKnowledge:
    table = read_table(text, name)
    if table.problems:
        raise FlowProblems(table.problems)
    if not table.rows:
        raise FlowProblems([Problem(name, 1, "", "there is no question in it.", code="too_short")])
    return ParsedKnowledge(KnowledgeFile(knowledge="table", entries=_entries(table)), _NOWHERE, name, (table,))


def _with_tables(parsed: ParsedKnowledge, text_of: Callable[[str], str]) -> ParsedKnowledge:
    """The same with the entries of the tables it names."""
    file, entries, problems = parsed.file, dict(parsed.file.entries), list[Problem]()
    tables = []
    for number, written in enumerate(file.tables):
        line = parsed.document.line(("tables", str(number)))
        try:
            table = read_table(text_of(written), (PurePath(parsed.name).parent / written).as_posix())
        except (OSError, UnicodeDecodeError):
            why = f"the table '{written}' cannot be read."
            problems.append(Problem(parsed.name, line, "", why, "Put it beside this file.", code="knowledge"))
            continue
        problems += table.problems
        for name in table.rows.keys() & entries.keys():
            why = f"there is another entry '{name}', in {parsed.place(('entries', name))[0]} or a table before."
            problems.append(Problem(table.name, table.line(("entries", name)), "", why, "Rename one.", code="twice"))
        entries |= _entries(table)
        tables.append(table)
    if problems:
        raise FlowProblems(problems)
    whole = file.model_copy(update={"entries": entries})
    return ParsedKnowledge(whole, parsed.document, parsed.name, tuple(tables))


def _entries(table: Table) -> dict[str, Entry]:
    """Nothing of a table can have the wrong shape: it is not examined again, which halves the time of a large one."""
    return {
        name: Entry.model_construct(
            questions=_texts_of(row.questions),
            answer=_texts_of(row.answer),
            answers={value: _texts_of(words) for value, words in row.answers.items()},
        )
        for name, row in table.rows.items()
    }


def _texts_of(words: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(texts) for language, texts in words.items()}


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
                other = asked.setdefault((language or languages[0], " ".join(text.casefold().split())), name)
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
    return Problem(*parsed.place(path), "", why, remedy, code=code)
