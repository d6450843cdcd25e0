"""`/api/messages`: what callers left to be listened to, for whoever holds the key. Every look is audited first."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from ivr.model.calls import Message
from ivr.store.messages import MOST_PER_PAGE, MessageFilter, MessagePage
from ivr.web.calls import Reason, sound_file, why_listened
from ivr.web.security import Audit, Guard, Reader, note_look


class Messages(Protocol):
    """Where messages are read; `ivr.store.messages.MessageArchive` is one."""

    async def page(self, wanted: MessageFilter) -> MessagePage: ...

    async def message(self, message_id: str) -> Message: ...


class MessageShape(BaseModel):
    message_id: str
    call_id: str
    name: str
    at: datetime
    seconds: float
    transcript: str
    audio: str | None
    """Where to fetch the sound, relative to this server."""


class MessageList(BaseModel):
    messages: list[MessageShape]
    next: str | None
    """Pass it as `cursor` to get the page after this one."""


def wanted_messages(
    call_id: str = "",
    name: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
    cursor: str = "",
) -> MessageFilter:
    """The query of `GET /api/messages`."""
    return MessageFilter(call_id, name, limit, cursor)


def messages_router(
    archive: Messages, audit: Audit, guard: Guard, recordings: Path, *, reason_to_listen: bool = False
) -> APIRouter:
    """The routes of messages.

    Args:
        recordings: the only folder that sound is sent from.
        reason_to_listen: nothing is played to who does not say why.
    """
    router = APIRouter(prefix="/api/messages", tags=["messages"])
    Known = Annotated[Reader, Depends(guard)]  # noqa: N806  a type, made here because the key is known only now

    @router.get("")
    async def list_messages(reader: Known, wanted: Annotated[MessageFilter, Depends(wanted_messages)]) -> MessageList:
        await note_look(audit, reader, "messages.list", wanted.call_id)
        page = await archive.page(wanted)
        return MessageList(messages=[_shape(message) for message in page.messages], next=page.next_cursor or None)

    @router.get("/{message_id}")
    async def read_message(reader: Known, message_id: str) -> MessageShape:
        message = await archive.message(message_id)
        await note_look(audit, reader, "message.read", message.message_id)
        return _shape(message)

    @router.get("/{message_id}/audio", response_class=FileResponse)
    async def read_audio(reader: Known, message_id: str, reason: Reason = "") -> FileResponse:
        message = await archive.message(message_id)
        path = sound_file(message.path, recordings, "no sound was kept of this message")
        why = why_listened(reason, is_needed=reason_to_listen)
        await note_look(audit, reader, "message.audio", message.message_id, **why)
        return FileResponse(path, media_type="audio/wav", filename=f"{message.message_id}.wav")

    return router


def _shape(message: Message) -> MessageShape:
    audio = f"/api/messages/{message.message_id}/audio" if message.path else None
    return MessageShape(
        message_id=message.message_id, call_id=message.call_id, name=message.name, at=message.at,
        seconds=message.seconds, transcript=message.transcript, audio=audio,
    )  # fmt: skip
