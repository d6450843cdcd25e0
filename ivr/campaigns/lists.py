"""Pure: lists of people to call, as CSV: each row an alert, or why it is none, with its line number.

The first line names the columns: `customer` and `phone` are needed; `event_id`, `language`, `timezone`, `jurisdiction`
are known; every other column is a fact for the flow.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from ivr.model.campaigns import Alert, PhoneCandidate
from ivr.model.errors import BadQuery

KNOWN = ("event_id", "customer", "phone", "language", "timezone", "jurisdiction")
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    alert: Alert | None = None
    why: str = ""


def read_list(text: str, source: str, now: datetime) -> Iterator[Row]:
    """
    Raises:
        BadQuery: the first line does not name the columns.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = {"customer", "phone"} - set(reader.fieldnames or ())
    if missing:
        raise BadQuery(f"the first line of the list must name the columns; missing: {', '.join(sorted(missing))}")
    for count, cells in enumerate(reader):
        if count >= MOST_ROWS:
            yield Row(reader.line_num, why=f"more than {MOST_ROWS} rows; split the list")
            return
        yield _row(reader.line_num, cells, source, now)


def _row(line: int, cells: dict[str | None, str | None], source: str, now: datetime) -> Row:
    if None in cells or None in cells.values():
        return Row(line, why="it has another number of columns than the first line")
    given = {str(name): str(cell).strip() for name, cell in cells.items()}
    if not given["customer"]:
        return Row(line, why="customer: it is empty")
    try:
        number = phonenumbers.parse(given["phone"])
    except phonenumbers.NumberParseException:
        return Row(line, why="phone: write it with + and the country code")
    if not phonenumbers.is_possible_number(number):
        return Row(line, why="phone: no number of that country has so many digits")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    facts = {name: cell for name, cell in given.items() if name not in KNOWN}
    named = given.get("event_id") or _fingerprint(given)
    return Row(
        line,
        Alert(
            source, named, given["customer"], (PhoneCandidate(e164),), now, given.get("language") or "en",
            given.get("timezone", ""), given.get("jurisdiction", ""), facts=facts,
        ),
    )  # fmt: skip


def _fingerprint(given: dict[str, str]) -> str:
    """The same row of the same list sent again is the same event."""
    return hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()[:32]
