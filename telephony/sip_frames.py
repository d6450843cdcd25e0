"""Pure: where one SIP message ends and the next begins on a stream (RFC 3261 §18.3)."""

from telephony.sip_gate import LARGEST_MESSAGE

HEAD_END = b"\r\n\r\n"
LENGTHS = (b"content-length", b"l")


class Unframed(ValueError):
    """Nobody can say where the next message begins: the connection is of no use any more."""


class SipFrames:
    """One connection. Keeps at most one message that is not whole yet."""

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def is_halfway(self) -> bool:
        """A message has begun and is not whole."""
        return bool(self._rest)

    def feed(self, piece: bytes) -> list[bytes]:
        """Whole messages, in order. Empty lines between them (RFC 5626 keep-alives) are left out.

        Raises:
            Unframed: a message is larger than any real one, or does not say how long it is.
        """
        self._rest += piece
        found = []
        while message := self._next():
            found.append(message)
        return found

    def _next(self) -> bytes:
        blank = len(self._rest) - len(self._rest.lstrip(b"\r\n"))
        del self._rest[:blank]
        end = self._rest.find(HEAD_END)
        if end < 0:
            if len(self._rest) > LARGEST_MESSAGE:
                raise Unframed("too_large")
            return b""
        whole = end + len(HEAD_END) + self._length(bytes(self._rest[:end]))
        if whole > LARGEST_MESSAGE:
            raise Unframed("too_large")
        if len(self._rest) < whole:
            return b""
        message = bytes(self._rest[:whole])
        del self._rest[:whole]
        return message

    def _length(self, head: bytes) -> int:
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() in LENGTHS:
                if not value.strip().isdigit() or len(value.strip()) > 5:
                    raise Unframed("malformed")
                return int(value)
        raise Unframed("malformed")
