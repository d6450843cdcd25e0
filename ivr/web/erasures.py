"""`/api/erasures` and `/api/holds`: forgetting a caller on request, and what must not be forgotten. All of it is in the
audit, in the transaction that does it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from ivr.store.erasure import Wanted
from ivr.store.holds import LegalHold
from ivr.web.security import Audit, Door, Reader, note_look

REASON = Field(min_length=3, max_length=500)
SOUND_REASON = Query(min_length=3, max_length=200, description="Why it is deleted; it stands in the audit")


class Eraser(Protocol):
    """Who erases; `ivr.store.erasure.Erasures` is it."""

    async def erase(self, wanted: Wanted) -> Mapping[str, Any]: ...

    async def certificate(self, erasure_id: str) -> Mapping[str, Any]: ...


class Holds(Protocol):
    """`ivr.store.holds.LegalHolds` is it."""

    async def put(self, subject: str, reason: str, who: str, address: str = "") -> LegalHold: ...

    async def lift(self, subject: str, who: str, address: str = "") -> None: ...

    async def all(self) -> tuple[LegalHold, ...]: ...


class ErasureWish(BaseModel):
    number: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    customer: str = Field("", max_length=200, description="Their id, where more is meant than calls of that number")
    reason: str = REASON


class SoundEraser(Protocol):
    """Deletes the recording of one call, in every format; how many files went."""

    async def __call__(self, call_id: str) -> int: ...


class HoldWish(BaseModel):
    subject: str = Field(min_length=1, max_length=64, description="Id of a call, or a caller's number as +15555550123")
    reason: str = REASON


def sound_erasure_router(erase_sound: SoundEraser, audit: Audit, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api/calls", tags=["privacy"])
    May = Annotated[Reader, Depends(door.may("calls.erase"))]  # noqa: N806  a type, made here for its door

    @router.delete("/{call_id}/recording", status_code=204)
    async def erase_recording(reader: May, call_id: str, reason: Annotated[str, SOUND_REASON]) -> Response:
        """Delete the sound of a call; its record stays. 409: it is under a legal hold, or not over."""
        await note_look(audit, reader, "call.erase_recording", call_id, reason=reason)
        await erase_sound(call_id)
        return Response(status_code=204)

    return router


def erasures_router(eraser: Eraser, holds: Holds, audit: Audit, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["privacy"])
    May = Annotated[Reader, Depends(door.may("calls.erase"))]  # noqa: N806  a type, made here for its door

    @router.post("/erasures", status_code=201)
    async def erase(reader: May, wish: ErasureWish) -> dict[str, Any]:
        """Erase a caller; the answer is the certificate."""
        return dict(await eraser.erase(Wanted(wish.number, wish.reason, reader.who, reader.address, wish.customer)))

    @router.get("/erasures/{erasure_id}")
    async def read_certificate(reader: May, erasure_id: str) -> dict[str, Any]:
        found = await eraser.certificate(erasure_id)
        await note_look(audit, reader, "erasure.read", erasure_id)
        return dict(found)

    @router.get("/holds")
    async def list_holds(reader: May) -> dict[str, Any]:
        await note_look(audit, reader, "holds.list", "")
        return {"holds": [_shape(one) for one in await holds.all()]}

    @router.post("/holds", status_code=201)
    async def put_hold(reader: May, wish: HoldWish) -> dict[str, Any]:
        return _shape(await holds.put(wish.subject, wish.reason, reader.who, reader.address))

    @router.delete("/holds/{subject}", status_code=204)
    async def lift_hold(reader: May, subject: str) -> Response:
        await holds.lift(subject, reader.who, reader.address)
        return Response(status_code=204)

    return router


def _shape(one: LegalHold) -> dict[str, Any]:
    return {"subject": one.subject, "reason": one.reason, "who": one.who, "at": one.at}
