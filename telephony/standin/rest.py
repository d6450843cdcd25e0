"""The stand-in's REST side: calls our server asks for ring, and end as the test says, told by signed callbacks.

Only what a dialler needs: create, read, list, hang up. Sound is not carried here: `answer` does that, see
`telephony.standin.carrier`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from telephony.standin.webhooks import Addresses, WebhookError, Webhooks

OVER = ("completed", "canceled", "busy", "no-answer", "failed")


@dataclass(slots=True)
class PlacedCall:
    call_sid: str
    to: str
    sender: str
    status_callback: str
    at: float
    """Monotonic seconds when the request arrived."""

    created: datetime
    status: str = "queued"
    url: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    """Everything our server said."""

    ringing: "asyncio.Task[None] | None" = None
    untold: int = 0
    """Callbacks that the server did not take."""


@dataclass(slots=True)
class StandInRest:
    """Serve `app`; every call placed is in `calls`, in order."""

    addresses: Addresses
    auth_token: str
    ends_with: Callable[[str], str] = lambda to: "no-answer"
    """CallStatus by number."""

    answer: Callable[[PlacedCall], Awaitable[object]] | None = None
    """Holds a call that `ends_with` says is `completed`, to its end; None: nobody speaks on it."""

    ring_seconds: float = 0.2
    calls: list[PlacedCall] = field(default_factory=list)
    app: FastAPI = field(default_factory=FastAPI)
    _client: httpx.AsyncClient | None = None
    _ringing: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        path = "/2010-04-01/Accounts/{account}/Calls"
        self.app.add_api_route(f"{path}.json", self.create, methods=["POST"])
        self.app.add_api_route(f"{path}.json", self.page, methods=["GET"])
        self.app.add_api_route(f"{path}/{{sid}}.json", self.read, methods=["GET"])
        self.app.add_api_route(f"{path}/{{sid}}.json", self.update, methods=["POST"])

    async def create(self, account: str, request: Request) -> JSONResponse:
        form = await request.form()
        sid = f"CA{len(self.calls):032x}"
        call = PlacedCall(
            sid, str(form["To"]), str(form["From"]), str(form.get("StatusCallback", "")), time.monotonic(),
            datetime.now(UTC), url=str(form.get("Url", "")), asked={name: str(value) for name, value in form.items()},
        )  # fmt: skip
        self.calls.append(call)
        task = call.ringing = asyncio.get_running_loop().create_task(self._ring(call, account))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)
        return JSONResponse(_shape(call, account), 201)

    async def page(self, account: str, request: Request) -> JSONResponse:
        asked = request.query_params
        found = [
            _shape(call, account) for call in reversed(self.calls)
            if asked.get("To", call.to) == call.to and asked.get("From", call.sender) == call.sender
        ]  # fmt: skip
        return JSONResponse({"calls": found[:20], "page": 0, "page_size": 20, "uri": "", "next_page_uri": None})

    async def read(self, account: str, sid: str) -> JSONResponse:
        call = next((one for one in self.calls if one.call_sid == sid), None)
        return JSONResponse(_shape(call, account)) if call else JSONResponse({"code": 20404}, 404)

    async def update(self, account: str, sid: str, request: Request) -> JSONResponse:
        """Only ending a call is known."""
        status = str((await request.form()).get("Status", ""))
        call = next((one for one in self.calls if one.call_sid == sid and one.status not in OVER), None)
        if call is None or call.ringing is None or status not in OVER:
            return JSONResponse({"code": 21220, "message": "the call is not in progress"}, 400)
        call.ringing.cancel()
        task = asyncio.get_running_loop().create_task(self._tell(call, account, status))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)
        return JSONResponse(_shape(call, account))

    async def close(self) -> None:
        for task in list(self._ringing):
            task.cancel()
        if self._client:
            await self._client.aclose()

    async def _ring(self, call: PlacedCall, account: str) -> None:
        await self._tell(call, account, "ringing")
        await asyncio.sleep(self.ring_seconds)
        status = self.ends_with(call.to)
        if self.answer and status == "completed":
            await self._tell(call, account, "in-progress")
            await self.answer(call)
        await self._tell(call, account, status)

    async def _tell(self, call: PlacedCall, account: str, status: str) -> None:
        call.status = status
        self._client = self._client or httpx.AsyncClient(limits=httpx.Limits(max_connections=50))
        form = {
            "CallSid": call.call_sid, "AccountSid": account, "From": call.sender, "To": call.to,
            "Direction": "outbound-api", "CallStatus": status,
        }  # fmt: skip
        try:
            await Webhooks(self.addresses, self.auth_token, self._client).post(
                call.status_callback.partition("#")[0], form
            )
        except WebhookError:
            call.untold += 1


def _shape(call: PlacedCall, account: str) -> dict[str, Any]:
    created = format_datetime(call.created)
    return {
        "sid": call.call_sid, "account_sid": account, "to": call.to, "from": call.sender,
        "status": call.status, "date_created": created, "start_time": created,
    }  # fmt: skip
