"""A small server that keeps the contract of our own, for testing the stand-in alone: it plays a tone as its prompt,
clears it when it hears a voice or a key, answers silence after a voice with another tone, closes the stream at `#`
to have the caller transferred, and hangs up at `0`."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

from telephony.standin.playout import audible_blocks
from tests.standin.sounds import spoken

PUBLIC = "https://bot.example.test/hook"
TOKEN = "stand-in-test"
PROMPT_SECONDS = 3.0
ANSWER_SECONDS = 0.3
END_OF_TURN_FRAMES = 10


class FarSide:
    """State that the tests look at, and the application."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        """Webhooks and stream messages but media, in order."""

        self.sequence: list[int] = []
        self.parameters: dict[str, str] = {}
        self.app = FastAPI()
        self.app.add_api_route("/twilio/{what}", self.webhook, methods=["POST"])
        self.app.add_api_websocket_route("/twilio/media", self.media)
        self.hang_up = False

    async def webhook(self, what: str, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        validator = RequestValidator(TOKEN)
        signature = request.headers.get("X-Twilio-Signature", "")
        if form["To"] == "+15550199" or not validator.validate(f"{PUBLIC}/twilio/{what}", form, signature):
            return Response(status_code=403)
        more = form.get("StreamEvent") or form.get("DialCallStatus") or form["CallStatus"]
        self.seen.append(f"{what} {more}")
        return Response(self._answer(what), media_type="application/xml")

    def _answer(self, what: str) -> str:
        response = VoiceResponse()
        if what in ("voice", "after-dial"):
            connect = Connect()
            stream = connect.stream(
                url=f"wss{PUBLIC.removeprefix('https')}/twilio/media",
                status_callback=f"{PUBLIC}/twilio/stream-status",
            )
            stream.parameter(name="t", value=f"token-{what}")
            response.append(connect)
            response.redirect("after-stream" if what == "after-dial" else f"{PUBLIC}/twilio/after-stream")
        elif what == "after-stream" and self.hang_up:
            response.say("Goodbye.")
            response.hangup()
        elif what == "after-stream":
            response.append(Dial("+15550111", action=f"{PUBLIC}/twilio/after-dial"))
        return str(response)

    async def media(self, stream: WebSocket) -> None:
        validator = RequestValidator(TOKEN)
        signature = stream.headers.get("X-Twilio-Signature", "")
        assert validator.validate(f"wss{PUBLIC.removeprefix('https')}/twilio/media", {}, signature)
        await stream.accept()
        ears = _Ears(stream)
        try:
            while True:
                message = json.loads(await stream.receive_text())
                if "sequenceNumber" in message:
                    self.sequence.append(int(message["sequenceNumber"]))
                if message["event"] != "media":
                    self._note(message)
                if await ears.take(message):
                    self.hang_up = message["dtmf"]["digit"] == "0"
                    await stream.close()
                    return
        except WebSocketDisconnect as gone:
            self.seen.append(f"gone {gone.code}")

    def _note(self, message: dict[str, Any]) -> None:
        match message:
            case {"event": "start", "start": {"customParameters": parameters}}:
                self.parameters = parameters
                self.seen.append("start")
            case {"event": "dtmf", "dtmf": {"digit": digit}}:
                self.seen.append(f"key {digit}")
            case {"event": "mark", "mark": {"name": name}}:
                self.seen.append(f"mark {name}")
            case {"event": event}:
                self.seen.append(str(event))


class _Ears:
    """What one stream of the far side hears, and what it says to it."""

    def __init__(self, stream: WebSocket) -> None:
        self._stream = stream
        self._prompting = False
        self._voiced = 0
        self._quiet = 0

    async def take(self, message: dict[str, Any]) -> bool:
        """True: close the stream."""
        match message:
            case {"event": "start"}:
                self._prompting = True
                await self._play(PROMPT_SECONDS, "prompt")
            case {"event": "dtmf", "dtmf": {"digit": digit}}:
                await self._interrupt()
                if digit in "#0":
                    return True
                await self._play(ANSWER_SECONDS, "answer")
            case {"event": "mark"}:
                self._prompting = False
            case {"event": "media", "media": {"payload": payload}}:
                await self._listen(base64.b64decode(payload))
        return False

    async def _listen(self, frame: bytes) -> None:
        if audible_blocks(frame).any():
            self._voiced, self._quiet = self._voiced + 1, 0
            if self._voiced == 5:
                await self._interrupt()
        elif self._voiced:
            self._quiet += 1
            if self._quiet == END_OF_TURN_FRAMES:
                self._voiced = 0
                await self._play(ANSWER_SECONDS, "answer")

    async def _interrupt(self) -> None:
        if self._prompting:
            self._prompting = False
            await self._send({"event": "clear"})

    async def _play(self, seconds: float, name: str) -> None:
        await self._send({"event": "media", "media": {"payload": base64.b64encode(spoken(seconds)).decode()}})
        await self._send({"event": "mark", "mark": {"name": name}})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._stream.send_text(json.dumps({"streamSid": "MZ", **message}))


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """A real uvicorn on a free loopback port; its address. It listens before uvicorn runs: nobody needs to wait."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
