"""Asterisk, as far as a call that it gives away can tell: AudioSocket over TCP and chan_websocket, byte by byte.

Written after the frames a real Asterisk 22 sent and took (telephony.md §4.3): sound every 20 ms in both directions, no
marks, an end of the channel that is told by closing the connection.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ivr.model.g711 import mulaw_decode, mulaw_encode

FRAME_BYTES = 320
HANGUP, UUID_FRAME, DIGIT, SOUND = 0x00, 0x01, 0x03, 0x10


@dataclass(slots=True)
class AudioSocketChannel:
    """One channel in `AudioSocket(uuid,host:port)`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: bytearray = field(default_factory=bytearray)
    """PCM that was played to the caller."""

    was_hung_up: bool = False
    """The far side said so (kind 0x00), before it closed."""

    def send(self, kind: int, payload: bytes = b"") -> None:
        self.writer.write(struct.pack("!BH", kind, len(payload)) + payload)

    async def say(self, pcm: bytes) -> None:
        """Paced as Asterisk paces it."""
        for at in range(0, len(pcm), FRAME_BYTES):
            self.send(SOUND, pcm[at : at + FRAME_BYTES])
            await asyncio.sleep(0.02)

    def press(self, digit: str) -> None:
        self.send(DIGIT, digit.encode())

    async def listen(self) -> None:
        """Until the far side closes."""
        try:
            while True:
                kind, length = struct.unpack("!BH", await self.reader.readexactly(3))
                payload = await self.reader.readexactly(length)
                if kind == SOUND:
                    self.heard += payload
                self.was_hung_up = self.was_hung_up or kind == HANGUP
        except (asyncio.IncompleteReadError, ConnectionError):
            return


@asynccontextmanager
async def audiosocket(host: str, port: int, uuid: str) -> AsyncIterator[AudioSocketChannel]:
    """A channel that enters the application now; leaving the block hangs up as Asterisk does, without a word."""
    reader, writer = await asyncio.open_connection(host, port)
    channel = AudioSocketChannel(reader, writer)
    channel.send(UUID_FRAME, UUID(uuid).bytes)
    try:
        yield channel
    finally:
        writer.close()


@dataclass(slots=True)
class WebsocketChannel:
    """One channel of `Dial(WebSocket/…/c(ulaw))`."""

    connection: ClientConnection
    is_json: bool
    commands: list[str] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)

    async def tell(self, event: str, **values: str) -> None:
        """A control event, in the form the dialplan asked for."""
        if self.is_json:
            await self.connection.send(json.dumps({"event": event, **values}))
        else:
            await self.connection.send(" ".join([event, *(f"{name}:{value}" for name, value in values.items())]))

    async def say(self, pcm: bytes) -> None:
        for at in range(0, len(pcm), FRAME_BYTES):
            await self.connection.send(mulaw_encode(pcm[at : at + FRAME_BYTES]))
            await asyncio.sleep(0.02)

    async def listen(self) -> None:
        """Until the far side closes, or asks for HANGUP."""
        try:
            async for message in self.connection:
                if isinstance(message, bytes):
                    self.heard += mulaw_decode(message)
                    continue
                command = json.loads(message)["command"] if self.is_json else message.split()[0]
                self.commands.append(command)
                if command == "HANGUP":
                    await self.connection.close()
        except ConnectionClosed:
            return


@asynccontextmanager
async def chan_websocket(url: str, *, is_json: bool = False, form: str = "ulaw") -> AsyncIterator[WebsocketChannel]:
    """A channel that has connected and said MEDIA_START. `url` with what `v(…)` adds to it.

    Raises:
        websockets.exceptions.InvalidStatus: we were not let in.
    """
    async with connect(url, subprotocols=[Subprotocol("media")], compression=None) as connection:
        channel = WebsocketChannel(connection, is_json)
        await channel.tell(
            "MEDIA_START",
            connection_id="ivr",
            channel="WebSocket/ivr/0x5140001a0040",
            format=form,
            optimal_frame_size="160",
        )
        yield channel
