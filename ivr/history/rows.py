"""Planned calls as rows of the tables that the server itself writes, in the order of their columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table

from ivr.history.calls import kept_call
from ivr.history.plan import Planned
from ivr.history.world import LINES
from ivr.insight.contacts_from import contact_from
from ivr.insight.counting import counted
from ivr.insight.judging import judge
from ivr.insight.misses import items_of
from ivr.insight.repeats import Windows, mark_fresh
from ivr.model.contacts import Contact, QueueVisit, has_repeated
from ivr.model.insight import KeptCall, KeptContact
from ivr.model.recovery import Judgement
from ivr.store.contacts import contact_row
from ivr.store.insight_tables import contacts, trainer_items
from ivr.store.rollup_tables import contact_counts
from ivr.store.rollups import counted_row
from ivr.store.routing_rows import event_row
from ivr.store.rows import call_row, journal_row, survey_row, to_ms, turn_rows
from ivr.store.survey_tables import judgements
from ivr.store.tables import JsonText, calls, journal, queue_events, surveys, turns
from ivr.store.trainer import item_row

NODE = "generated"
"""Name of the server that took these calls; what is not from it is a real one."""

AFTER = Windows().after
TABLES: tuple[Table, ...] = (
    calls, turns, journal, surveys, queue_events, judgements, trainer_items, contacts, contact_counts,
)  # fmt: skip
"""In the order in which rows depend on each other."""

ENCODED = json.JSONEncoder(separators=(",", ":")).encode
"""As `JsonText` does."""

Rows = dict[str, list[tuple[Any, ...]]]
JUDGED = tuple(field.name for field in fields(Judgement) if field.name not in ("at", "flags"))


@dataclass(frozen=True, slots=True)
class Marked:
    """A planned call, and what is known of it by the end of the history."""

    call: Planned
    first_contact: bool | None
    came_back: datetime | None
    has_journal: bool


def family_of(call: Planned) -> str:
    """What the contact will be about (`ivr.insight.contacts_from`), known before it is made."""
    wish = LINES[call.line].wishes[call.wish]
    if call.direct or (call.ending == "left" and call.misses):
        return ""
    return "knowledge" if wish.is_knowledge else wish.name


def marked(planned: Sequence[Planned], journal_from: datetime) -> list[Marked]:
    """Who came back, and when, among all calls."""
    slim = []
    for call in planned:
        outcome = call.talk.outcome if call.talk else ""
        visits = (QueueVisit("", call.at, call.at, outcome),) if call.talk else ()
        slim.append(Contact(call.call_id, call.at, customer=call.caller, issue_family=family_of(call), visits=visits,
                            handled_by="both" if outcome == "connected" else "bot"))  # fmt: skip
    marks = mark_fresh(slim, ())
    return [
        Marked(call, one.first_contact, marks.came_back.get(call.call_id), call.at >= journal_from)
        for call, one in zip(planned, marks.fresh, strict=True)
    ]


def rows_of_calls(chosen: Sequence[Marked], now: datetime) -> Rows:
    """All rows of these calls, by table."""
    found: Rows = {table.name: [] for table in TABLES}
    for one in chosen:
        for table, rows in _rows(one, now):
            found[table.name] += [columns_of(table, row) for row in rows]
    return found


def columns_of(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row as the driver takes it, without a key that the database counts itself."""
    return tuple(ENCODED(row[name]) if is_json else row[name] for name, is_json in _columns(table))


def written(table: Table) -> list[str]:
    """Names of the columns of `columns_of`."""
    return [name for name, _ in _columns(table)]


@cache
def _columns(table: Table) -> tuple[tuple[str, bool], ...]:
    names = ((column.name, isinstance(column.type, JsonText)) for column in table.columns)
    return tuple(one for one in names if not (table is queue_events and one[0] == "id"))


def _rows(one: Marked, now: datetime) -> list[tuple[Table, list[dict[str, Any]]]]:
    kept, changes = kept_call(one.call)
    facts = LINES[one.call.line].facts
    contact = contact_from(kept, facts, changes)
    record, judged = kept.record, judge(kept.record)
    judgement = {name: getattr(judged, name) for name in JUDGED}
    return [
        (calls, [call_row(record, NODE)]),
        (turns, turn_rows(record)),
        (journal, [journal_row(record.call_id, entry) for entry in kept.journal] if one.has_journal else []),
        (surveys, [survey_row(record.call_id, record.survey, to_ms(record.arrived_at))] if record.survey else []),
        (queue_events, [event_row(event) for event in kept.routing]),
        (judgements, [judgement | {"at_ms": to_ms(judged.at), "flags": sorted(judged.flags)}]),
        (trainer_items, [item_row(item) for item in items_of(kept, facts)] if _is_told(kept) else []),
        *_counted(one, contact, now),
    ]  # fmt: skip


def _is_told(kept: KeptCall) -> bool:
    """Trainers get a part: heaps of a month would be the same few sentences."""
    return any(turn.no_match for turn in kept.record.turns) and kept.record.call_id[0] == "0"


def _counted(one: Marked, kept: KeptContact, now: datetime) -> list[tuple[Table, list[dict[str, Any]]]]:
    contact = replace(kept.contact, first_contact=one.first_contact)
    row = contact_row(replace(kept, contact=contact)) | {
        "came_back_ms": to_ms(one.came_back) if one.came_back else None
    }
    known = replace(contact, repeated=has_repeated(contact.arrived_at, one.came_back, now, AFTER))
    return [(contacts, [row]), (contact_counts, [counted_row(part) for part in counted(known)])]
