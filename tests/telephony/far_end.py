"""A scripted far end of a media stream, without a network, and what is said over it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from ivr.model.audio import AudioFrame
from ivr.model.errors import LineError
from ivr.model.events import CallerHungUp, CallEvent
from ivr.model.g711 import mulaw_decode
from telephony.twilio_line import TwilioLine

START = {
    "streamSid": "MZ1",
    "accountSid": "AC1",
    "callSid": "CA1",
    "tracks": ["inbound"],
    "customParameters": {},
    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
}


class FarEnd:
    """A `TextSocket`; what was sent to it is in `sent`, parsed."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.close_codes: list[int] = []
        self.breaks_on_send = False
        self._incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._number = 0
        self._changed = asyncio.Event()

    async def receive(self) -> str | bytes | None:
        return await self._incoming.get()

    async def send(self, text: str) -> None:
        if self.breaks_on_send or self.close_codes:
            raise LineError("gone")
        self.sent.append(json.loads(text))
        self._changed.set()

    async def close(self, code: int = 1000) -> None:
        if not self.close_codes:
            self.close_codes.append(code)
            self._incoming.put_nowait(None)

    def says(self, event: str, **parts: Any) -> None:
        self._number += 1
        message = {"event": event, "streamSid": "MZ1", "sequenceNumber": str(self._number), **parts}
        self._incoming.put_nowait(json.dumps(message))

    def starts(self) -> None:
        self.says("start", start=START)

    def sounds(self, at_ms: int, payload: bytes = b"\x80" * 160) -> None:
        self.says("media", media={"timestamp": str(at_ms), "payload": base64.b64encode(payload).decode()})

    def raw(self, message: str | bytes | None) -> None:
        self._incoming.put_nowait(message)

    async def got(self, event: str, count: int = 1) -> dict[str, Any]:
        """The `count`th message of that kind, waited for."""
        while len(found := self.all(event)) < count:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 60)
        return found[count - 1]

    def all(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["event"] == event]

    @property
    def pcm(self) -> bytes:
        return b"".join(mulaw_decode(base64.b64decode(each["media"]["payload"])) for each in self.all("media"))


class Recorder:
    """A `Tap` that keeps everything."""

    def __init__(self) -> None:
        self.said: list[tuple[float, AudioFrame]] = []
        self.heard: list[tuple[float, AudioFrame]] = []

    def caller_said(self, at: float, frame: AudioFrame) -> None:
        self.said.append((at, frame))

    def caller_heard(self, at: float, frame: AudioFrame) -> None:
        self.heard.append((at, frame))


def tone(seconds: float, rate: int = 8000) -> bytes:
    """440 Hz at -12 dBFS peak."""
    wave = 8192 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return wave.astype("<i2").tobytes()


async def speech(seconds: float, frame_seconds: float = 0.02, rate: int = 8000) -> AsyncIterator[AudioFrame]:
    """A voice that is faster than speech."""
    pcm, size = tone(seconds, rate), round(frame_seconds * rate) * 2
    for at in range(0, len(pcm), size):
        yield AudioFrame(pcm[at : at + size], rate)


async def events_of(line: TwilioLine) -> list[CallEvent]:
    """Everything but sound, to the end."""
    return [item async for item in line.incoming() if not isinstance(item, AudioFrame)]


async def events_until(line: TwilioLine, last: CallEvent) -> list[CallEvent]:
    """Everything but sound, up to and with `last`."""
    events: list[CallEvent] = []
    async for item in line.incoming():
        if not isinstance(item, AudioFrame):
            events.append(item)
        if item == last or isinstance(item, CallerHungUp):
            break
    return events
