"""What agents write of a call: what came of it, and their notes. Kept beside the record, gone with it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.people import AgentNote
from ivr.model.redaction import FACT_KINDS, redact
from ivr.store.reach import reading
from ivr.store.rows import from_ms, to_ms
from ivr.store.tables import agent_notes
from ivr.store.writer import Writer
from ivr.store.writes import NoteWritten

WHAT = "the agents' notes"


class AgentNotes:
    """Written behind, like all that is kept of a call: no agent waits for a database that is away, and no note is lost
    by it."""

    def __init__(self, engine: AsyncEngine, writer: Writer, wait_seconds: float) -> None:
        self._engine, self._writer, self._wait_seconds = engine, writer, wait_seconds

    async def keep(self, note: AgentNote, at: datetime) -> bool:
        """What this agent writes of this call from now on; they may correct it. Without card numbers and the like:
        agents write down what they hear.

        Returns:
            Whether it is on disk. False: it will be as soon as the database is back.
        """
        clean = replace(note, text=redact(note.text, FACT_KINDS))
        return await self._writer.settle(NoteWritten(to_ms(at), clean), self._wait_seconds)

    async def of(self, call_id: str) -> list[tuple[AgentNote, datetime]]:
        """All notes of a call, the first first.

        Raises:
            StoreError: the database is away.
        """
        wanted = select(agent_notes).where(agent_notes.c.call_id == call_id).order_by(agent_notes.c.at_ms)
        async with reading(self._engine, WHAT) as connection:
            return [_note(row) for row in (await connection.execute(wanted)).mappings()]


def _note(row: Any) -> tuple[AgentNote, datetime]:
    note = AgentNote(row["call_id"], row["agent"], row["queue"], row["disposition"], row["text"])
    return note, from_ms(row["at_ms"])
