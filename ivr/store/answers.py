"""Answers that no caller rated: which of them trainers read this week, and what they think of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.insight import AnswerVerdict, KeptContact
from ivr.store.contacts import SHAPE
from ivr.store.insight_tables import answer_verdicts, contacts
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add, writing

PLAIN = tuple(field.name for field in fields(AnswerVerdict) if field.name != "at")


@dataclass(frozen=True, slots=True)
class AnswerAudit:
    """Every method raises `StoreError` where the database is away."""

    engine: AsyncEngine

    async def topics(self, since: datetime, until: datetime, flow: str = "") -> Mapping[str, Sequence[str]]:
        """Ids of contacts by topic; nothing else of them is read."""
        of = contacts.c
        within = and_(of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until), of.topic != "")
        if flow:
            within = and_(within, of.flow == flow)
        found: dict[str, list[str]] = {}
        for row in await rows_of(self.engine, select(of.contact_id, of.topic).where(within)):
            found.setdefault(row["topic"], []).append(row["contact_id"])
        return found

    async def unrated(self, ids: Sequence[str]) -> list[KeptContact]:
        """Of these contacts those in which the bot answered and which nobody rated, in the same order."""
        of = contacts.c
        wanted = select(of.contact_id, of.facts, of.came_back_ms).where(of.contact_id.in_(ids))
        found: dict[str, KeptContact] = {}
        for row in await rows_of(self.engine, wanted):
            kept = SHAPE.validate_json(row["facts"])
            came_back = replace(kept.contact, repeated=True) if row["came_back_ms"] is not None else kept.contact
            found[row["contact_id"]] = replace(kept, contact=came_back)
        return [found[one] for one in ids if one in found and _is_unrated_answer(found[one])]

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


def _is_unrated_answer(one: KeptContact) -> bool:
    survey = one.contact.survey
    return one.contact.bot.matched > 0 and not (survey and "csat" in survey.answers)


def _verdict(row: Mapping[Any, Any]) -> AnswerVerdict:
    return AnswerVerdict(**{name: row[name] for name in PLAIN}, at=from_ms(row["at_ms"]))
