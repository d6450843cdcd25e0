"""A websocket as far as a line needs it, and the first thing that must come over it."""

import asyncio
from contextlib import suppress
from typing import Protocol

from ivr.model.errors import LineError
from telephony.twilio_messages import StreamStarted, TwilioStream


class TextSocket(Protocol):
    """A websocket, as far as a line needs it."""

    async def receive(self) -> str | bytes | None:
        """The next message; None when the socket is closed."""

    async def send(self, text: str) -> None:
        """Raises LineError when the socket is gone."""

    async def close(self, code: int = 1000) -> None:
        """Never raises."""


async def wait_for_start(socket: TextSocket, stream: TwilioStream, seconds: float) -> StreamStarted:
    """Read up to Twilio's `start`, which says whose call this is.

    Raises:
        LineError: it did not come in time, or the socket closed first.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (message := await socket.receive()) is not None:
                for item in stream.receive(message):
                    if isinstance(item, StreamStarted):
                        return item
    raise LineError("the media stream sent no valid start in time")
