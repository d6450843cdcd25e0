"""`GET /api/calls/{id}/handoff`: what an agent is told of a live call, for a CRM; every look is audited."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from ivr.model.people import Handoff
from ivr.web.security import Audit, Door, Reader, note_look


def handoff_router(find: Callable[[str], Handoff], audit: Audit, door: Door) -> APIRouter:
    """
    Args:
        find: the handoff of a call as of now; raises NotThere: it is not live.
    """
    router = APIRouter(prefix="/api/calls", tags=["calls"])
    Known = Annotated[Reader, Depends(door.may("calls.read"))]  # noqa: N806  a type, made here for its door

    @router.get("/{call_id}/handoff", summary="Everything learned of a caller who is on the line")
    async def read_handoff(reader: Known, call_id: str) -> dict[str, Any]:
        known = find(call_id)
        await note_look(audit, reader, "call.handoff", call_id)
        turns = [{"who": who, "text": text} for who, text in known.last_turns]
        return asdict(known) | {"facts": dict(known.facts), "last_turns": turns, "tried": list(known.tried)}

    return router
