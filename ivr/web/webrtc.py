"""`POST /webrtc/offer` and the tickets for it.

Sites that embed the phone get tickets with the API key (`POST /api/webrtc/tokens`); our own public page gets one by
asking, a few times a minute (`POST /phone/token`). Every refusal is a problem document, and counted.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ivr.model.errors import BadQuery
from ivr.web.security import Guard, Reader
from ivr.web.webrtc_gate import Answer, Claims, PublicOrder, Refusal, Ticket, TicketOrder, WebRtcGate

LARGEST_BODY = 100_000
"""Bytes of an offer: 64 KiB of SDP as JSON."""

Asked = Callable[[WebRtcGate, Request], Awaitable[BaseModel]]
"""What is done for a page that may ask. May raise Refusal."""


class IceServers(BaseModel):
    """As `RTCConfiguration.iceServers` of a browser."""

    ice_servers: list[dict[str, Any]]


def webrtc_router(gate: WebRtcGate, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["webrtc"])

    @router.post("/webrtc/offer", response_model=Answer)
    async def take_offer(request: Request) -> Response:
        return await _gated(gate, request, _answer)

    @router.get("/webrtc/ice", response_model=IceServers)
    async def ice_servers(request: Request) -> Response:
        return await _gated(gate, request, _ice_servers)

    @router.post("/phone/token", response_model=Ticket)
    async def public_ticket(request: Request, order: PublicOrder) -> Response:
        return await _gated(gate, request, partial(_public_ticket, order))

    @router.post("/api/webrtc/tokens")
    async def ticket(_: Annotated[Reader, Depends(guard)], order: TicketOrder) -> Ticket:
        """For one call from a page of yours; give it to the browser, never the API key."""
        if not gate.browsers.flow_for(order.called):
            raise BadQuery("called: no flow answers this number; see numbers in config.yaml")
        return gate.issue(Claims("caller", order.called, order.caller, params=order.params))

    for path in ("/webrtc/offer", "/webrtc/ice", "/phone/token"):
        router.add_api_route(path, _preflight(gate), methods=["OPTIONS"], include_in_schema=False)
    return router


async def _answer(gate: WebRtcGate, request: Request) -> BaseModel:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise Refusal(413, "too_large", f"an offer has at most {LARGEST_BODY} bytes")
    return await gate.answer(bytes(body))


async def _ice_servers(gate: WebRtcGate, request: Request) -> BaseModel:
    return IceServers(ice_servers=gate.ice_servers(request.headers.get("authorization", "")))


async def _public_ticket(order: PublicOrder, gate: WebRtcGate, request: Request) -> BaseModel:
    return gate.public_ticket(order, request.client.host if request.client else "")


async def _gated(gate: WebRtcGate, request: Request, asked: Asked) -> Response:
    """Do what was asked if the page may ask; a page of another site may read the answer only if it is allowed to."""
    headers: dict[str, str] = {}
    try:
        if origin := gate.check_origin(request):
            headers = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        answer: Response = JSONResponse((await asked(gate, request)).model_dump())
    except Refusal as refusal:
        answer = gate.refused(refusal)
    answer.headers.update({**headers, "Cache-Control": "no-store"})
    return answer


def _preflight(gate: WebRtcGate) -> Any:
    async def preflight(request: Request) -> Response:
        try:
            origin = gate.check_origin(request)
        except Refusal as refusal:
            return gate.refused(refusal)
        allowed = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "Content-Type, Authorization",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Max-Age": "600",
            "Vary": "Origin",
        }
        return Response(status_code=204, headers=allowed if origin else {})

    return preflight
