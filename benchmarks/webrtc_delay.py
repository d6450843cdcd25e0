"""What aiortc's own jitter buffer costs, beside ours: `python -m benchmarks.webrtc_delay`.

From the first sample of a beep of a browser to the frame of ours that brings it, at 0 and 2 % loss. The browsers are
aiortc in another process, on loopback; both processes read one monotonic clock. Everything else of browser lines is
measured by `benchmarks.lines`.
"""

import asyncio
import multiprocessing
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from benchmarks.line_browser import lose, only_loopback
from ivr.model.audio import AudioFrame
from telephony.webrtc_aiortc import OutgoingTrack, take_packets
from telephony.webrtc_codecs import CODECS
from telephony.webrtc_door import WebRtcDoor
from telephony.webrtc_line import WebRtcLine
from telephony.webrtc_order import Packet
from telephony.webrtc_settings import WebRtcSettings

LOSS = 0.02
BEEP_EVERY = 0.5
BEEP_SECONDS = 0.1
DELAY_SECONDS = 40.0
SETTLE_SECONDS = 2.0
LOUD = 3000

Pipe = Any
"""`multiprocessing.Connection`: offers go up, answers come down; at the end the times of beeps or packets go up."""


@dataclass(slots=True)
class Talker:
    """What a browser of the other process sends, already encoded, and when its beeps began."""

    codec_name: str
    began: list[float] = field(default_factory=list)
    _payloads: list[bytes] = field(default_factory=list)
    _frames: int = 0

    def __post_init__(self) -> None:
        codec = CODECS[self.codec_name]()
        size, loud = codec.rate // 50, round(BEEP_SECONDS * 50)
        wave = (12000 * np.sin(2 * np.pi * 1000 * np.arange(size) / codec.rate)).astype("<i2").tobytes()
        frames = [wave if n < loud else bytes(len(wave)) for n in range(round(BEEP_EVERY * 50))]
        self._payloads = [codec.encode(pcm) for pcm in frames]

    def next_payload(self, due: float) -> bytes:
        place = self._frames % len(self._payloads)
        self._frames += 1
        if place == 0:
            self.began.append(time.monotonic() - 0.02)  # a frame can leave when its last sample was said
        return self._payloads[place]


async def browse(pipe: Pipe, codec_name: str, loss: float, seed: int, seconds: float) -> None:
    """One browser: offers, sends, and tells when its beeps began and when what it heard came."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    talker, arrived = Talker(codec_name), list[tuple[float, bytes]]()
    codec = CODECS[codec_name]()
    connection.addTrack(OutgoingTrack(talker.next_payload, codec.clock_rate, time.monotonic))
    (transceiver,) = connection.getTransceivers()
    known = RTCRtpReceiver.getCapabilities("audio")
    assert known
    transceiver.setCodecPreferences([each for each in known.codecs if each.mimeType.lower() == f"audio/{codec_name}"])
    connection.createDataChannel("ivr")

    def heard(packet: Packet) -> None:
        if codec_name == "pcmu":
            arrived.append((time.monotonic(), packet.payload))

    take_packets(transceiver.receiver, heard)
    await connection.setLocalDescription(await connection.createOffer())
    pipe.send(connection.localDescription.sdp)
    answer = await asyncio.to_thread(pipe.recv)
    lose(transceiver.sender.transport, random.Random(seed), loss)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.sleep(seconds)
    onsets = beep_onsets([(at, codec.decode(payload)) for at, payload in arrived]) if arrived else []
    pipe.send((talker.began, onsets))
    await connection.close()


def beep_onsets(frames: list[tuple[float, bytes]]) -> list[float]:
    """Times of arrival of frames that bring a beep after 0.2 s without one."""
    onsets, last_loud = [], -1.0
    for at, pcm in frames:
        if np.abs(np.frombuffer(pcm, "<i2")).max(initial=0) > LOUD:
            if at - last_loud > 0.2:
                onsets.append(at)
            last_loud = at
    return onsets


def browsers(pipes: list[Pipe], codec_name: str, losses: list[float], seconds: float) -> None:
    """The other process."""
    only_loopback()

    async def all_browse() -> None:
        jobs = zip(pipes, losses, strict=True)
        await asyncio.gather(*(browse(pipe, codec_name, loss, n, seconds) for n, (pipe, loss) in enumerate(jobs)))

    asyncio.run(all_browse())


# -- our side


@dataclass(slots=True)
class Ear:
    """What one line heard, by time."""

    frames: list[tuple[float, bytes]] = field(default_factory=list)


async def hold(line: WebRtcLine, ear: Ear) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(line.carry())
        async for item in line.incoming():
            if isinstance(item, AudioFrame):
                ear.frames.append((time.monotonic(), item.pcm))


async def stock(sdp: str, ear: Ear) -> tuple[str, RTCPeerConnection]:
    """The same with nothing but aiortc."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    connection.addTrack(Silent())
    (transceiver,) = connection.getTransceivers()
    known = RTCRtpReceiver.getCapabilities("audio")
    assert known
    transceiver.setCodecPreferences([each for each in known.codecs if each.mimeType == "audio/PCMU"])

    async def listen(track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                ear.frames.append((time.monotonic(), bytes(frame.planes[0])[: frame.samples * 2]))

    LISTENING.append(asyncio.create_task(listen(transceiver.receiver.track)))
    await connection.setLocalDescription(await connection.createAnswer())
    return connection.localDescription.sdp, connection


LISTENING: list[asyncio.Task[None]] = []
"""Tasks of `stock`, kept so that they are not collected."""


class Silent(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pace = OutgoingTrack(lambda due: b"\xff" * 160, 8000, time.monotonic)

    async def recv(self) -> Any:
        packet: Any = await self._pace.recv()
        frame = av.AudioFrame("s16", "mono", 160)
        frame.planes[0].update(bytes(320))
        frame.sample_rate, frame.time_base, frame.pts = 8000, Fraction(1, 8000), packet.pts
        return frame


def apart(codec_name: str, losses: list[float], seconds: float) -> tuple[list[Pipe], Any]:
    """Start the browsers; our ends of their pipes, and their process."""
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in losses]
    theirs = [end for _, end in ends]
    process = context.Process(target=browsers, args=(theirs, codec_name, losses, seconds), daemon=True)
    process.start()
    return [end for end, _ in ends], process


async def measure_delay() -> None:
    names = ["ours, 0 %", "ours, 2 %", "aiortc's, 0 %", "aiortc's, 2 %"]
    losses = [0.0, LOSS, 0.0, LOSS]
    pipes, process = apart("pcmu", losses, DELAY_SECONDS)
    ears, door = [Ear() for _ in names], WebRtcDoor(WebRtcSettings(setups_per_second=100, comfort_noise=False))
    held, plain = list[asyncio.Task[None]](), list[RTCPeerConnection]()
    for number, pipe in enumerate(pipes):
        sdp = await asyncio.to_thread(pipe.recv)
        if number in (2, 3):
            answer, connection = await stock(sdp, ears[number])
            plain.append(connection)
        else:
            answer, line = await door.connect(sdp)
            held.append(asyncio.create_task(hold(line, ears[number])))
        pipe.send(answer)
    told = [await asyncio.to_thread(pipe.recv) for pipe in pipes]
    for number in range(4):
        show(names[number], told[number][0], beep_onsets(ears[number].frames))
    for task in [*held, *LISTENING]:
        task.cancel()
    await asyncio.gather(*held, *LISTENING, *(each.close() for each in plain), return_exceptions=True)
    process.join()


def show(name: str, began: list[float], onsets: list[float]) -> None:
    """Each beep with the first onset after it, if it came before the next one."""
    delays = []
    for begin in began[round(SETTLE_SECONDS / BEEP_EVERY) : -2]:
        found = [onset - begin for onset in onsets if 0 <= onset - begin < BEEP_EVERY]
        delays += found[:1]
    if delays:
        mean, parts = np.mean(delays) * 1000, np.percentile(delays, (50, 95, 99)) * 1000
        print(f"{name:22s} mean {mean:4.0f} ms, p50 {parts[0]:4.0f}, p95 {parts[1]:4.0f}, p99 {parts[2]:4.0f}  "
              f"({len(delays)} beeps)")  # fmt: skip


if __name__ == "__main__":
    only_loopback()
    asyncio.run(measure_delay())
