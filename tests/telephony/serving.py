"""The real router in a real server on loopback, a small call centre behind it, and Twilio's part of the webhooks."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import uvicorn
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, TransferFinished
from telephony.dial_plan import DialPlan
from telephony.twilio_line import TwilioLine
from telephony.twilio_settings import TwilioSettings
from telephony.twilio_web import twilio_router

SECRET = "auth-token"
PUBLIC = "https://ivr.example.test"
SETTINGS = TwilioSettings("AC" + "0" * 32, SECRET, PUBLIC, start_seconds=0.3, human_number="+14155550100")
CALL_SID = "CA" + "1" * 32
CALLER, CALLED = "+15005550001", "+15005550006"

Script = Callable[[TwilioLine], Awaitable[None]]


async def listen_to_the_end(line: TwilioLine) -> None:
    async for _ in line.incoming():
        pass


@dataclass
class Desk:
    """`TwilioCalls` that runs one script for every call and keeps what it was told."""

    script: Script = listen_to_the_end
    most_calls: int = 10
    answered: list[CallAnswered] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    resumed: list[tuple[str, TransferFinished]] = field(default_factory=list)
    endings: list[tuple[str, str, str]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def flow_for(self, called: str) -> str:
        return "bank" if called == CALLED else ""

    def has_room(self) -> bool:
        return len(self.answered) < self.most_calls

    async def run_call(self, line: TwilioLine, answered: CallAnswered, leg: Leg) -> None:
        self.answered.append(answered)
        self.legs.append(leg)
        self.begun.set()
        try:
            await self.script(line)
        finally:
            self.over.set()

    async def resume_call(self, call_sid: str, line: TwilioLine, finished: TransferFinished) -> None:
        self.resumed.append((call_sid, finished))
        await line.hang_up()
        self.over.set()

    async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
        self.endings.append((call_sid, status, attempt_id))


@dataclass
class Twilio:
    """Twilio's webhooks: forms signed by Twilio's own SDK over the public address."""

    port: int
    http: httpx.AsyncClient
    call: dict[str, str] = field(
        default_factory=lambda: {
            "CallSid": CALL_SID,
            "AccountSid": SETTINGS.account_sid,
            "From": CALLER,
            "To": CALLED,
            "Direction": "inbound",
            "CallStatus": "in-progress",
            "CallerName": "",
        }
    )

    async def post(self, path: str, sign_url: str = "", **form: str) -> httpx.Response:
        fields = {**self.call, **form}
        signature = RequestValidator(SECRET).compute_signature(sign_url or PUBLIC + path, fields)
        return await self.http.post(
            path,
            content=urlencode(fields),
            headers={"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"},
        )

    async def asks(self, path: str, **form: str) -> ElementTree.Element:
        """The TwiML a webhook answers with."""
        response = await self.post(path, **form)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/xml")
        return ElementTree.fromstring(response.text)

    async def parameters(self, path: str = "/twilio/voice", **form: str) -> dict[str, str]:
        """What the stream that `path` opens will say in its `start`."""
        twiml = await self.asks(path, **form)
        assert [verb.tag for verb in twiml] == ["Connect", "Redirect"]
        return {each.attrib["name"]: each.attrib["value"] for each in twiml.iter("Parameter")}

    @property
    def media_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/twilio/media"


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[int]:
    """The application on a free port of loopback."""
    config = uvicorn.Config(
        app, port=0, log_level="critical", ws="websockets-sansio", ws_max_size=65536, ws_per_message_deflate=False
    )
    server = _Server(config)
    serving_it = asyncio.create_task(server.serve())
    try:
        await server.ready.wait()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving_it


@asynccontextmanager
async def serving(desk: Desk, settings: TwilioSettings = SETTINGS) -> AsyncIterator[Twilio]:
    app = FastAPI()
    app.include_router(twilio_router(settings, desk, DialPlan(("+1",))))
    async with running(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        yield Twilio(port, http)


def verbs(twiml: ElementTree.Element) -> list[str]:
    return [verb.tag for verb in twiml]


def start_message(parameters: dict[str, str], call_sid: str = CALL_SID) -> dict[str, Any]:
    return {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ1",
        "start": {
            "streamSid": "MZ1",
            "accountSid": SETTINGS.account_sid,
            "callSid": call_sid,
            "tracks": ["inbound"],
            "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }
