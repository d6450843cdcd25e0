"""Starlette's websocket as a line's `TextSocket`."""

import asyncio
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from ivr.model.errors import LineError

CLOSE_SECONDS = 2.0
"""A peer that does not answer our close is not waited for."""


class StarletteSocket:
    """Take it after `accept`."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        try:
            message = await self._websocket.receive()
        except RuntimeError:  # closed by us before we came to read
            return None
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        return text if isinstance(text, str) else bytes(message.get("bytes") or b"")

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (RuntimeError, WebSocketDisconnect, OSError) as error:
            raise LineError("the media socket is closed") from error

    async def close(self, code: int = 1000) -> None:
        with suppress(RuntimeError, WebSocketDisconnect, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code)
