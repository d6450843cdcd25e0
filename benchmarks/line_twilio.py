"""A Twilio line for the benchmarks: media streams over real websockets."""

import asyncio
import base64
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
import websockets
from fastapi import FastAPI
from numpy.typing import NDArray

from benchmarks.line_kinds import Phone, Take
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, TransferFinished
from ivr.model.g711 import mulaw_decode, mulaw_encode
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.twilio_line import TwilioLine
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_web import twilio_router
from tests.telephony.serving import Twilio, running, start_message


class PlayQueue:
    """An ear that plays what it gets to its end, as Twilio does; nothing held back, nothing made up."""

    def __init__(self, phone: Phone) -> None:
        self._phone, self._free = phone, 0.0

    def got(self, samples: NDArray[np.int16]) -> None:
        start = max(time.monotonic(), self._free)
        self._free = start + samples.size / 8000
        self._phone.hear(start, samples)

    def clear(self) -> None:
        self._free = 0.0


class TwilioKind:
    """A media stream over a real websocket. The network is TCP: what is lost never reached Twilio, and shows as a
    jump of the timestamps; on the way back nothing is lost."""

    _settings = TwilioSettings("AC" + "0" * 32, "auth-token", "https://ivr.example.test")

    @asynccontextmanager
    async def serving(self, callers: int, take: Take) -> AsyncIterator[list[Any]]:
        app = FastAPI()
        app.include_router(twilio_router(self._settings, _Desk(take), DialPlan(), OutgoingCalls(0, 60)))
        async with running(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            twilio = Twilio(port, http)
            sids = [f"CA{number:032d}" for number in range(callers)]
            yield [(twilio.media_url, sid, await twilio.parameters(CallSid=sid)) for sid in sids]

    async def call(self, ticket: Any, phone: Phone, loss: float) -> None:
        url, sid, parameters = ticket
        async with websockets.connect(url, compression=None) as socket:
            await socket.send(json.dumps(start_message(parameters, sid)))
            listening = asyncio.create_task(self._listen(socket, PlayQueue(phone)))
            began, lost = time.monotonic() + random.random() * 0.02, random.Random(sid)
            for number in range(round(phone.seconds * 50)):
                await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
                payload = base64.b64encode(mulaw_encode(phone.say(number, time.monotonic()).tobytes())).decode()
                if lost.random() >= loss:
                    media = {"track": "inbound", "timestamp": str(number * 20), "payload": payload}
                    message = {"event": "media", "sequenceNumber": str(number + 2), "streamSid": "MZ1", "media": media}
                    await socket.send(json.dumps(message))
            listening.cancel()

    async def _listen(self, socket: websockets.ClientConnection, ear: PlayQueue) -> None:
        async for raw in socket:
            message = json.loads(raw)
            if message["event"] == "media":
                ear.got(np.frombuffer(mulaw_decode(base64.b64decode(message["media"]["payload"])), "<i2"))
            elif message["event"] == "clear":
                ear.clear()
            else:
                await socket.send(json.dumps({**message, "sequenceNumber": None}))


class _Desk:
    """`TwilioCalls` that hands every line over."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def flow_for(self, called: str) -> str:
        return "room"

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        await self._take(int(leg.provider_ids["call_sid"].removeprefix("CA")), line)

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        """No transfers here."""

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        """Nothing to remember."""
