"""`POST /api/campaigns/{name}/events`: a customer's systems ask for a call, with a signature instead of a key."""

import time
from collections.abc import Callable
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from ivr.campaigns.results import refusal
from ivr.model.campaigns import Accepted, Alert
from ivr.model.errors import BadQuery, NotAllowed
from ivr.web.campaign_shapes import EventShape
from ivr.web.problems import KeyNotSet, problem

LARGEST_EVENT = 65_536
TIMESTAMP, SIGNATURE = "x-ivr-timestamp", "x-ivr-signature"


class Takes(Protocol):
    """`ivr.campaigns.desk.CampaignDesk` does."""

    async def receive(self, campaign: str, alert: Alert, *, timeless: bool = False) -> Accepted: ...


class SignatureWrong(NotAllowed):
    code = "not_allowed.signature"


def events_router(desk: Takes, secret: str, now: Callable[[], float] = time.time) -> APIRouter:
    """
    Args:
        secret: IVR_EVENTS_SECRET; empty: no event is taken.
        now: seconds since 1970 UTC.
    """
    router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])

    @router.post("/{name}/events", status_code=202, summary="An event: somebody is to be called, once")
    async def take_event(name: str, request: Request) -> JSONResponse:
        if not secret:
            raise KeyNotSet("events are not taken: set IVR_EVENTS_SECRET and start the server again")
        body = await _body(request)
        why = refusal(
            secret, request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""), body, now()
        )  # fmt: skip
        if why:
            raise SignatureWrong(f"{why}; sign 'timestamp.body' with HMAC-SHA256")
        try:
            event = EventShape.model_validate_json(body)
        except ValidationError as error:
            # What was sent stays out of the answer: it is personal.
            wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            return problem(422, "unfit", "; ".join(wrong))
        taken = await desk.receive(name, event.alert())
        if taken.arrival == "conflict":
            return problem(409, "event_conflict", "this event_id came before with other content; use a new one")
        answer = {"case_id": taken.case.case_id if taken.case else "", "arrival": taken.arrival}
        return JSONResponse(answer, 200 if taken.arrival == "again" else 202)

    return router


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_EVENT:
            raise BadQuery(f"the event is larger than {LARGEST_EVENT} bytes")
    return bytes(body)
