"""Solved calls to learn from and to show, and what a customer went through lately."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.assist import Before, SolvedCase, WrittenCase
from ivr.store.insight_tables import contacts
from ivr.store.reading import rows_of
from ivr.store.recovery_cases import CLOSED
from ivr.store.rows import from_ms, to_ms
from ivr.store.survey_tables import recovery_cases
from ivr.store.tables import agent_notes, calls, surveys, turns

AT_ONCE = 200
"""Calls whose words are read in one statement."""

MOST_TURNS = 20
"""Of a call; more do not tell more of what it was about."""

MOST_BEFORE = 50


@dataclass(frozen=True, slots=True)
class SolvedCases:
    """Every method raises `StoreError` where the database is away."""

    engine: AsyncEngine

    async def newest(
        self, since: datetime, solved: Collection[str], most: int, known: Collection[str] = ()
    ) -> list[SolvedCase]:
        """Calls that came since then, whose agent closed them with one of `solved` and whose caller did not say
        otherwise in the survey; at most `most`, the newest first, without those `known` already."""
        query = (
            select(
                calls.c.call_id, calls.c.arrived_at_ms, calls.c.flow, calls.c.language, calls.c.notes,
                agent_notes.c.disposition, contacts.c.intent, surveys.c.answers,
            )
            .join(agent_notes, agent_notes.c.call_id == calls.c.call_id)
            .outerjoin(contacts, contacts.c.contact_id == calls.c.call_id)
            .outerjoin(surveys, surveys.c.call_id == calls.c.call_id)
            .where(calls.c.arrived_at_ms >= to_ms(since), agent_notes.c.disposition.in_(solved))
            .order_by(calls.c.arrived_at_ms.desc())
            .limit(most)
        )  # fmt: skip
        found = {row["call_id"]: row for row in await rows_of(self.engine, query) if row["call_id"] not in known}
        liked = [row for row in found.values() if (row["answers"] or {}).get("resolved") != "no"]
        said = await self._said([row["call_id"] for row in liked])
        return [_case(row, said[row["call_id"]]) for row in liked if said.get(row["call_id"])]

    async def with_words(self, call_ids: Collection[str]) -> set[str]:
        """Those of which the caller's words are still kept: neither erased nor too old."""
        left: set[str] = set()
        for part in _parts(sorted(call_ids)):
            query = select(turns.c.call_id).where(turns.c.call_id.in_(part), turns.c.heard != "").distinct()
            left |= {row["call_id"] for row in await rows_of(self.engine, query)}
        return left

    async def written(self, call_ids: Sequence[str], solved: Collection[str]) -> list[WrittenCase]:
        """What agents wrote of these calls, as it stands now; those of which nothing is left are left out. In the
        order of `call_ids`."""
        query = (
            select(calls, agent_notes.c.disposition, agent_notes.c.text, contacts.c.intent, contacts.c.customer)
            .join(agent_notes, and_(agent_notes.c.call_id == calls.c.call_id, agent_notes.c.text != ""))
            .outerjoin(contacts, contacts.c.contact_id == calls.c.call_id)
            .where(calls.c.call_id.in_(call_ids), agent_notes.c.disposition.in_(solved))
        )
        found = {row["call_id"]: _written(row) for row in await rows_of(self.engine, query)}
        return [found[call_id] for call_id in call_ids if call_id in found]

    async def before(self, names: Sequence[str], since: datetime, but: str = "") -> Before:
        """What a customer went through since then, under each of their names (id, number).

        Args:
            but: the call on the line.
        """
        of, cases = contacts.c, recovery_cases.c
        earlier = await rows_of(
            self.engine,
            select(of.contact_id, of.arrived_at_ms, of.intent)
            .where(of.customer.in_(names), of.arrived_at_ms >= to_ms(since), of.contact_id != but)
            .where(of.direction == "inbound")
            .order_by(of.arrived_at_ms.desc())
            .limit(MOST_BEFORE),
        )
        opened = await rows_of(
            self.engine,
            select(cases.case_id, cases.opened_at_ms)
            .where(cases.customer.in_(names), cases.state != CLOSED)
            .order_by(cases.opened_at_ms)
            .limit(1),
        )
        return _before(earlier, await self._closed_as(earlier[:1]), opened)

    async def _closed_as(self, last: Sequence[Mapping[Any, Any]]) -> str:
        if not last:
            return ""
        of_it = agent_notes.c.call_id == last[0]["contact_id"]
        found = await rows_of(
            self.engine, select(agent_notes.c.disposition).where(of_it).order_by(agent_notes.c.at_ms.desc()).limit(1)
        )
        return str(found[0]["disposition"]) if found else ""

    async def _said(self, call_ids: Sequence[str]) -> dict[str, list[str]]:
        """The caller's words by call, in order."""
        said: dict[str, list[str]] = defaultdict(list)
        for part in _parts(call_ids):
            query = (
                select(turns.c.call_id, turns.c.heard)
                .where(turns.c.call_id.in_(part), turns.c.heard != "", turns.c.number <= MOST_TURNS)
                .order_by(turns.c.call_id, turns.c.number)
            )
            for row in await rows_of(self.engine, query):
                said[row["call_id"]].append(row["heard"])
        return said


def _parts(call_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (call_ids[at : at + AT_ONCE] for at in range(0, len(call_ids), AT_ONCE))


def _case(row: Mapping[Any, Any], said: list[str]) -> SolvedCase:
    facts = {str(name): str(value) for name, value in (row["notes"] or {}).items()}
    return SolvedCase(
        row["call_id"], from_ms(row["arrived_at_ms"]), row["flow"], row["language"],
        row["intent"] or facts.get("intent", ""), row["disposition"], tuple(said), facts,
    )  # fmt: skip


def _written(row: Mapping[Any, Any]) -> WrittenCase:
    facts = {str(name): str(value) for name, value in (row["notes"] or {}).items()}
    own = (row["caller"], row["customer"] or "", *facts.values())
    return WrittenCase(
        row["call_id"], from_ms(row["arrived_at_ms"]), row["intent"] or "", row["disposition"], row["text"],
        tuple(value for value in own if value),
    )  # fmt: skip


def _before(earlier: Sequence[Mapping[Any, Any]], closed_as: str, opened: Sequence[Mapping[Any, Any]]) -> Before:
    last = earlier[0] if earlier else None
    return Before(
        len(earlier), from_ms(last["arrived_at_ms"]) if last else None, last["intent"] if last else "", closed_as,
        opened[0]["case_id"] if opened else "", from_ms(opened[0]["opened_at_ms"]) if opened else None,
    )  # fmt: skip
