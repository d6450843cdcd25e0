"""A browser's line for the benchmarks: our door, and aiortc as the browser."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aioice.ice
import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from fastapi import FastAPI, Request, Response

from benchmarks.line_kinds import Phone, Take
from telephony.webrtc_aiortc import OutgoingTrack, take_packets
from telephony.webrtc_codecs import CODECS
from telephony.webrtc_door import WebRtcDoor
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_order import Packet
from telephony.webrtc_settings import WebRtcSettings
from tests.telephony.serving import running


class BrowserKind:
    """Encrypted RTP, PCMU or Opus; the network loses packets both ways."""

    def __init__(self, codec: str) -> None:
        self._codec = codec

    @asynccontextmanager
    async def serving(self, callers: int, take: Take) -> AsyncIterator[list[Any]]:
        only_loopback()
        door = WebRtcDoor(WebRtcSettings(codecs=(self._codec,), setups_per_second=100, most_connections=100))
        app, calls, lines = FastAPI(), list[asyncio.Task[None]](), list[WebRtcLine]()

        async def hold(number: int, line: WebRtcLine) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.carry())
                if await line.is_connected():
                    await take(number, line)

        @app.post("/offer/{number}")
        async def _(number: int, request: Request) -> Response:
            answer, line = await door.connect((await request.body()).decode())
            lines.append(line)
            calls.append(asyncio.create_task(hold(number, line)))
            return Response(answer)

        async with running(app) as port:
            try:
                yield [f"http://127.0.0.1:{port}/offer/{number}" for number in range(callers)]
            finally:
                for line in lines:
                    await line.hang_up()
                await asyncio.gather(*calls, return_exceptions=True)

    async def call(self, ticket: Any, phone: Phone, loss: float) -> None:
        only_loopback()
        codec, dice = CODECS[self._codec](), random.Random(ticket)
        connection, number, is_over = RTCPeerConnection(RTCConfiguration(iceServers=[])), iter(range(1 << 30)), False
        size = codec.rate // 8000

        def speak(due: float) -> bytes:
            pcm = phone.say(next(number), time.monotonic())
            return codec.encode(np.repeat(pcm, size).astype("<i2").tobytes())

        def hear(packet: Packet) -> None:
            if not is_over and dice.random() >= loss:
                phone.hear(time.monotonic(), np.frombuffer(codec.decode(packet.payload), "<i2")[::size])

        connection.addTrack(OutgoingTrack(speak, codec.clock_rate, time.monotonic))
        (transceiver,) = connection.getTransceivers()
        known, wanted = RTCRtpReceiver.getCapabilities("audio"), f"audio/{self._codec}"
        assert known
        transceiver.setCodecPreferences([each for each in known.codecs if each.mimeType.lower() == wanted])
        connection.createDataChannel("ivr")
        take_packets(transceiver.receiver, hear)
        await connection.setLocalDescription(await connection.createOffer())
        async with httpx.AsyncClient(timeout=30) as http:
            answer = (await http.post(ticket, content=connection.localDescription.sdp)).text
        lose(transceiver.sender.transport, dice, loss)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.sleep(phone.seconds)
        is_over = True
        await connection.close()


def lose(transport: Any, dice: random.Random, share: float) -> None:
    """Drop this share of the sound that is sent."""
    send = transport._send_rtp

    async def sometimes(packet: bytes) -> None:
        is_report = 64 <= packet[1] & 0x7F < 96
        if is_report or dice.random() >= share:
            await send(packet)

    transport._send_rtp = sometimes


def only_loopback() -> None:
    """aioice leaves 127.0.0.1 out; a machine without a network has nothing else."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
