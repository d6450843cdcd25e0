"""SIP over TCP and TLS: connections of trunks, in both directions, and the messages on them.

The same gate as over UDP looks at the address before a byte is read, and at every message. A connection that cannot be
framed, that leaves a message half said or does not read what we write is closed; no call but those on it notices.
"""

import asyncio
import ssl
from typing import Protocol

from telephony.sip_frames import SipFrames, Unframed
from telephony.sip_messages import Address
from telephony.sip_settings import Transport

MOST_CONNECTIONS = 100
MOST_OF_ONE = 20
"""Connections of one address: a trunk needs one, a PBX with a connection a call some more."""

HALFWAY_SECONDS = 10.0
"""Longest that a message may take from its first byte to its last."""

MOST_UNREAD = 262_144
"""Bytes a peer may leave unread."""

CONNECT_SECONDS = 5.0


class Doorman(Protocol):
    """The SIP server, as a connection knows it."""

    def lets_in(self, address: str) -> bool:
        """Whether anything of this address is read."""

    def arrived(self, message: bytes, source: Address) -> None: ...

    def refuse(self, why: str) -> None: ...


class SipStreams:
    """All connections of this node, by the address of the far end."""

    def __init__(self, doorman: Doorman) -> None:
        self.doorman = doorman
        self.open: dict[Address, Connection] = {}
        self.port = 0
        self.tls_port = 0
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, secured: ssl.SSLContext | None = None) -> None:
        """Raises OSError: the address cannot be listened on."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self, secured, is_theirs=True), host, port)
        self._servers.append(server)
        bound = server.sockets[0].getsockname()[1]
        if secured:
            self.tls_port = bound
        else:
            self.port = bound

    async def connect(self, peer: Address, secured: ssl.SSLContext | None, name: str) -> None:
        """Have a connection to a trunk; one that is open is used again.

        Args:
            name: of the trunk's host, which its certificate must have.

        Raises:
            OSError: it cannot be had (`ssl.SSLError` is one, and so is the time-out).
        """
        if peer in self.open:
            return
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().create_connection(
                lambda: Connection(self, secured, is_theirs=False), *peer, ssl=secured,
                server_hostname=name if secured else None,
            )  # fmt: skip

    def send(self, message: bytes, target: Address) -> bool:
        """False: there is no connection to it."""
        connection = self.open.get(target)
        if connection is None:
            return False
        connection.write(message)
        return True

    def has_room_for(self, address: str) -> bool:
        return len(self.open) < MOST_CONNECTIONS and sum(host == address for host, _ in self.open) < MOST_OF_ONE

    def close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self.open.values()):
            connection.close()


class Connection(asyncio.Protocol):
    """One of them. Whoever connects to us over TLS is looked at before the handshake."""

    def __init__(self, streams: SipStreams, secured: ssl.SSLContext | None, *, is_theirs: bool) -> None:
        self.transport: Transport = "tls" if secured else "tcp"
        self._streams, self._secured, self._is_theirs = streams, secured, is_theirs
        self._securing: asyncio.Task[None] | None = None
        self._frames = SipFrames()
        self._peer: Address = ("", 0)
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._peer = tuple(transport.get_extra_info("peername")[:2])
        streams = self._streams
        if self._is_theirs and not streams.doorman.lets_in(self._peer[0]):
            return self._turn_away("unknown_source")
        if not streams.has_room_for(self._peer[0]):
            return self._turn_away("too_many_connections")
        streams.open[self._peer] = self
        if self._secured and self._is_theirs:
            self._securing = asyncio.get_running_loop().create_task(self._secure(transport, self._secured))

    async def _secure(self, transport: asyncio.Transport, secured: ssl.SSLContext) -> None:
        try:
            self._transport = await asyncio.get_running_loop().start_tls(
                transport, self, secured, server_side=True, ssl_handshake_timeout=CONNECT_SECONDS
            )
        except OSError:
            self._turn_away("no_tls")

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        if self._streams.open.get(self._peer) is self:
            del self._streams.open[self._peer]

    def data_received(self, data: bytes) -> None:
        if self._streams.open.get(self._peer) is not self:
            return  # turned away; what was on its way already is not read
        try:
            messages = self._frames.feed(data)
        except Unframed as error:
            return self._turn_away(str(error))
        if messages or not self._frames.is_halfway:
            self._calm()
        if self._frames.is_halfway and self._patience is None:
            later = asyncio.get_running_loop().call_later
            self._patience = later(HALFWAY_SECONDS, self._turn_away, "half_a_message")
        for message in messages:
            self._streams.doorman.arrived(message, self._peer)

    def write(self, message: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            return self._turn_away("does_not_read")
        self._transport.write(message)

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def _turn_away(self, why: str) -> None:
        self._streams.doorman.refuse(why)
        self._calm()
        if self._streams.open.get(self._peer) is self:
            del self._streams.open[self._peer]
        if self._transport:
            self._transport.abort()

    def _calm(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None


def server_tls(certificate: str, key: str) -> ssl.SSLContext:
    """What TLS connections of trunks are answered with.

    Raises:
        OSError: the files cannot be read, or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
