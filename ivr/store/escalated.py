"""Calls that went on to a person, by the reason that was found for it: the way from a figure to what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.store.insight_tables import contacts
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms

MOST = 50


@dataclass(frozen=True, slots=True)
class Escalated:
    """One call."""

    call_id: str
    at: datetime
    flow: str
    intent: str
    reason: str
    subcode: str


@dataclass(frozen=True, slots=True)
class EscalatedCalls:
    engine: AsyncEngine

    async def newest(
        self, since: datetime, until: datetime, reason: str, subcode: str = "", flow: str = "", most: int = MOST
    ) -> Sequence[Escalated]:
        """At most `most`, the newest first. Stops reading as soon as it has them.

        Raises:
            StoreError: the database is away.
        """
        of = contacts.c
        wanted = [of.arrived_at_ms >= to_ms(since), of.arrived_at_ms < to_ms(until), of.reason == reason]
        if subcode:
            wanted.append(of.subcode == subcode)
        if flow:
            wanted.append(of.flow == flow)
        listed = select(of.contact_id, of.arrived_at_ms, of.flow, of.intent, of.reason, of.subcode)
        newest = listed.where(*wanted).order_by(of.arrived_at_ms.desc()).limit(most)
        return [
            Escalated(row["contact_id"], from_ms(row["arrived_at_ms"]), row["flow"], row["intent"], row["reason"],
                      row["subcode"])
            for row in await rows_of(self.engine, newest)
        ]  # fmt: skip
