"""A browser's part of a call, played by aiortc over loopback: it sends what it is given and keeps what it hears."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import aioice.ice
import av
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from ivr.model.audio import AudioFrame
from ivr.model.events import CallEvent
from ivr.model.g711 import alaw_decode, mulaw_decode, mulaw_encode
from telephony.webrtc_aiortc import take_packets
from telephony.webrtc_door import WebRtcDoor
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_order import Packet
from telephony.webrtc_settings import WebRtcSettings

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

    async def until(self, is_true: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something that came makes it true."""
        async with asyncio.timeout(seconds):
            while not is_true():
                self.changed.clear()
                await self.changed.wait()

    async def got(self, kind: str, **more: Any) -> dict[str, Any]:
        """A message of that type with these fields, waited for."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.messages if each["type"] == kind and more.items() <= each.items()]

        try:
            await self.until(lambda: bool(found()))
        except TimeoutError as error:
            raise AssertionError(f"no {kind} with {more} came, but {self.messages}") from error
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
        transport: Any = self.connection.getTransceivers()[0].receiver.transport

        async def lost(_: bytes) -> None:
            pass

        transport.transport._send = lost  # every packet of ours goes through it


def lose_packets(browser: Browser, is_lost: Callable[[int], bool]) -> None:
    """Drop what the browser sends, by the number of the packet."""
    sender = browser.connection.getTransceivers()[0].sender
    transport: Any = sender.transport
    send, count = transport._send_rtp, iter(range(1 << 30))

    async def sometimes(packet: bytes) -> None:
        is_sound = packet[1] & 0x7F < 64 or packet[1] & 0x7F >= 96
        if not (is_sound and is_lost(next(count))):
            await send(packet)

    transport._send_rtp = sometimes


@asynccontextmanager
async def calling(
    signalling: Signalling, codec: str = "pcmu", packet_seconds: float = 0.02, configuration: Any = None
) -> AsyncIterator[Browser]:
    """A call that is connected, with its data channel open; without a `codec` all that aiortc has are offered."""
    connection = RTCPeerConnection(configuration or RTCConfiguration(iceServers=[]))
    microphone = Microphone(packet_seconds, 16000 if codec == "opus" else 8000)
    connection.addTrack(microphone)
    known = RTCRtpReceiver.getCapabilities("audio")
    assert known
    transceiver = connection.getTransceivers()[0]
    if codec:
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
        async with asyncio.timeout(60):
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


@dataclass
class Answered:
    """Our side of browser calls: a real door, and what each line brought."""

    door: WebRtcDoor
    script: Callable[[WebRtcLine], Coroutine[Any, Any, None]] | None = None
    lines: list[WebRtcLine] = field(default_factory=list)
    items: list[AudioFrame | CallEvent] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: asyncio.TaskGroup | None = None

    @property
    def line(self) -> WebRtcLine:
        return self.lines[-1]

    @property
    def events(self) -> list[CallEvent]:
        return [item for item in self.items if not isinstance(item, AudioFrame)]

    def sound(self) -> NDArray[np.int16]:
        return np.frombuffer(b"".join(item.pcm for item in self.items if isinstance(item, AudioFrame)), "<i2")

    async def answer(self, sdp: str) -> str:
        """Fits `Signalling`."""
        assert self.tasks
        answer, line = await self.door.connect(sdp)
        self.lines.append(line)
        self.tasks.create_task(self._hold(line))
        return answer

    async def until(self, is_true: Callable[[], bool], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not is_true():
                self.changed.clear()
                await self.changed.wait()

    async def _hold(self, line: WebRtcLine) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(line.carry())
            if await line.is_connected() and self.script:
                group.create_task(self.script(line))
            async for item in line.incoming():
                self.items.append(item)
                self.changed.set()
        self.over.set()


@asynccontextmanager
async def answering(
    settings: WebRtcSettings | None = None, script: Callable[[WebRtcLine], Coroutine[Any, Any, None]] | None = None
) -> AsyncIterator[Answered]:
    """Until the block ends; then every line is hung up."""
    answered = Answered(WebRtcDoor(settings or WebRtcSettings()), script)
    async with asyncio.TaskGroup() as answered.tasks:
        try:
            yield answered
        finally:
            for line in answered.lines:
                await line.hang_up()


def dominant_hz(sound: NDArray[np.int16], rate: int = 8000) -> float:
    """The strongest frequency of a sound."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(np.argmax(spectrum)) * rate / sound.size


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only 127.0.0.1, which aioice leaves out: a machine without a network has nothing else."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
