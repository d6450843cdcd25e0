"""Pure: RTP packets back in their order, with as little delay as can be.

aiortc's own jitter buffer waits 15 packets for one that is lost and stays that late for the rest of the call (aiortc
issue #543; measured in benchmarks/webrtc_delay.py). This one hands on at once what comes in order. At a hole it waits
for `PATIENCE` later packets, since a packet that comes late was overtaken by few, then goes on without it; whoever
plays the sound has a buffer of their own against jitter.
"""

from dataclasses import dataclass

PATIENCE = 2
"""Packets after a hole until it is believed: 40 ms of 20 ms packets."""

RESTART = 500
"""Sequence numbers; a jump further than that is a sender who began anew (10 s of 20 ms packets)."""

HALF = 0x8000


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet, as far as sound needs it."""

    number: int
    """Sequence number, 0 to 65535, wrapping."""

    timestamp: int
    """Of its first sample, in units of the codec's clock, 32 bits, wrapping."""

    payload: bytes
    payload_type: int = 0
    source: int = 0
    """SSRC: another one is another sender."""


class PacketOrder:
    """One direction of one call."""

    def __init__(self) -> None:
        self.lost = 0
        self.late = 0
        """Came after its place was given up, or twice."""

        self._next: int | None = None
        self._source = 0
        self._waiting: dict[int, Packet] = {}

    def add(self, packet: Packet) -> list[Packet]:
        """What can be heard now, in order; holes are seen by their timestamps."""
        if self._next is None or packet.source != self._source:
            return self._begin(packet)
        ahead = (packet.number - self._next) & 0xFFFF
        if ahead >= HALF:
            if 0x10000 - ahead > RESTART:
                return self._begin(packet)
            self.late += 1
            return []
        if ahead > RESTART:
            return self._begin(packet)
        if packet.number in self._waiting:
            self.late += 1
            return []
        self._waiting[packet.number] = packet
        if ahead and len(self._waiting) >= PATIENCE:
            self._give_up()
        return self._ready()

    def _begin(self, packet: Packet) -> list[Packet]:
        self._waiting.clear()
        self._source, self._next = packet.source, (packet.number + 1) & 0xFFFF
        return [packet]

    def _give_up(self) -> None:
        """Go on with the first packet that is there."""
        assert self._next is not None
        start = self._next
        missing = min((number - start) & 0xFFFF for number in self._waiting)
        self.lost += missing
        self._next = (start + missing) & 0xFFFF

    def _ready(self) -> list[Packet]:
        assert self._next is not None
        ready = []
        while self._next in self._waiting:
            ready.append(self._waiting.pop(self._next))
            self._next = (self._next + 1) & 0xFFFF
        return ready
