"""Pure: what sound is exchanged with a SIP peer: its offer read, our answer and our own offer written (RFC 3264).

G.711 over plain RTP only, as carriers' trunks speak it; the first codec of the offer that we speak is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from aiosipua.sdp import MediaDescription, SdpMessage, parse_sdp

from ivr.model.errors import LineError

CodecName = Literal["PCMA", "PCMU"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
PAYLOAD_TYPES: dict[CodecName, int] = {"PCMU": 0, "PCMA": 8}
EVENTS_TYPE = 101
"""Of our own offers; by custom, everybody's."""

MOST_SDP_BYTES = 4096
OPPOSITE: dict[str, Direction] = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


class BadSdp(LineError):
    """It cannot be read: 400."""

    code = "line.bad_sdp"


class NoCommonSound(LineError):
    """It can be read, but offers nothing we speak: 488."""

    code = "line.no_common_sound"


@dataclass(frozen=True, slots=True)
class AgreedSound:
    """What the peer receives, and where."""

    address: str
    port: int
    codec: CodecName
    payload_type: int
    events_type: int | None = None
    """Payload type of telephone events; None: the peer has none, keys come as tones or SIP INFO."""

    direction: Direction = "sendrecv"
    """From our side: `recvonly` and `inactive` mean that the peer has put us on hold."""

    line: int = 0
    """Which m-line of the offer, and of how many."""

    lines: tuple[str, ...] = ()
    """The m-lines of the offer as `media proto format`, so that the others can be declined in their place."""

    @property
    def we_may_speak(self) -> bool:
        return self.direction in ("sendrecv", "sendonly")

    @property
    def peer_speaks(self) -> bool:
        return self.direction in ("sendrecv", "recvonly")

    @property
    def is_held(self) -> bool:
        """The peer does not want our sound, or has gone altogether for a while."""
        return not self.we_may_speak


def read_sound(text: str, codecs: Sequence[CodecName]) -> AgreedSound:
    """The peer's offer or answer. `codecs` is what we speak; which of them, the peer's order decides.

    Raises:
        BadSdp: it is not a session description, or its address is none.
        NoCommonSound: no G.711 over plain RTP in it, or the sound is declined.
    """
    sdp = _parsed(text)
    for number, media in enumerate(sdp.media):
        if media.media == "audio" and media.port and media.proto == "RTP/AVP":
            address, on_hold = _address(sdp, media)
            if not 0 < media.port < 65536:
                raise BadSdp("the port of the sound is none")
            return _agreed(media, codecs, address, on_hold, number, tuple(_summary(each) for each in sdp.media))
    raise NoCommonSound("no sound over RTP/AVP is offered")


def _parsed(text: str) -> SdpMessage:
    if len(text) > MOST_SDP_BYTES or not text.lstrip().startswith("v="):
        raise BadSdp("not a session description")
    try:
        return parse_sdp(text)
    except (ValueError, IndexError) as error:
        raise BadSdp("a session description that cannot be read") from error


def _summary(media: MediaDescription) -> str:
    return f"{media.media} {media.proto} {media.formats[0] if media.formats else '0'}"


def _address(sdp: SdpMessage, media: MediaDescription) -> tuple[str, bool]:
    """Where the peer listens, and whether it is the old way of hold (RFC 2543: 0.0.0.0)."""
    connection = media.connection or sdp.connection
    try:
        address = IPv4Address(connection.address if connection else "")
    except ValueError as error:
        raise BadSdp("the address of the sound is no IPv4 address") from error
    if address.is_multicast or address == IPv4Address("255.255.255.255"):
        raise BadSdp("the address of the sound is not one peer's")
    return str(address), address.is_unspecified


def _agreed(
    media: MediaDescription, codecs: Sequence[CodecName], address: str, on_hold: bool, line: int, lines: tuple[str, ...]
) -> AgreedSound:
    spoken = {(name.lower(), 8000): name for name in codecs}
    known = [(spoken.get((each.encoding_name.lower(), each.clock_rate)), each.payload_type) for each in media.codecs]
    codec, payload_type = next(((name, kind) for name, kind in known if name), (None, 0))
    if codec is None:
        raise NoCommonSound("no G.711 is offered")
    events = next((each.payload_type for each in media.codecs if each.encoding_name.lower() == "telephone-event"), None)
    theirs = "inactive" if on_hold else media.direction
    direction: Direction = OPPOSITE.get(theirs, "sendrecv")
    return AgreedSound(address, media.port, codec, payload_type, events, direction, line, lines)


def write_answer(agreed: AgreedSound, address: str, port: int, version: int) -> str:
    """Our answer to the offer `agreed` was read from. `version` grows with every description of one call."""
    lines = _session(address, version)
    for number, summary in enumerate(agreed.lines):
        media, proto, first = summary.split(" ")
        if number != agreed.line:
            lines.append(f"m={media} 0 {proto} {first}")
            continue
        kinds = [agreed.payload_type] + ([] if agreed.events_type is None else [agreed.events_type])
        lines += _audio(port, kinds, {agreed.payload_type: agreed.codec}, agreed.events_type, agreed.direction)
    return "\r\n".join(lines) + "\r\n"


def write_offer(
    codecs: Sequence[CodecName], address: str, port: int, version: int, direction: Direction = "sendrecv"
) -> str:
    """Our own offer, best codec first."""
    names = {PAYLOAD_TYPES[codec]: codec for codec in codecs}
    lines = _session(address, version) + _audio(port, [*names, EVENTS_TYPE], names, EVENTS_TYPE, direction)
    return "\r\n".join(lines) + "\r\n"


def _session(address: str, version: int) -> list[str]:
    return ["v=0", f"o=ivr {version} {version} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]


def _audio(
    port: int, kinds: list[int], names: dict[int, CodecName], events: int | None, direction: Direction
) -> list[str]:
    lines = [f"m=audio {port} RTP/AVP {' '.join(map(str, kinds))}"]
    lines += [f"a=rtpmap:{kind} {name}/8000" for kind, name in names.items()]
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return [*lines, "a=ptime:20", f"a={direction}"]
