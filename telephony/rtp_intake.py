"""Pure: packets of a caller's sound, as the network delivers them, become frames of 20 ms without holes.

Packets are put in order (a late one is waited for until two later ones are there), a short loss is concealed, a longer
hole is filled with silence, and a peer that sends nothing (hold, silence suppression) is heard as silence, frame by
frame: whoever listens needs frames to know that time passes. What was filled in by guess is taken back from later
silence, so that the number of frames stays true to the clock.
"""

from collections import Counter
from collections.abc import Callable

from aiortp.plc import PcmConcealer

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, level_dbfs
from ivr.model.audio import AudioFrame as _Frame

FRAME_SAMPLES = round(PHONE_RATE * FRAME_SECONDS)
FRAME_BYTES = FRAME_SAMPLES * 2
MOST_WAITING = 1
"""Packets that may wait for one that is missing: whoever waits longer has all the sound after it come late, and packets
that overtake one another are seldom more than one apart."""

MOST_PAST = 30
"""Packets from the past in a row after which the peer is taken to count from elsewhere."""

FAR_AHEAD = 100
"""A sequence number so far ahead is not a loss: the peer began anew."""

PATIENCE_SECONDS = 0.06
STARVED_SECONDS = 0.1
"""Nothing for so long: silence is made here. Longer than the 60 ms packets some peers send."""

CONCEALED_SAMPLES = 3 * FRAME_SAMPLES
LONGEST_FILL_SAMPLES = PHONE_RATE
"""Of one hole; a longer one is a peer that set its clock anew."""

QUIET_DBFS = -50.0
MOST_PAYLOAD = 1600
"""Bytes of one packet: 200 ms of G.711; nobody sends more."""

Decode = Callable[[bytes], bytes]


class RtpIntake:
    """One direction of one call. Times are monotonic seconds; frames are PCM of `FRAME_BYTES`."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self._ssrc: int | None = None
        self._expected: int | None = None
        self._clock: int | None = None
        self._waiting: dict[int, tuple[int, bytes | None, Decode]] = {}
        self._past = 0
        self._made = 0
        """Samples of silence we made up that the peer's clock has not confirmed yet."""

        self._arrived: float | None = None
        self._rest = bytearray()
        self._concealer = PcmConcealer(PHONE_RATE)

    def take(
        self, ssrc: int, sequence: int, timestamp: int, payload: bytes | None, decode: Decode, now: float
    ) -> list[bytes]:
        """A packet arrived; None as payload: one without sound (a key, comfort noise), which only has its place."""
        if payload is not None and not 0 < len(payload) <= MOST_PAYLOAD:
            self.faults["rtp_odd_size"] += 1
            return []
        if ssrc != self._ssrc:
            self._begin(ssrc)
        if payload is not None:
            self._arrived = now  # while keys or comfort noise come, who listens needs silence as frames too
        if self._expected is None:
            self._expected = sequence
        ahead = _signed(sequence - self._expected, 16)
        if ahead < 0 and not self._has_begun_anew():
            return []
        if abs(ahead) > FAR_AHEAD or ahead < 0:
            self._begin(ssrc)
            self._expected = sequence
        self._past = 0
        if sequence in self._waiting:
            self.faults["rtp_late"] += 1
            return []
        self._waiting[sequence] = (timestamp, payload, decode)
        return self._deliver(patient=len(self._waiting) <= MOST_WAITING)

    def idle(self, now: float) -> list[bytes]:
        """Called every 20 ms: what must not wait any longer, or silence where nothing comes."""
        if self._arrived is None:
            self._arrived = now
        quiet = now - self._arrived
        if self._waiting and quiet >= PATIENCE_SECONDS:
            return self._deliver(patient=False)
        if quiet < STARVED_SECONDS:
            return []
        self._made += FRAME_SAMPLES
        return [bytes(FRAME_BYTES)]

    def _begin(self, ssrc: int) -> None:
        self._ssrc, self._expected, self._clock, self._past = ssrc, None, None, 0
        self._waiting.clear()

    def _has_begun_anew(self) -> bool:
        """A packet from the past is late, or there twice; many in a row mean that the peer counts from elsewhere."""
        self._past += 1
        self.faults["rtp_late"] += 1
        return self._past > MOST_PAST

    def _deliver(self, *, patient: bool) -> list[bytes]:
        assert self._expected is not None
        while self._waiting:
            if self._expected not in self._waiting:
                if patient:
                    break
                expected = self._expected
                following = min(self._waiting, key=lambda each: _signed(each - expected, 16))
                self.faults["rtp_lost"] += _signed(following - expected, 16)
                self._expected = following
            timestamp, payload, decode = self._waiting.pop(self._expected)
            self._expected = (self._expected + 1) & 0xFFFF
            if payload is not None:
                self._place(timestamp, decode(payload))
        return self._frames()

    def _place(self, timestamp: int, pcm: bytes) -> None:
        """Put a piece where the peer's clock says it belongs."""
        hole = 0 if self._clock is None else _signed(timestamp - self._clock, 32)
        if hole > 0:
            confirmed = min(hole, self._made)
            self._made -= confirmed
            self._fill(min(hole - confirmed, LONGEST_FILL_SAMPLES))
        self._clock = (timestamp + len(pcm) // 2) & 0xFFFFFFFF
        self._concealer.update(pcm)
        self._rest += pcm

    def _fill(self, samples: int) -> None:
        if samples <= CONCEALED_SAMPLES:
            self._rest += self._concealer.conceal(samples)
        else:
            self._rest += bytes(2 * samples)

    def _frames(self) -> list[bytes]:
        frames = []
        while len(self._rest) >= FRAME_BYTES:
            frame = bytes(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
            if self._made >= FRAME_SAMPLES and level_dbfs(_Frame(frame, PHONE_RATE).samples) < QUIET_DBFS:
                self._made -= FRAME_SAMPLES
            else:
                frames.append(frame)
        return frames


def _signed(difference: int, bits: int) -> int:
    """The shorter way round a counter that wraps."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half
