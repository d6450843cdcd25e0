"""Answers that no caller rated: which of them trainers read this week, and what they think of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.insight.sampling import WEEKLY, drawn
from ivr.model.insight import AnswerVerdict, KeptContact
from ivr.store.contacts import SHAPE
from ivr.store.insight_tables import answer_verdicts, contacts
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add, writing

LOOKED_AT = 4
"""Contacts that are opened for each one that is drawn: in some of them the bot answered nothing."""

PLAIN = tuple(field.name for field in fields(AnswerVerdict) if field.name != "at")


@dataclass(frozen=True, slots=True)
class AnswerAudit:
    """Every method raises `StoreError` where the database is away."""

    engine: AsyncEngine

    async def sample(
        self, since: datetime, until: datetime, week: str, flow: str = "", most: int = WEEKLY
    ) -> list[KeptContact]:
        """At most `most` contacts in which the bot answered and which nobody rated, spread over the topics; the same
        week and contacts give the same draw. Of all others only id and topic are read."""
        of = contacts.c
        within = and_(of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until), of.topic != "")
        if flow:
            within = and_(within, of.flow == flow)
        rows = await rows_of(self.engine, select(of.contact_id, of.topic).where(within))
        ids = await asyncio.to_thread(_drawn, rows, week, most * LOOKED_AT)
        opened = await self._kept(ids)
        return [opened[one] for one in ids if one in opened and _is_unrated_answer(opened[one])][:most]

    async def _kept(self, ids: Sequence[str]) -> dict[str, KeptContact]:
        of = contacts.c
        rows = await rows_of(
            self.engine, select(of.contact_id, of.facts, of.came_back_ms).where(of.contact_id.in_(ids))
        )
        found = {row["contact_id"]: SHAPE.validate_json(row["facts"]) for row in rows}
        back = {row["contact_id"] for row in rows if row["came_back_ms"] is not None}
        return {
            name: replace(one, contact=replace(one.contact, repeated=True)) if name in back else one
            for name, one in found.items()
        }

    async def put(self, verdict: AnswerVerdict) -> None:
        """Keep a verdict; a later one about the same answer takes its place."""
        row = {**{name: getattr(verdict, name) for name in PLAIN}, "at_ms": to_ms(verdict.at)}
        async with writing(self.engine, "what trainers think of answers") as connection:
            await add(connection, answer_verdicts, [row], replace=True)

    async def verdicts(self, week: str) -> list[AnswerVerdict]:
        """Of one week's draw, the newest first."""
        of = answer_verdicts.c
        query = select(answer_verdicts).where(of.week == week).order_by(of.at_ms.desc(), of.contact_id)
        return [_verdict(row) for row in await rows_of(self.engine, query)]


def _drawn(rows: Sequence[Mapping[Any, Any]], week: str, most: int) -> list[str]:
    strata: dict[Any, list[tuple[str, str]]] = {}
    for row in rows:
        strata.setdefault(row["topic"], []).append((row["contact_id"], row["contact_id"]))
    return drawn(strata, week, most)


def _is_unrated_answer(one: KeptContact) -> bool:
    survey = one.contact.survey
    return one.contact.bot.matched > 0 and not (survey and "csat" in survey.answers)


def _verdict(row: Mapping[Any, Any]) -> AnswerVerdict:
    return AnswerVerdict(**{name: row[name] for name in PLAIN}, at=from_ms(row["at_ms"]))
