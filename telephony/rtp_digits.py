"""Pure: keys as RTP telephone events (RFC 4733), read and written, and keys that come twice told once."""

import struct
from dataclasses import dataclass

KEYS = "0123456789*#ABCD"
"""Event codes 0 to 15 (RFC 4733 §3.2)."""

STEP_SAMPLES = 160
PRESS_STEPS = 5
"""100 ms of key at 20 ms a packet."""

PAUSE_STEPS = 5
END_PACKETS = 3
"""The end is said three times (RFC 4733 §2.5.1.4)."""

VOLUME = 10
"""-10 dBm0."""

SAME_PRESS_SAMPLES = 480
"""Some gateways move the timestamp within one press, though the event keeps it; a new press is farther away."""

SAME_KEY_SECONDS = 0.3
"""The same key from a second source within this time is the same press: SIP INFO travels slower than RTP."""

SOURCES = ("tones", "info", "events")
"""Weakest first: once a stronger source has spoken, weaker ones are ignored for the rest of the call."""


class EventReader:
    """The keys of one RTP stream. A key is told at its first packet: a prompt must stop at once, and ends get lost."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._ended = False

    def read(self, timestamp: int, payload: bytes) -> str:
        """The key newly pressed; empty if this packet tells nothing new, or no key of a telephone."""
        if len(payload) < 4:
            return ""
        event, flags = payload[0], payload[1]
        known, self._last = self._last, (event, timestamp)
        was_ended, self._ended = self._ended, bool(flags & 0x80)
        if known == self._last:
            self._ended = was_ended or self._ended
            return ""
        if known and known[0] == event and not was_ended:
            moved = (timestamp - known[1]) & 0xFFFFFFFF
            if moved <= SAME_PRESS_SAMPLES:
                return ""
        return KEYS[event] if event < len(KEYS) else ""


class KeyJudge:
    """Which of several sources of keys is believed."""

    def __init__(self) -> None:
        self._strongest = 0
        self._last: tuple[str, str, float] | None = None

    def is_new(self, key: str, source: str, now: float) -> bool:
        """`source` is one of `SOURCES`, `now` monotonic seconds. False: the same press was told already."""
        rank, last = SOURCES.index(source), self._last
        if rank < self._strongest:
            return False
        self._strongest = rank
        if last and last[0] == key and last[1] != source and now - last[2] < SAME_KEY_SECONDS:
            return False
        self._last = (key, source, now)
        return True


@dataclass(frozen=True, slots=True)
class EventPacket:
    """One 20 ms step of a key being sent; None as payload is the pause after it."""

    payload: bytes | None
    is_first: bool = False
    steps: int = 0
    """How far after the key's first packet, in packets: its timestamp stays there."""


def event_packets(digits: str) -> list[EventPacket]:
    """What to send, packet by packet, instead of sound. Characters that are no keys are pauses."""
    packets: list[EventPacket] = []
    for digit in digits.upper():
        code = KEYS.find(digit)
        for step in range(PRESS_STEPS + END_PACKETS if code >= 0 else 0):
            is_end = step >= PRESS_STEPS
            samples = STEP_SAMPLES * min(step + 1, PRESS_STEPS)
            payload = struct.pack("!BBH", code, (0x80 if is_end else 0) | VOLUME, samples)
            packets.append(EventPacket(payload, step == 0, step))
        packets += [EventPacket(None)] * PAUSE_STEPS
    return packets


def digit_of_info(content_type: str, body: str) -> str:
    """The key in a SIP INFO: `application/dtmf-relay` (Signal=5) or `application/dtmf` (5); empty: none."""
    kind = content_type.split(";")[0].strip().lower()
    text = body.strip()
    if kind == "application/dtmf-relay":
        lines = (line.partition("=") for line in text.splitlines())
        text = next((value.strip() for name, _, value in lines if name.strip().lower() == "signal"), "")
    elif kind != "application/dtmf":
        return ""
    text = {"10": "*", "11": "#"}.get(text, text.upper())
    return text if len(text) == 1 and text in KEYS else ""
