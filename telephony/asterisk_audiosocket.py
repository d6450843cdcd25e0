"""Calls that Asterisk brings over AudioSocket: a TCP connection each, 20 ms of 8 kHz PCM a frame."""

import asyncio

from ivr.model.calls import Leg
from ivr.model.errors import LineError, NotAllowed
from telephony.asterisk_door import AsteriskDoor
from telephony.asterisk_line import AsteriskLine
from telephony.asterisk_messages import (
    ERROR_KIND,
    HANGUP_KIND,
    SOUND_KIND,
    BadAsterisk,
    FrameReader,
    SocketFrame,
    write_frame,
)

START_SECONDS = 5.0
READ_BYTES = 4096
MOST_UNSENT = 32_000
"""Bytes Asterisk has not read: two seconds of sound. More is dropped."""

SILENT_FRAME = write_frame(SOUND_KIND, bytes(320))
"""The channel gets something to send in pauses too: carriers hang up on lines without packets."""


class AudioSocketServer:
    """`open` listens; every connection is a call."""

    def __init__(self, door: AsteriskDoor, host: str, port: int) -> None:
        self._door, self._host, self.port = door, host, port
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """
        Raises:
            LineError: the address cannot be listened on.
        """
        try:
            self._server = await asyncio.start_server(self._carry, self._host, self.port)
        except OSError as error:
            raise LineError(f"AudioSocket cannot listen on {self._host}:{self.port} ({error.strerror})") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        await self._door.close()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        door, frames = self._door, FrameReader()
        try:
            peer = writer.get_extra_info("peername")
            if not peer or not door.is_known(str(peer[0])):
                return door.refuse("unknown_source")
            first, *rest = await _first_frames(reader, frames)
            uuid = first.uuid
            answered = door.claim(uuid)
        except (BadAsterisk, TimeoutError, OSError):
            return door.refuse("no_start")
        except NotAllowed:
            return None
        else:
            line = AsteriskLine(lambda pcm: _send(writer, pcm), lambda: _say_goodbye(writer), door.longest_call_seconds)
            leg = Leg("asterisk", {"call_sid": uuid})
            await door.hold(line, answered, leg, _read(line, reader, frames, rest, door))
        finally:
            writer.close()


async def _first_frames(reader: asyncio.StreamReader, frames: FrameReader) -> list[SocketFrame]:
    async with asyncio.timeout(START_SECONDS):
        while received := await reader.read(READ_BYTES):
            if found := list(frames.feed(received)):
                return found
    raise BadAsterisk("the connection closed before the call's UUID")


async def _read(
    line: AsteriskLine, reader: asyncio.StreamReader, frames: FrameReader, known: list[SocketFrame], door: AsteriskDoor
) -> None:
    try:
        for frame in known:
            _take(line, frame)
        while received := await reader.read(READ_BYTES):
            for frame in frames.feed(received):
                _take(line, frame)
        line.drop("caller")  # Asterisk closes the connection without another word when the channel hangs up
    except BadAsterisk:
        door.refuse("malformed")
        line.drop("network")
    except OSError:
        line.drop("network")


def _take(line: AsteriskLine, frame: SocketFrame) -> None:
    if frame.kind == SOUND_KIND:
        line.take_sound(frame.payload)
    elif frame.kind == HANGUP_KIND:
        line.drop("caller")
    elif frame.kind == ERROR_KIND:
        line.drop("network")
    else:
        line.take_digit(frame.digit)


def _send(writer: asyncio.StreamWriter, pcm: bytes | None) -> None:
    if not writer.is_closing() and writer.transport.get_write_buffer_size() < MOST_UNSENT:
        writer.write(SILENT_FRAME if pcm is None else write_frame(SOUND_KIND, pcm))


def _say_goodbye(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        writer.write(write_frame(HANGUP_KIND))
        writer.close()
