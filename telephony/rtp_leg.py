"""One call's RTP: its socket, who is listened to, and what leaves every 20 ms.

Not aiortp's `RTPSession`: that follows whoever sends to the port, answers STUN to strangers and sends all packets of
a key at once. Its packet reader and loss concealment are used.
"""

import asyncio
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np
from aiortp.packet import RtpPacket, is_rtcp

from ivr.model.audio import FRAME_SECONDS
from ivr.model.errors import LineError
from ivr.model.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode
from telephony.rtp_digits import EventPacket, EventReader, event_packets
from telephony.rtp_intake import FRAME_BYTES, FRAME_SAMPLES, RtpIntake
from telephony.sip_sdp import AgreedSound, CodecName

COMFORT_NOISE_TYPE = 13
"""RFC 3389."""

NOISE_DBOV = -62.0
"""Digital silence sounds like a dead line (telephony.md §5)."""

NOISE_FRAMES = 50
RELATCH_SECONDS = 5.0
"""A peer that was silent for so long may come back from another port."""

ENCODE = {"PCMA": alaw_encode, "PCMU": mulaw_encode}
DECODE = {"PCMA": alaw_decode, "PCMU": mulaw_decode}
STATIC = {0: mulaw_decode, 8: alaw_decode}


def _noise() -> list[bytes]:
    rng = np.random.default_rng(13)
    deviation = 32768 * 10 ** (NOISE_DBOV / 20)
    samples = rng.normal(0, deviation, (NOISE_FRAMES, FRAME_SAMPLES)).round().astype("<i2")
    return [row.tobytes() for row in samples]


_NOISE = {codec: [encode(frame) for frame in _noise()] for codec, encode in ENCODE.items()}


class Listener(Protocol):
    """Who gets what comes over RTP."""

    def heard(self, pcm: bytes) -> None:
        """20 ms of the caller's sound."""

    def key_pressed(self, digit: str) -> None: ...


class RtpLeg(asyncio.DatagramProtocol):
    """`trusted` are the addresses sound may come from besides the one that was agreed."""

    def __init__(
        self, listener: Listener, trusted: frozenset[str] = frozenset(), now: Callable[[], float] = time.monotonic
    ) -> None:
        self.intake, self.last_packet = RtpIntake(), now()
        self.faults = self.intake.faults
        self._listener, self._trusted, self._now = listener, trusted, now
        self._agreed: AgreedSound | None = None
        self._keys = EventReader()
        self._latched: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._ssrc, self._sequence, self._timestamp = struct.unpack("!LHL", os.urandom(10))
        self._noise, self._speaking = 0, False
        self._digits: deque[EventPacket] = deque()

    @property
    def is_keying(self) -> bool:
        """Keys are on their way out."""
        return bool(self._digits)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio's class hierarchy says too little in 3.11

    def agree(self, agreed: AgreedSound) -> None:
        """From now on sound goes there, in that codec. Keys that wait to be sent go on."""
        if self._agreed is None or (agreed.address, agreed.port) != (self._agreed.address, self._agreed.port):
            self._latched = None
        self._agreed, self.last_packet = agreed, self._now()

    def press(self, digits: str) -> bool:
        """Send keys as events, from the next packet on. False: the peer takes none."""
        if self._agreed is None or self._agreed.events_type is None:
            return False
        self._digits.extend(event_packets(digits))
        return True

    def error_received(self, exc: Exception) -> None:
        self.faults["rtp_unreachable"] += 1

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._is_from_peer(addr):
            self.faults["rtp_stranger"] += 1
            return
        if is_rtcp(data):
            return
        try:
            packet = RtpPacket.parse(data)
        except (ValueError, struct.error):
            self.faults["rtp_malformed"] += 1
            return
        now = self._now()
        self._latched, self.last_packet = addr, now
        self._take(packet, now)

    def emit(self, pcm: bytes | None) -> None:
        """Called every 20 ms: our next packet leaves, and silence is made where the peer sends none."""
        agreed = self._agreed
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        if agreed is not None and agreed.we_may_speak:
            if self._digits:
                self._send_key(agreed)
            else:
                self._send_sound(agreed, pcm)
        for frame in self.intake.idle(self._now()):
            self._listener.heard(frame)

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def _is_from_peer(self, addr: tuple[str, int]) -> bool:
        """Whose address was agreed in the signalling; its port may be another behind NAT, and is then kept."""
        if self._agreed is None or (addr[0] != self._agreed.address and addr[0] not in self._trusted):
            return False
        return self._latched in (None, addr) or self._now() - self.last_packet > RELATCH_SECONDS

    def _take(self, packet: RtpPacket, now: float) -> None:
        agreed, kind = self._agreed, packet.payload_type
        assert agreed is not None
        if agreed.direction != "sendrecv":
            return  # music for us while we are held is not the caller speaking
        payload: bytes | None = packet.payload
        decode = DECODE[agreed.codec] if kind == agreed.payload_type else STATIC.get(kind)
        if kind == agreed.events_type:
            if key := self._keys.read(packet.timestamp, packet.payload):
                self._listener.key_pressed(key)
            payload = None
        elif kind == COMFORT_NOISE_TYPE:
            payload = None
        elif decode is None:
            self.faults["rtp_unknown_payload"] += 1
            return
        frames = self.intake.take(
            packet.ssrc, packet.sequence_number, packet.timestamp, payload, decode or alaw_decode, now
        )
        for frame in frames:
            self._listener.heard(frame)

    def _send_sound(self, agreed: AgreedSound, pcm: bytes | None) -> None:
        if pcm is None:
            self._noise = (self._noise + 1) % NOISE_FRAMES
            payload = _NOISE[agreed.codec][self._noise]
        else:
            payload = ENCODE[agreed.codec](pcm)
        self._send(agreed.payload_type, payload, self._timestamp, marker=pcm is not None and not self._speaking)
        self._speaking = pcm is not None

    def _send_key(self, agreed: AgreedSound) -> None:
        packet = self._digits.popleft()
        if packet.payload is None or agreed.events_type is None:
            self._send_sound(agreed, None)
            return
        since = (self._timestamp - packet.steps * FRAME_SAMPLES) & 0xFFFFFFFF
        self._send(agreed.events_type, packet.payload, since, marker=packet.is_first)

    def _send(self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool) -> None:
        assert self._agreed is not None
        target = self._latched or (self._agreed.address, self._agreed.port)
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = struct.pack("!BBHLL", 0x80, marker << 7 | payload_type, self._sequence, timestamp, self._ssrc)
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(header + payload, target)


async def open_leg(leg: RtpLeg, host: str, ports: tuple[int, int]) -> int:
    """Bind the leg to a random even port of the range and return it.

    Raises:
        LineError: all of them are taken.
    """
    first, last = ports[0] + ports[0] % 2, ports[1]
    count = (last - first) // 2 + 1
    start = int.from_bytes(os.urandom(4), "big")
    for offset in range(max(count, 0)):
        port = first + (start + offset) % count * 2
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.bind((host, port))
        except OSError:
            sock.close()
            continue
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: leg, sock=sock)
        return port
    raise LineError("no RTP port is free (sip.rtp_ports in config.yaml)")


__all__ = ["FRAME_BYTES", "FRAME_SECONDS", "CodecName", "Listener", "RtpLeg", "open_leg"]
