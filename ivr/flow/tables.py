"""Pure: knowledge as a table (`.csv`): one question a line, hundreds of thousands of them if need be.

Columns are `name`, `language`, `question`, `answer`, and `value` where an answer is for one value of a list only.
Lines with the same name are one entry; its answer may stand on any of them.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from ivr.flow.problems import Problem

COLUMNS = ("name", "language", "question", "answer")
VALUE = "value"

MOST_TOLD = 20
"""Bad lines that are told one by one; a table with another separator has nothing but bad lines."""

Path = tuple[str, ...]


@dataclass(slots=True)
class Row:
    """One entry while the table is read, and the lines it stands on."""

    questions: dict[str, list[str]] = field(default_factory=dict)
    answer: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    lines: list[tuple[str, int]] = field(default_factory=list)
    """(language, or `=value` of an answer; line), in order; the first is where the entry begins."""

    def line(self, path: Path) -> int:
        """Of `questions.<language>.<number>`, of `answers.<value>`, else of the entry."""
        if path[:1] == ("questions",) and len(path) == 3 and path[2].isdigit():
            own = [line for kind, line in self.lines if kind == path[1]]
            return own[min(int(path[2]), len(own) - 1)] if own else self.lines[0][1]
        if path[:1] == ("answers",) and len(path) > 1:
            return next((line for kind, line in self.lines if kind == f"={path[1]}"), self.lines[0][1])
        return self.lines[0][1]


@dataclass(slots=True)
class Table:
    """What a table holds, and everything that is wrong with its lines."""

    name: str
    """Path of the file as it is shown to people."""

    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Line of `entries.<name>…`; 1 for what is not in here."""
        row = self.rows.get(path[1]) if path[:1] == ("entries",) and len(path) > 1 else None
        return row.line(path[2:]) if row else 1

    def bad(self, line: int, why: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.name, line, "", why, remedy, code="row"))


def read_table(text: str, name: str) -> Table:
    """Read a table; what is wrong with it is in `Table.problems`, each with its line."""
    table = Table(name)
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        head = [cell.strip() for cell in next(reader, [])]
        missing = [column for column in COLUMNS if column not in head]
        if missing:
            why = f"the first line has to name the columns {', '.join(COLUMNS)}; {', '.join(missing)} is missing."
            table.problems.append(Problem(name, 1, "", why, code="shape"))
            return table
        for line, cells in _numbered(reader):
            _take(table, line, head, cells)
    except csv.Error as error:
        why = f"the line cannot be read: {error}."
        table.bad(reader.line_num, why, 'Put a text with commas or quotes into "…", a quote inside it twice: "".')
    more = len(table.problems) - MOST_TOLD
    if more > 0:
        table.problems[MOST_TOLD:] = [Problem(name, 0, "", f"{more} more lines are wrong.", code="row")]
    return table


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line it begins on (a quoted text may go over several)."""
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _take(table: Table, line: int, head: list[str], cells: list[str]) -> None:
    if len(cells) > len(head):
        why = f"the line has {len(cells)} cells, but there are {len(head)} columns."
        table.bad(line, why, 'Put a text with commas into "…".')
        return
    given: Mapping[str, str] = dict(zip(head, (cell.strip() for cell in cells), strict=False))
    key, language, question, answer = (given.get(column, "") for column in COLUMNS)
    value = given.get(VALUE, "")
    if not language:
        table.bad(line, "the line has no language.", "Write en or zh into it.")
    elif not question and not answer:
        table.bad(line, "the line has neither a question nor an answer.", "Write them, or remove the line.")
    elif not key and not question:
        table.bad(line, "the answer belongs to no entry.", "Write the entry's name, or its question.")
    else:
        _put(table.rows.setdefault(key or question, Row()), line, language, (question, answer, value))


def _put(row: Row, line: int, language: str, cells: tuple[str, str, str]) -> None:
    question, answer, value = cells
    if question:
        row.questions.setdefault(language, []).append(question)
        row.lines.append((language, line))
    if answer and value:
        row.answers.setdefault(value, {}).setdefault(language, [answer])
        row.lines.append((f"={value}", line))
    elif answer:
        row.answer.setdefault(language, [answer])
        row.lines.extend([] if question else [("", line)])
