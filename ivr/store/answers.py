"""What trainers think of answers that no caller rated."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.insight import AnswerVerdict
from ivr.store.insight_tables import answer_verdicts
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add, writing

PLAIN = tuple(field.name for field in fields(AnswerVerdict) if field.name != "at")


@dataclass(frozen=True, slots=True)
class AnswerAudit:
    """Every method raises `StoreError` where the database is away."""

    engine: AsyncEngine

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


def _verdict(row: Mapping[Any, Any]) -> AnswerVerdict:
    return AnswerVerdict(**{name: row[name] for name in PLAIN}, at=from_ms(row["at_ms"]))
