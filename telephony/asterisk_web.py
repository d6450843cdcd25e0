"""Asterisk's routes: the websocket of chan_websocket, and the question for a UUID before AudioSocket."""

import asyncio
import secrets
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response, WebSocket, WebSocketDisconnect

from ivr.model.calls import Leg
from ivr.model.errors import NotAllowed
from telephony.asterisk_door import AsteriskDoor
from telephony.asterisk_line import AsteriskLine
from telephony.asterisk_messages import BadAsterisk, Codec, read_control, write_command

START_SECONDS = 5.0
MOST_UNSENT = 100
"""Frames that Asterisk has not taken: two seconds. More is dropped."""

POLICY_VIOLATION = 1008
SUBPROTOCOL = "media"


def asterisk_router(door: AsteriskDoor) -> APIRouter:
    router = APIRouter(prefix="/asterisk", tags=["asterisk"])

    @router.post("/calls")
    async def announce(
        request: Request,
        called: Annotated[str, Form()],
        caller: Annotated[str, Form()] = "",
        token: Annotated[str, Form()] = "",
    ) -> Response:
        """The UUID for `AudioSocket(…)` of a call with these numbers, as plain text."""
        address = request.client.host if request.client else ""
        try:
            door.check(address, request.headers.get("authorization", ""), token)
        except NotAllowed as error:
            raise HTTPException(403) from error
        try:
            return Response(door.announce(called, caller), media_type="text/plain")
        except NotAllowed as error:
            raise HTTPException(404) from error

    @router.websocket("/media")
    async def media(websocket: WebSocket, did: str = "", caller: str = "", token: str = "") -> None:
        """A call of chan_websocket: `v(did=…,caller=…,token=…)` in the dialplan."""
        await _carry(door, websocket, did, caller, token)

    return router


async def _carry(door: AsteriskDoor, websocket: WebSocket, did: str, caller: str, token: str) -> None:
    try:
        door.check(websocket.client.host if websocket.client else "", websocket.headers.get("authorization", ""), token)
        answered = door.answered(did, caller)
    except NotAllowed:
        return await websocket.close(POLICY_VIOLATION)
    offered = websocket.headers.get("sec-websocket-protocol", "")
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        async with asyncio.timeout(START_SECONDS):
            message = await websocket.receive()
        started = read_control(message.get("text") or "")
        codec = started.codec
    except (BadAsterisk, TimeoutError):
        door.refuse("no_start")
        with suppress(RuntimeError, WebSocketDisconnect):  # it may have gone by itself
            await websocket.close(POLICY_VIOLATION)
        return
    outbox: asyncio.Queue[bytes | str] = asyncio.Queue()
    outbox.put_nowait(write_command("ANSWER", is_json=started.is_json))
    goodbye = write_command("HANGUP", is_json=started.is_json)
    line = AsteriskLine(
        lambda pcm: _queue(outbox, codec, pcm), lambda: outbox.put_nowait(goodbye), door.longest_call_seconds
    )
    leg = Leg("asterisk", {"call_sid": started.channel or secrets.token_hex(8)})
    await door.hold(line, answered, leg, _read(line, websocket, codec, door), _write(line, websocket, outbox, goodbye))


def _queue(outbox: "asyncio.Queue[bytes | str]", codec: Codec, pcm: bytes | None) -> None:
    """Asterisk makes silence itself where nothing comes."""
    if pcm is not None and outbox.qsize() < MOST_UNSENT:
        outbox.put_nowait(codec.encode(pcm))


async def _read(line: AsteriskLine, websocket: WebSocket, codec: Codec, door: AsteriskDoor) -> None:
    while True:
        try:
            message = await websocket.receive()
        except (RuntimeError, WebSocketDisconnect):
            return line.drop("network")
        if message["type"] == "websocket.disconnect":
            return line.drop("caller")
        if sound := message.get("bytes"):
            line.take_sound(codec.decode(sound))
            continue
        try:
            control = read_control(message.get("text") or "")
        except BadAsterisk:
            door.refuse("malformed")
            continue
        if control.event in ("MEDIA_XOFF", "MEDIA_XON"):
            line.pause(control.event == "MEDIA_XOFF")
        else:
            line.take_digit(control.digit)


async def _write(line: AsteriskLine, websocket: WebSocket, outbox: "asyncio.Queue[bytes | str]", goodbye: str) -> None:
    message: bytes | str = b""
    while message is not goodbye:
        message = await outbox.get()
        try:
            if isinstance(message, str):
                await websocket.send_text(message)
            else:
                await websocket.send_bytes(message)
        except (RuntimeError, WebSocketDisconnect, OSError):
            return line.drop("network")
    with suppress(RuntimeError, WebSocketDisconnect, OSError):
        await websocket.close()
