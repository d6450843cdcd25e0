"""`POST /api/calls`: let this server call somebody. Behind the key, inside the dial plan, and in the audit."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from ivr.model.ports import Dialer
from ivr.web.security import Audit, Door, Reader, note_look


class Order(BaseModel):
    """Whom to call, and with which flow."""

    to: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$", description="E.164")]
    flow: Annotated[str, Field(pattern=r"^[a-z0-9_/-]{1,100}$", description="As in config.yaml: bank/hotline")]


class Placed(BaseModel):
    attempt_id: str
    provider_id: str
    """Of the carrier; the call record has it under `provider_ids` once somebody answers."""


def dialing_router(dialer: Dialer, caller_id: str, audit: Audit, door: Door) -> APIRouter:
    """
    Args:
        caller_id: our number, that the called party sees.
    """
    router = APIRouter(prefix="/api/calls", tags=["calls"])

    @router.post("", status_code=202)
    async def place_call(reader: Annotated[Reader, Depends(door.may("calls.dial"))], order: Order) -> Placed:
        attempt_id = uuid4().hex
        await note_look(audit, reader, "call.dial", attempt_id)
        provider_id = await dialer.dial(order.to, caller_id, order.flow, attempt_id)
        return Placed(attempt_id=attempt_id, provider_id=provider_id)

    return router
