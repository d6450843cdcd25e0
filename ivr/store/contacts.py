"""Ended calls with all that was written about them, in batches; contacts and what agents did, written and read back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.contacts import Contact
from ivr.model.errors import BadQuery
from ivr.model.insight import AgentChange, KeptCall, KeptContact
from ivr.store.archive import joined, survey_in
from ivr.store.insight_tables import agent_changes, contacts, insight_marks
from ivr.store.reading import rows_of
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

    async def keep(self, fresh: Sequence[KeptContact], came_back: Mapping[str, datetime]) -> None:
        """Write contacts, and which older ones were followed by another of the same matter, and when.

        Raises:
            StoreError: nothing of it was written.
        """
        rows = [_row(one) for one in fresh]
        async with writing(self._engine, "what calls came to") as connection:
            await add(connection, contacts, rows)
            for contact_id, moment in came_back.items():
                older = update(contacts).where(contacts.c.contact_id == contact_id)
                await connection.execute(older.values(came_back_ms=to_ms(moment)))

    async def read(self, since: datetime, until: datetime, now: datetime, flow: str = "") -> list[KeptContact]:
        """Contacts that arrived from `since` up to `until`, oldest first, with `first_contact` and `repeated`.

        Raises:
            BadQuery: there are more than `MOST_CONTACTS`.
        """
        within = and_(contacts.c.arrived_at_ms >= to_ms(since), contacts.c.arrived_at_ms < to_ms(until))
        if flow:
            within = and_(within, contacts.c.flow == flow)
        there = await rows_of(self._engine, select(func.count().label("n")).select_from(contacts).where(within))
        if there[0]["n"] > MOST_CONTACTS:
            raise BadQuery(f"that is {there[0]['n']} contacts; ask for a shorter time (at most {MOST_CONTACTS})")
        of = contacts.c
        wanted = select(of.facts, of.first_contact, of.came_back_ms).where(within)
        found = await rows_of(self._engine, wanted.order_by(of.arrived_at_ms, of.contact_id))
        return [_kept(row, now) for row in found]

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

    # -- agents, and how far the work has come

    async def agent_changes(self, since: datetime, until: datetime) -> list[AgentChange]:
        """What agents began to do from `since` up to `until`, and what each was doing at `since`."""
        of = agent_changes.c
        latest = (
            select(of.agent_id, func.max(of.since_ms).label("since_ms"))
            .where(of.since_ms < to_ms(since))
            .group_by(of.agent_id)
            .subquery()
        )
        at_since = and_(of.agent_id == latest.c.agent_id, of.since_ms == latest.c.since_ms)
        before = await rows_of(self._engine, select(agent_changes).join(latest, at_since))
        within = of.since_ms.between(to_ms(since), to_ms(until) - 1)
        found = await rows_of(self._engine, select(agent_changes).where(within).order_by(of.since_ms))
        return [AgentChange(row["agent_id"], row["state"], row["reason"], from_ms(row["since_ms"]))
                for row in (*before, *found)]  # fmt: skip

    async def mark(self, name: str) -> Any:
        """What was kept under this name; None: nothing yet."""
        found = await rows_of(self._engine, select(insight_marks.c.value).where(insight_marks.c.name == name))
        return found[0]["value"] if found else None

    async def keep_mark(self, name: str, value: Any) -> None:
        """Raises StoreError: it could not be written."""
        async with writing(self._engine, "how far insight has come") as connection:
            await add(connection, insight_marks, [{"name": name, "value": value}], replace=True)


def _row(kept: KeptContact) -> dict[str, Any]:
    contact = kept.contact
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
        "facts": SHAPE.dump_json(kept).decode(),
    }


def _kept(row: Mapping[Any, Any], now: datetime) -> KeptContact:
    kept = SHAPE.validate_json(row["facts"])
    contact, came_back = kept.contact, row["came_back_ms"]
    if not contact.customer:
        return kept
    is_mature = now - contact.arrived_at > LOOK_BEHIND
    returned = came_back is not None and from_ms(came_back) - contact.arrived_at <= LOOK_BEHIND
    repeated = returned if is_mature or returned else None
    return replace(kept, contact=replace(contact, first_contact=row["first_contact"], repeated=repeated))
