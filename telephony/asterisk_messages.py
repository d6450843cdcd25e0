"""Pure: the two ways Asterisk gives away a call's sound: AudioSocket's frames, and chan_websocket's control messages.

AudioSocket (TCP): one byte of kind, two of length, then so many bytes. chan_websocket (from Asterisk 20.16, 22.6):
binary messages are sound, text messages control, as `WORD key:value …` or, where the dialplan asks for it, as JSON.
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ivr.model.errors import LineError
from ivr.model.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode

HANGUP_KIND, UUID_KIND, DIGIT_KIND, SOUND_KIND, ERROR_KIND = 0x00, 0x01, 0x03, 0x10, 0xFF
MOST_BYTES = 3200
"""Of one AudioSocket frame: 200 ms of 8 kHz sound; Asterisk sends 320 bytes."""

MOST_TEXT = 8192
KEYS = "0123456789*#ABCD"


class BadAsterisk(LineError):
    """Not what Asterisk sends; the connection is closed."""

    code = "line.bad_asterisk"


@dataclass(frozen=True, slots=True)
class SocketFrame:
    kind: int
    payload: bytes = b""

    @property
    def uuid(self) -> str:
        """
        Raises:
            BadAsterisk: it is no UUID.
        """
        if self.kind != UUID_KIND or len(self.payload) != 16:
            raise BadAsterisk("the first frame is not the call's UUID")
        return str(UUID(bytes=self.payload))

    @property
    def digit(self) -> str:
        """The key pressed; empty if it is none."""
        text = self.payload.decode("latin-1").upper()
        return text if self.kind == DIGIT_KIND and len(text) == 1 and text in KEYS else ""


def write_frame(kind: int, payload: bytes = b"") -> bytes:
    return struct.pack("!BH", kind, len(payload)) + payload


class FrameReader:
    """Frames out of a stream of bytes, however it is cut."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, received: bytes) -> Iterator[SocketFrame]:
        """
        Raises:
            BadAsterisk: a frame is longer than any that Asterisk sends.
        """
        self._rest += received
        while len(self._rest) >= 3:
            kind, length = struct.unpack_from("!BH", self._rest)
            if length > MOST_BYTES:
                raise BadAsterisk("an AudioSocket frame is too long")
            if len(self._rest) < 3 + length:
                return
            payload = bytes(self._rest[3 : 3 + length])
            del self._rest[: 3 + length]
            yield SocketFrame(kind, payload)


@dataclass(frozen=True, slots=True)
class Codec:
    """One of Asterisk's formats of 8 kHz sound."""

    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes]


def _as_it_is(pcm: bytes) -> bytes:
    return pcm[: len(pcm) & ~1]


CODECS = {
    "ulaw": Codec(mulaw_decode, mulaw_encode),
    "alaw": Codec(alaw_decode, alaw_encode),
    "slin": Codec(_as_it_is, _as_it_is),
}


@dataclass(frozen=True, slots=True)
class Control:
    """A control message: MEDIA_START, DTMF_END, MEDIA_XOFF, MEDIA_XON, and others that do not matter here."""

    event: str
    values: Mapping[str, str]
    is_json: bool

    @property
    def channel(self) -> str:
        """Which channel MEDIA_START tells of. Its `connection_id` is the name in websocket_client.conf, the same for
        all calls."""
        return self.values.get("channel_id") or self.values.get("channel", "")

    @property
    def codec(self) -> Codec:
        """Of MEDIA_START.

        Raises:
            BadAsterisk: it is not MEDIA_START, or a format we do not speak.
        """
        codec = CODECS.get(self.values.get("format", "")) if self.event == "MEDIA_START" else None
        if codec is None:
            raise BadAsterisk("no MEDIA_START in ulaw, alaw or slin; write c(ulaw) in the dialplan")
        return codec

    @property
    def digit(self) -> str:
        digit = self.values.get("digit", "").upper()
        return digit if self.event == "DTMF_END" and len(digit) == 1 and digit in KEYS else ""


def read_control(text: str) -> Control:
    """
    Raises:
        BadAsterisk: neither of the two forms.
    """
    if len(text) > MOST_TEXT:
        raise BadAsterisk("a control message is too long")
    if text.lstrip().startswith("{"):
        try:
            parsed: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadAsterisk("a control message is no JSON") from error
        event = parsed.get("event") if isinstance(parsed, dict) else None
        if not isinstance(event, str):
            raise BadAsterisk("a control message without an event")
        return Control(event, {name: str(value) for name, value in parsed.items()}, True)
    words = text.split()
    if not words or not words[0].isupper():
        raise BadAsterisk("a control message without an event")
    pairs = (word.partition(":") for word in words[1:])
    return Control(words[0], {name: value for name, _, value in pairs}, False)


def write_command(command: str, *, is_json: bool) -> str:
    return json.dumps({"command": command}) if is_json else command
