"""Ended calls with all that was written about them, in batches; contacts and what agents did, written and read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.contacts import Contact, has_repeated
from ivr.model.counts import CountedContact
from ivr.model.errors import BadQuery
from ivr.model.insight import KeptCall, KeptContact, StepPart
from ivr.store.archive import joined, survey_in
from ivr.store.insight_tables import contacts, insight_marks
from ivr.store.reading import rows_of
from ivr.store.rollup_tables import contact_counts
from ivr.store.rollups import Stretch, in_stretches, keep_counted, recount, recount_ripe
from ivr.store.routing_rows import event_of
from ivr.store.rows import call_of, entry_of, from_ms, to_ms
from ivr.store.tables import calls, journal, queue_events, turns
from ivr.store.writes import add, writing

MOST_CALLS = 200
"""Calls in one batch: about 8,000 journal entries in memory."""

MOST_CONTACTS = 60_000
"""Contacts that one report reads; about six days of a centre with 10,000 calls a day."""

LATE = timedelta(seconds=120)
"""How much later than others a server may write that a call has ended."""

LOOK_BEHIND = timedelta(days=7)
"""Windows X and Y of domain.md 2.3.4."""

SHAPE = TypeAdapter(KeptContact)
WHAT = "what calls came to"
FACETS = ("topic", "intent", "reason", "subcode", "is_unrated")


class ContactStore:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # -- calls that are to become contacts

    async def ended_calls(self, after: datetime, before: datetime, most: int = MOST_CALLS) -> list[KeptCall]:
        """Calls that ended from `after` (two minutes of grace) up to `before` and are no contacts yet, oldest first."""
        wanted = (
            joined()
            .outerjoin(contacts, contacts.c.contact_id == calls.c.call_id)
            .where(
                calls.c.ended_at_ms >= to_ms(after - LATE),
                calls.c.ended_at_ms < to_ms(before),
                contacts.c.contact_id.is_(None),
            )
            .order_by(calls.c.ended_at_ms, calls.c.call_id)
            .limit(most)
        )
        found = await rows_of(self._engine, wanted)
        if not found:
            return []
        ids = [row["call_id"] for row in found]
        spoken = await self._of_calls(select(turns).where(turns.c.call_id.in_(ids)).order_by(turns.c.number))
        written = await self._of_calls(select(journal).where(journal.c.call_id.in_(ids)).order_by(journal.c.seq))
        routed = await self._routing(found)
        return [
            KeptCall(
                call_of(row, survey_in(row), spoken.get(row["call_id"], ())),
                tuple(map(entry_of, written.get(row["call_id"], ()))),
                tuple(map(event_of, routed.get(row["call_id"], ()))),
            )
            for row in found
        ]

    async def _of_calls(self, wanted: Any) -> dict[str, list[Mapping[Any, Any]]]:
        by_call: dict[str, list[Mapping[Any, Any]]] = {}
        for row in await rows_of(self._engine, wanted):
            by_call.setdefault(row["call_id"], []).append(row)
        return by_call

    async def _routing(self, found: Sequence[Mapping[Any, Any]]) -> dict[str, list[Mapping[Any, Any]]]:
        """Events of the queues by call: the place of a call is called after it (`call_id.8 hex digits`)."""
        waited = {row["call_id"]: row for row in found if row["stats"] and row["stats"].get("queues")}
        if not waited:
            return {}
        first = min(row["arrived_at_ms"] for row in waited.values())
        last = max(row["ended_at_ms"] for row in waited.values())
        within = queue_events.c.at_ms.between(first, last + 1000)
        by_call: dict[str, list[Mapping[Any, Any]]] = {}
        for row in await rows_of(self._engine, select(queue_events).where(within).order_by(queue_events.c.id)):
            call_id = row["entry_id"].rpartition(".")[0]
            if call_id in waited:
                by_call.setdefault(call_id, []).append(row)
        return by_call

    # -- contacts

    async def neighbours(self, fresh: Sequence[Contact]) -> list[Contact]:
        """Contacts of the same customers within seven days of these: only who, when and what about."""
        customers = {contact.customer for contact in fresh if contact.customer}
        if not customers:
            return []
        since = min(contact.arrived_at for contact in fresh) - LOOK_BEHIND
        until = max(contact.arrived_at for contact in fresh) + LOOK_BEHIND
        of = contacts.c
        wanted = select(of.contact_id, of.arrived_at_ms, of.customer, of.issue_family, of.direction)
        found = await rows_of(
            self._engine,
            wanted.where(of.customer.in_(customers), of.arrived_at_ms.between(to_ms(since), to_ms(until))),
        )
        return [
            Contact(row["contact_id"], from_ms(row["arrived_at_ms"]), row["direction"], customer=row["customer"],
                    issue_family=row["issue_family"])
            for row in found
        ]  # fmt: skip

    async def keep(
        self, fresh: Sequence[KeptContact], came_back: Mapping[str, datetime], counted: Sequence[CountedContact] = ()
    ) -> None:
        """Write contacts, and which older ones were followed by another of the same matter, and when.

        Args:
            counted: the same contacts as numbers (`ivr.insight.counting`).

        Raises:
            StoreError: nothing of it was written.
        """
        rows = [contact_row(one) for one in fresh]
        async with writing(self._engine, WHAT) as connection:
            await add(connection, contacts, rows)
            for contact_id, moment in came_back.items():
                older = update(contacts).where(contacts.c.contact_id == contact_id)
                await connection.execute(older.values(came_back_ms=to_ms(moment)))
            await keep_counted(connection, counted)
            await recount_ripe(connection, list(came_back))

    async def to_count(self, now: datetime, most: int) -> list[KeptContact]:
        """Contacts whose numbers are not right any more: somebody came back, or nobody has for a week."""
        due = select(contact_counts.c.contact_id).where(contact_counts.c.recount_at_ms < to_ms(now)).limit(most)
        return await self._kept(contacts.c.contact_id.in_(due), now)

    async def change(self, changed: Sequence[KeptContact]) -> None:
        """Contacts that have become others (a survey that came late); they are counted anew with the next look."""
        await self._rewrite(changed, ("facts", *FACETS))
        async with writing(self._engine, WHAT) as connection:
            await recount(connection, [one.contact.contact_id for one in changed])

    async def note_facets(self, kept: Sequence[KeptContact]) -> None:
        """Write what lists are made of beside the facts, as they say; for contacts of an older version."""
        await self._rewrite(kept, FACETS)

    async def _rewrite(self, kept: Sequence[KeptContact], columns: Sequence[str]) -> None:
        same = update(contacts).where(contacts.c.contact_id == bindparam("this_contact"))
        fresh = same.values({name: bindparam(f"new_{name}") for name in columns})
        rows = [{"this_contact": row["contact_id"], **{f"new_{name}": row[name] for name in columns}}
                for row in map(contact_row, kept)]  # fmt: skip
        async with writing(self._engine, WHAT) as connection:
            await connection.execute(fresh, rows)

    async def read(self, since: datetime, until: datetime, now: datetime, flow: str = "") -> list[KeptContact]:
        """Contacts that arrived from `since` up to `until`, oldest first, with `first_contact` and `repeated`.

        Raises:
            BadQuery: there are more than `MOST_CONTACTS`.
        """
        within = and_(contacts.c.arrived_at_ms >= to_ms(since), contacts.c.arrived_at_ms < to_ms(until))
        if flow:
            within = and_(within, contacts.c.flow == flow)
        await self._bounded(select(func.count().label("n")).select_from(contacts).where(within))
        return await self._kept(within, now)

    async def _kept(self, which: ColumnElement[bool], now: datetime) -> list[KeptContact]:
        of = contacts.c
        wanted = select(of.facts, of.first_contact, of.came_back_ms).where(which)
        found = await rows_of(self._engine, wanted.order_by(of.arrived_at_ms, of.contact_id))
        return [_kept(row, now) for row in found]

    async def called(self, contact_ids: Sequence[str], now: datetime) -> list[KeptContact]:
        """Some contacts by their ids, oldest first."""
        return await self._kept(contacts.c.contact_id.in_(contact_ids), now)

    async def step_parts(
        self, stretches: Sequence[Stretch], flow: str = "", intent: str = "", agent: str = ""
    ) -> list[tuple[datetime, str, StepPart]]:
        """What happened at steps in these stretches: when the contact counts, its flow, the step.

        Raises:
            BadQuery: in more than `MOST_CONTACTS`.
        """
        if not stretches:
            return []
        of = contact_counts.c
        within = and_(in_stretches(of.counted_at_ms, stretches), of.part == 0)
        for column, value in ((of.flow, flow), (of.intent, intent), (of.agent, agent)):
            within = and_(within, column == value) if value else within
        await self._bounded(select(func.count().label("n")).select_from(contact_counts).where(within))
        wanted = select(of.counted_at_ms, of.flow, contacts.c.facts).join_from(contact_counts, contacts).where(within)
        return [
            (from_ms(row["counted_at_ms"]), row["flow"], part)
            for row in await rows_of(self._engine, wanted)
            for part in steps_in(row["facts"])
        ]

    async def _bounded(self, count: Select[Any]) -> None:
        there = await rows_of(self._engine, count)
        if there[0]["n"] > MOST_CONTACTS:
            raise BadQuery(f"that is {there[0]['n']} contacts; ask for a shorter time (at most {MOST_CONTACTS})")

    async def count_of(self, customer: str, since: datetime) -> int:
        """How many contacts of a customer arrived since then."""
        mine = and_(contacts.c.customer == customer, contacts.c.arrived_at_ms >= to_ms(since))
        found = await rows_of(self._engine, select(func.count().label("n")).select_from(contacts).where(mine))
        return int(found[0]["n"])

    async def topic_hours(self, since: datetime, until: datetime, topic: str = "") -> dict[str, dict[int, int]]:
        """Contacts by topic (all, or one) and hour (hours since 1970 UTC)."""
        hour = (contacts.c.arrived_at_ms // 3_600_000).label("hour")
        within = contacts.c.arrived_at_ms.between(to_ms(since), to_ms(until) - 1)
        named = contacts.c.topic == topic if topic else contacts.c.topic != ""
        wanted = select(contacts.c.topic, hour, func.count().label("n")).where(within, named)
        by_topic: dict[str, dict[int, int]] = {}
        for row in await rows_of(self._engine, wanted.group_by(contacts.c.topic, hour)):
            by_topic.setdefault(row["topic"], {})[int(row["hour"])] = row["n"]
        return by_topic

    async def said_about(self, contact_ids: Sequence[str]) -> list[str]:
        """What callers of these contacts said when an intent or an answer was found; not redacted."""
        of = turns.c
        wanted = select(of.heard).where(of.call_id.in_(contact_ids), of.heard != "", of.no_match.is_(False))
        matched = wanted.where((of.intent != "") | (of.number == 1)).order_by(of.call_id.desc(), of.number)
        return [row["heard"] for row in await rows_of(self._engine, matched)]

    # -- how far the work has come

    async def mark(self, name: str) -> Any:
        """What was kept under this name; None: nothing yet."""
        found = await rows_of(self._engine, select(insight_marks.c.value).where(insight_marks.c.name == name))
        return found[0]["value"] if found else None

    async def keep_mark(self, name: str, value: Any) -> None:
        """Raises StoreError: it could not be written."""
        async with writing(self._engine, "how far insight has come") as connection:
            await add(connection, insight_marks, [{"name": name, "value": value}], replace=True)


def contact_row(kept: KeptContact) -> dict[str, Any]:
    contact, survey = kept.contact, kept.contact.survey
    return {
        "contact_id": contact.contact_id,
        "arrived_at_ms": to_ms(contact.arrived_at),
        "customer": contact.customer,
        "issue_family": contact.issue_family,
        "direction": contact.direction,
        "first_contact": contact.first_contact,
        "came_back_ms": None,
        "flow": contact.flow,
        "topic": contact.topic,
        "intent": contact.intent,
        "reason": contact.escalation_reason,
        "subcode": kept.reason_subcode,
        "is_unrated": contact.bot.matched > 0 and not (survey and "csat" in survey.answers),
        "facts": SHAPE.dump_json(kept).decode(),
    }


def steps_in(facts: str) -> list[StepPart]:
    """Only the steps of what is kept of a contact: reading all of it takes four times as long."""
    kept: list[dict[str, Any]] = json.loads(facts)["steps"]
    return [StepPart(**one | {name: tuple(one[name]) for name in ("confidences", "response_seconds")}) for one in kept]


def _kept(row: Mapping[Any, Any], now: datetime) -> KeptContact:
    kept = SHAPE.validate_json(row["facts"])
    contact, came_back = kept.contact, row["came_back_ms"]
    if not contact.customer:
        return kept
    again = None if came_back is None else from_ms(came_back)
    repeated = has_repeated(contact.arrived_at, again, now, LOOK_BEHIND)
    return replace(kept, contact=replace(contact, first_contact=row["first_contact"], repeated=repeated))
