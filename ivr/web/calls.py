"""`/api/calls`: what is remembered of calls, for whoever holds the key. Every look is audited first."""

from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from ivr.model.calls import CallRecord, JournalEntry
from ivr.model.errors import BadQuery, NotThere
from ivr.model.journal import event_to_json
from ivr.store.archive import MOST_PER_PAGE, CallFilter, CallPage
from ivr.web.call_shapes import CallList, CallWhole, brief, whole
from ivr.web.security import Audit, Door, Reader, note_look

SHORTEST_REASON = 3


class Archive(Protocol):
    """Where calls are read; `ivr.store.archive.CallArchive` is one."""

    async def page(self, wanted: CallFilter) -> CallPage: ...

    async def call(self, call_id: str) -> CallRecord: ...

    async def journal(self, call_id: str) -> tuple[JournalEntry, ...]: ...


def wanted_calls(
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    flow: str = "",
    outcome: str = "",
    caller: str = "",
    survey: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
    cursor: str = "",
) -> CallFilter:
    """The query of `GET /api/calls`."""
    return CallFilter(since, until, flow, outcome, caller, survey, limit, cursor)


Reason = Annotated[str, Query(max_length=200, description="Why it is listened to; it stands in the audit")]


def calls_router(archive: Archive, audit: Audit, door: Door) -> APIRouter:
    """The routes of what is written about calls."""
    router = APIRouter(prefix="/api/calls", tags=["calls"])
    # Types, made here because the door is known only now.
    Lister = Annotated[Reader, Depends(door.may("calls.list"))]  # noqa: N806
    Known = Annotated[Reader, Depends(door.may("calls.read"))]  # noqa: N806

    @router.get("")
    async def list_calls(reader: Lister, wanted: Annotated[CallFilter, Depends(wanted_calls)]) -> CallList:
        await note_look(audit, reader, "calls.list", "")
        page = await archive.page(wanted)
        return CallList(calls=[brief(call) for call in page.calls], next=page.next_cursor or None)

    @router.get("/{call_id}")
    async def read_call(reader: Known, call_id: str) -> CallWhole:
        call = await archive.call(call_id)
        await note_look(audit, reader, "call.read", call.call_id)
        return whole(call)

    @router.get("/{call_id}/journal")
    async def read_journal(reader: Known, call_id: str) -> dict[str, Any]:
        entries = await archive.journal(call_id)
        await note_look(audit, reader, "call.journal", call_id)
        return {
            "call_id": call_id,
            "events": [{"seq": entry.seq, "at": entry.at, **event_to_json(entry.event)} for entry in entries],
        }

    return router


def recordings_router(
    archive: Archive, audit: Audit, door: Door, recordings: Path, *, reason_to_listen: bool = False
) -> APIRouter:
    """The route of their sound.

    Args:
        recordings: the only folder that sound is sent from.
        reason_to_listen: nothing is played to who does not say why.
    """
    router = APIRouter(prefix="/api/calls", tags=["calls"])
    Player = Annotated[Reader, Depends(door.may("calls.play"))]  # noqa: N806  a type, made here for its door

    @router.get("/{call_id}/recording", response_class=FileResponse)
    async def read_recording(reader: Player, call_id: str, reason: Reason = "") -> FileResponse:
        call = await archive.call(call_id)
        path = recording_of(call, recordings)
        why = why_listened(reason, is_needed=reason_to_listen)
        await note_look(audit, reader, "call.recording", call.call_id, **why)
        kind = "audio/ogg" if path.suffix == ".opus" else "audio/wav"
        return FileResponse(path, media_type=kind, filename=f"{call.call_id}{path.suffix}")

    return router


def why_listened(reason: str, *, is_needed: bool) -> dict[str, str]:
    """For the audit.

    Raises:
        BadQuery: a reason is needed, and this is none.
    """
    words = reason.strip()
    if is_needed and len(words) < SHORTEST_REASON:
        raise BadQuery("say why you listen: ?reason=… (privacy.reason_to_listen is on); it stands in the audit")
    return {"reason": words} if words else {}


def recording_of(call: CallRecord, recordings: Path) -> Path:
    """The file of a call's recording.

    Raises:
        NotThere: as `sound_file`.
    """
    return sound_file(call.recording, recordings, "no recording was kept of this call")


def sound_file(stored: str, recordings: Path, none_kept: str) -> Path:
    """A file of sound that was kept.

    Raises:
        NotThere: none was (`none_kept` says so), it is gone, or its path leads out of the folder of recordings.
    """
    if not stored:
        raise NotThere(none_kept)
    path = (recordings / stored).resolve()
    if not path.is_relative_to(recordings.resolve()) or not path.is_file():
        raise NotThere("the recording is gone; recordings are deleted after recording.retention_days")
    return path
