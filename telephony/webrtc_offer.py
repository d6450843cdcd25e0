"""Pure: is this a browser's offer of one audio call? Looked at before anything is built for it."""

from dataclasses import dataclass

from ivr.model.errors import BadQuery

LARGEST_OFFER = 65536
"""Bytes; those of browsers are 2 to 8 kB."""

MOST_LINES = 1000
MOST_CANDIDATES = 40
"""Each is an address that we would send checks to."""

STATIC = {"0": "pcmu", "8": "pcma"}
"""Payload types that need no `rtpmap` (RFC 3551 §6)."""

NEEDED = ("a=fingerprint:", "a=ice-ufrag:", "a=ice-pwd:")


@dataclass(frozen=True, slots=True)
class Offer:
    sdp: str
    """Without candidates that only the browser's own network could resolve."""

    codecs: tuple[str, ...]
    """Names in small letters, in the browser's order."""

    def choose(self, wanted: tuple[str, ...]) -> str:
        """
        Raises:
            BadQuery: the browser has none of them.
        """
        for codec in wanted:
            if codec in self.codecs:
                return codec
        raise BadQuery(f"sdp: none of the codecs {', '.join(wanted)} is offered")


def read_offer(sdp: str) -> Offer:
    """
    Raises:
        BadQuery: it is no offer of one audio stream, with or without a data channel; says what is wrong.
    """
    lines = sdp.splitlines()
    if len(sdp.encode("utf-8", "replace")) > LARGEST_OFFER or len(lines) > MOST_LINES:
        raise BadQuery("sdp: it is too large")
    if not lines or lines[0].strip() != "v=0":
        raise BadQuery("sdp: it must begin with v=0")
    media = [line.split() for line in lines if line.startswith("m=")]
    kinds = [parts[0] for parts in media]
    if kinds.count("m=audio") != 1 or kinds.count("m=application") > 1 or set(kinds) - {"m=audio", "m=application"}:
        raise BadQuery("sdp: this line carries one audio stream and one data channel, nothing else")
    audio = next(parts for parts in media if parts[0] == "m=audio")
    if len(audio) < 4 or audio[1] == "0" or "a=inactive" in lines:
        raise BadQuery("sdp: the audio stream is switched off")
    for needed in NEEDED:
        if not any(line.startswith(needed) for line in lines):
            raise BadQuery(f"sdp: there is no {needed.removeprefix('a=').rstrip(':')}; only encrypted calls are taken")
    if sum(line.startswith("a=candidate:") for line in lines) > MOST_CANDIDATES:
        raise BadQuery("sdp: too many candidates")
    kept = [line for line in lines if not (line.startswith("a=candidate:") and ".local " in line)]
    return Offer("\r\n".join(kept) + "\r\n", _codecs(audio[3:], lines))


def _codecs(payload_types: list[str], lines: list[str]) -> tuple[str, ...]:
    named = dict(STATIC)
    for line in lines:
        if line.startswith("a=rtpmap:"):
            number, _, codec = line.removeprefix("a=rtpmap:").partition(" ")
            named[number] = codec.partition("/")[0].lower()
    return tuple(named[number] for number in payload_types if number in named)
