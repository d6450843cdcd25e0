"""The seam with aiortc 1.16: packets are taken where its jitter buffer stood, and sound leaves at our pace.

aiortc has no way to replace its jitter buffer, nor to look at datagrams first, so private attributes are set;
pyproject.toml pins the version, and tests fail when they are gone.
"""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpReceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from av import Packet as EncodedSound

from ivr.model.audio import FRAME_SECONDS
from ivr.model.errors import LineError
from telephony.webrtc_order import Packet

JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"

SHORTEST_DATAGRAM = 8
"""Bytes of the shortest that WebRTC has: an RTCP header (RFC 3550 §6.4); RTP has 12, DTLS 13."""

RESYNC_SECONDS = 0.1
"""Later than this we do not hurry after: a burst would only fill the browser's buffer, and the delay would stay."""


class PacketTap:
    """Stands in for `aiortc.jitterbuffer.JitterBuffer`: hands packets on at once, and never gives a frame back, so that
    nothing piles up in aiortc's decoder and track."""

    def __init__(self, take: Callable[[Packet], None]) -> None:
        self._take = take

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        payload = bytes(packet.payload)
        self._take(Packet(packet.sequence_number, packet.timestamp, payload, packet.payload_type, packet.ssrc))
        return False, None


def take_packets(receiver: RTCRtpReceiver, take: Callable[[Packet], None]) -> None:
    """Give `take` every packet of this receiver as it comes, decrypted, of negotiated codecs only.

    Raises:
        LineError: this aiortc is another one than we know.
    """
    if not hasattr(receiver, JITTER_BUFFER):
        raise LineError("this aiortc has no jitter buffer where 1.16 has it; install the pinned version")
    setattr(receiver, JITTER_BUFFER, PacketTap(take))


def pass_over_scraps(connection: RTCPeerConnection) -> None:
    """Leave out datagrams that are too short to be anything.

    aiortc reads the first byte of whatever reaches the port, from whoever, so that one empty datagram of a stranger
    would end the call.
    """
    transports = [each.receiver.transport for each in connection.getTransceivers()]
    if connection.sctp:
        transports.append(connection.sctp.transport)
    for ice in {each.transport for each in transports}:
        _guard(ice)


def _guard(ice: Any) -> None:
    receive = ice._recv

    async def guarded() -> bytes:
        while True:
            datagram: bytes = await receive()
            if len(datagram) >= SHORTEST_DATAGRAM:
                return datagram

    ice._recv = guarded


async def drain(track: MediaStreamTrack) -> None:
    """Read a track to its end, so that nothing piles up in it."""
    try:
        while True:
            await track.recv()
    except MediaStreamError:
        return


class OutgoingTrack(MediaStreamTrack):
    """Our sound, already encoded, 20 ms at a time by absolute deadlines. aiortc pulls."""

    kind = "audio"

    def __init__(self, next_payload: Callable[[float], bytes], clock_rate: int, now: Callable[[], float]) -> None:
        """
        Args:
            next_payload: what to send, given the time it is due (monotonic seconds); empty: nothing this time.
        """
        super().__init__()
        self._next_payload, self._now = next_payload, now
        self._time_base, self._step = Fraction(1, clock_rate), round(clock_rate * FRAME_SECONDS)
        self._began: float | None = None
        self._frames = 0

    async def recv(self) -> "EncodedSound[Any]":
        while True:
            due = await self._wait_for_turn()
            if self.readyState != "live":
                raise MediaStreamError
            payload = self._next_payload(due)
            self._frames += 1
            if payload:
                packet: EncodedSound[Any] = EncodedSound(payload)
                packet.pts, packet.time_base = (self._frames - 1) * self._step, self._time_base
                return packet

    async def _wait_for_turn(self) -> float:
        """When the next frame is due. Frames whose time is long past are left out, timestamps included."""
        now = self._now()
        if self._began is None:
            self._began = now
        due = self._began + self._frames * FRAME_SECONDS
        if now - due > RESYNC_SECONDS:
            self._frames += int((now - due) / FRAME_SECONDS + 1e-6)
            due = self._began + self._frames * FRAME_SECONDS
        await asyncio.sleep(max(0.0, due - now))
        return due
