"""What agents write of a call: what came of it, and their notes. Kept beside the record, gone with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.people import AgentNote
from ivr.model.redaction import FACT_KINDS, redact
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms
from ivr.store.tables import agent_notes
from ivr.store.writes import add

WHAT = "the agents' notes"


class AgentNotes:
    """Raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, note: AgentNote, at: datetime) -> None:
        """What this agent writes of this call from now on; they may correct it. Without card numbers and the like:
        agents write down what they hear."""
        row = {
            "call_id": note.call_id, "agent": note.agent, "queue": note.queue, "disposition": note.disposition,
            "text": redact(note.text, FACT_KINDS), "at_ms": to_ms(at),
        }  # fmt: skip
        async with writing(self._engine, WHAT) as connection:
            await add(connection, agent_notes, [row], replace=True)

    async def of(self, call_id: str) -> list[tuple[AgentNote, datetime]]:
        """All notes of a call, the first first."""
        wanted = select(agent_notes).where(agent_notes.c.call_id == call_id).order_by(agent_notes.c.at_ms)
        async with reading(self._engine, WHAT) as connection:
            return [_note(row) for row in (await connection.execute(wanted)).mappings()]


def _note(row: Any) -> tuple[AgentNote, datetime]:
    note = AgentNote(row["call_id"], row["agent"], row["queue"], row["disposition"], row["text"])
    return note, from_ms(row["at_ms"])
