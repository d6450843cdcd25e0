"""The codecs of browser calls: G.711 by table, Opus by libopus (PyAV), one encoder and decoder for each call.

aiortc's own would take a thread for decoding, and encode Opus as stereo music at 96 kbit/s.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, Protocol

from av import AudioCodecContext, AudioFrame, AudioResampler, CodecContext, Packet
from av.error import FFmpegError

from ivr.model.audio import PHONE_RATE
from ivr.model.errors import LineError
from ivr.model.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode

WIDE_RATE = 16000
OPUS_CLOCK = 48000
"""RFC 7587 §4.1: always, whatever is inside."""

OPUS_BITS = 24000
"""Per second: wideband speech without audible loss (RFC 7587 §3.1.1 gives 20 to 32 kbit/s)."""

OPUS_EFFORT = "3"
"""Of 10: a third of the work, no difference that a call shows."""


class Codec(Protocol):
    """Sound of one call on its way out and in."""

    @property
    def rate(self) -> int:
        """Samples per second of the line."""

    @property
    def clock_rate(self) -> int:
        """What RTP timestamps count per second."""

    def encode(self, pcm: bytes) -> bytes:
        """20 ms."""

    def decode(self, payload: bytes) -> bytes:
        """Raises LineError: this is no such sound."""


@dataclass(frozen=True, slots=True)
class G711:
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]
    rate: int = PHONE_RATE
    clock_rate: int = PHONE_RATE


@dataclass(slots=True)
class Opus:
    """Mono, 16 kHz inside."""

    rate: int = WIDE_RATE
    clock_rate: int = OPUS_CLOCK
    _encoder: AudioCodecContext = field(default_factory=lambda: _opus("w"))
    _decoder: AudioCodecContext = field(default_factory=lambda: _opus("r"))
    _resampler: AudioResampler = field(default_factory=lambda: AudioResampler("s16", "mono", WIDE_RATE))

    def encode(self, pcm: bytes) -> bytes:
        frame = AudioFrame("s16", "mono", len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.time_base = WIDE_RATE, Fraction(1, WIDE_RATE)
        return b"".join(bytes(packet) for packet in self._encoder.encode(frame))

    def decode(self, payload: bytes) -> bytes:
        try:
            frames = [
                each for heard in self._decoder.decode(Packet(payload)) for each in self._resampler.resample(heard)
            ]
        except FFmpegError as error:
            raise LineError("a packet of the browser is not Opus") from error
        return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)


def _opus(mode: Literal["r", "w"]) -> AudioCodecContext:
    codec = CodecContext.create("libopus", mode)
    codec.format, codec.layout = "s16", "mono"
    codec.sample_rate = WIDE_RATE if mode == "w" else OPUS_CLOCK
    if mode == "w":
        codec.bit_rate = OPUS_BITS
        codec.options = {"application": "voip", "compression_level": OPUS_EFFORT, "frame_duration": "20"}
    return codec


CODECS: dict[str, Callable[[], Codec]] = {
    "pcmu": lambda: G711(mulaw_encode, mulaw_decode),
    "pcma": lambda: G711(alaw_encode, alaw_decode),
    "opus": Opus,
}
"""By the names that SDP and config.yaml have for them, in small letters."""
