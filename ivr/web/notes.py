"""`GET /api/calls/{id}/notes`: what agents wrote of a call."""

from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ivr.model.people import AgentNote
from ivr.web.security import Audit, Guard, Reader, note_look


class NoteShape(BaseModel):
    agent: str
    queue: str
    disposition: str
    text: str
    at: datetime


class Notes(Protocol):
    """`ivr.store.notes.AgentNotes` is it."""

    async def of(self, call_id: str) -> list[tuple[AgentNote, datetime]]: ...


def notes_router(notes: Notes, audit: Audit, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/calls", tags=["calls"])

    @router.get("/{call_id}/notes", summary="What agents wrote of a call, the first first")
    async def read_notes(reader: Annotated[Reader, Depends(guard)], call_id: str) -> dict[str, list[NoteShape]]:
        await note_look(audit, reader, "call.notes", call_id)
        found = await notes.of(call_id)
        return {
            "notes": [
                NoteShape(agent=one.agent, queue=one.queue, disposition=one.disposition, text=one.text, at=at)
                for one, at in found
            ]
        }

    return router
