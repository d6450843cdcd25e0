"""A browser's part of a call, played by aiortc over loopback: it sends what it is given and keeps what it hears."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from ivr.model.g711 import alaw_decode, mulaw_decode, mulaw_encode
from telephony.webrtc_aiortc import take_packets
from telephony.webrtc_order import Packet

Signalling = Callable[[str], Awaitable[str]]
"""From our offer to the answer."""


class Microphone(MediaStreamTrack):
    """PCM at 8 kHz in packets of `packet_seconds`, then silence; `is_sending` off: nothing at all."""

    kind = "audio"

    def __init__(self, packet_seconds: float = 0.02, rate: int = 8000) -> None:
        super().__init__()
        self.rate, self._size = rate, round(packet_seconds * rate)
        self._packet_seconds = packet_seconds
        self._pcm = bytearray()
        self._began = 0.0
        self._sent = 0
        self.is_sending = asyncio.Event()
        self.is_sending.set()

    def say(self, pcm: bytes) -> None:
        self._pcm += pcm

    async def recv(self) -> Any:
        await self.is_sending.wait()
        now = time.monotonic()
        self._began = self._began or now
        await asyncio.sleep(max(0.0, self._began + self._sent * self._packet_seconds - now))
        size = self._size * 2
        piece = bytes(self._pcm[:size]).ljust(size, b"\0")
        del self._pcm[:size]
        self._sent += 1
        return self._packed(piece, (self._sent - 1) * self._size)

    def _packed(self, pcm: bytes, at: int) -> Any:
        if self.rate != 8000:
            frame = av.AudioFrame("s16", "mono", len(pcm) // 2)
            frame.planes[0].update(pcm)
            frame.sample_rate, frame.time_base, frame.pts = self.rate, Fraction(1, self.rate), at
            return frame
        packet: Any = av.Packet(mulaw_encode(pcm))
        packet.pts, packet.time_base = at, Fraction(1, 8000)
        return packet


@dataclass
class Browser:
    """One page with a call."""

    connection: RTCPeerConnection
    microphone: Microphone
    channel: Any
    messages: list[dict[str, Any]] = field(default_factory=list)
    packets: list[tuple[float, Packet]] = field(default_factory=list)
    """What came, with its time of arrival (monotonic)."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    async def until(self, is_true: Callable[[], bool], seconds: float = 8.0) -> None:
        """Wait until something that came makes it true."""
        async with asyncio.timeout(seconds):
            while not is_true():
                self.changed.clear()
                await self.changed.wait()

    async def got(self, kind: str, **more: Any) -> dict[str, Any]:
        """A message of that type with these fields, waited for."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.messages if each["type"] == kind and more.items() <= each.items()]

        await self.until(lambda: bool(found()))
        return found()[0]

    def heard(self) -> NDArray[np.int16]:
        """All sound so far at 8 kHz, shape (n,)."""
        decode = {0: mulaw_decode, 8: alaw_decode}
        return np.frombuffer(b"".join(decode[each.payload_type](each.payload) for _, each in self.packets), "<i2")

    def is_loud(self, from_packet: int = 0, above: float = 1000.0) -> bool:
        sound = b"".join(mulaw_decode(each.payload) for _, each in self.packets[from_packet:])
        return bool(sound) and float(np.abs(np.frombuffer(sound, "<i2")).max()) > above

    def vanish(self) -> None:
        """As if the network were gone: nothing goes out any more, not even a farewell."""
        transport = self.connection.getTransceivers()[0].receiver.transport

        async def lost(_: bytes) -> None:
            pass

        transport.transport._send = lost  # type: ignore[method-assign]  # every packet of ours goes through it


def lose_packets(browser: Browser, is_lost: Callable[[int], bool]) -> None:
    """Drop what the browser sends, by the number of the packet."""
    sender = browser.connection.getTransceivers()[0].sender
    transport: Any = sender.transport
    send, count = transport._send_rtp, iter(range(1 << 30))

    async def sometimes(packet: bytes) -> None:
        is_sound = 64 > packet[1] & 0x7F or packet[1] & 0x7F >= 96
        if not (is_sound and is_lost(next(count))):
            await send(packet)

    transport._send_rtp = sometimes


@asynccontextmanager
async def calling(
    signalling: Signalling, codec: str = "pcmu", packet_seconds: float = 0.02, configuration: Any = None
) -> AsyncIterator[Browser]:
    """A call that is connected, with its data channel open."""
    connection = RTCPeerConnection(configuration or RTCConfiguration(iceServers=[]))
    microphone = Microphone(packet_seconds, 16000 if codec == "opus" else 8000)
    connection.addTrack(microphone)
    known = RTCRtpReceiver.getCapabilities("audio")
    assert known
    transceiver = connection.getTransceivers()[0]
    transceiver.setCodecPreferences([each for each in known.codecs if each.mimeType.lower() == f"audio/{codec}"])
    browser = Browser(connection, microphone, connection.createDataChannel("ivr"))

    def heard(packet: Packet) -> None:
        browser.packets.append((time.monotonic(), packet))
        browser.changed.set()

    take_packets(transceiver.receiver, heard)

    @browser.channel.on("message")  # type: ignore[untyped-decorator]
    def _(message: str) -> None:
        browser.messages.append(json.loads(message))
        browser.changed.set()

    opened = asyncio.Event()
    browser.channel.on("open", opened.set)
    eating: asyncio.Task[None] | None = None
    try:
        await connection.setLocalDescription(await connection.createOffer())
        answer = await signalling(connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        eating = asyncio.create_task(_eat(connection.getReceivers()[0].track))
        async with asyncio.timeout(10):
            await opened.wait()
        yield browser
    finally:
        if eating:
            eating.cancel()
        await connection.close()


async def _eat(track: MediaStreamTrack) -> None:
    try:
        while True:
            await track.recv()
    except MediaStreamError:
        return
