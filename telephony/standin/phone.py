"""One media stream as Twilio opens it: 20 ms frames on absolute deadlines, marks echoed when heard, the caller's keys.

Message formats: https://www.twilio.com/docs/voice/media-streams/websocket-messages.
"""

import asyncio
import base64
import binascii
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE
from ivr.model.g711 import MULAW_SILENCE, mulaw_encode
from telephony.standin.clip import Samples
from telephony.standin.playout import PlayOut
from telephony.standin.talker import FRAME, Talker, Tick
from telephony.standin.trace import CallTrace, Noted, turns_of

STALL_SECONDS = 0.5
"""After a stall this long the frames missed are skipped instead of sent in a burst."""

BARGE_IN_SECONDS = 5.0
"""A `clear` later than this after the caller began has another reason."""

SILENCE = base64.b64encode(MULAW_SILENCE * FRAME).decode()

LineEnd = Literal["server", "caller", "network"]


@dataclass(frozen=True, slots=True)
class StreamIds:
    account: str
    call: str
    stream: str


class Notebook:
    """Writes down what happens in a call and passes it on at once."""

    def __init__(self, trace: CallTrace, clock: Callable[[], float], tell: Callable[[Noted], None] | None) -> None:
        self.trace = trace
        self._clock = clock
        self._tell = tell
        self._epoch: float | None = None

    def now(self) -> float:
        """Seconds since the first stream began; 0 before."""
        return 0.0 if self._epoch is None else self._clock() - self._epoch

    def begin(self) -> None:
        if self._epoch is None:
            self._epoch = self.trace.began_at = self._clock()

    def note(self, what: str, detail: str = "", seconds: float | None = None, at: float | None = None) -> None:
        noted = Noted(self.now() if at is None else at, what, detail, seconds)
        self.trace.events.append(noted)
        if self._tell:
            self._tell(noted)


class Phone:
    """The caller's end of one stream."""

    def __init__(
        self, socket: ClientConnection, ids: StreamIds, talker: Talker, book: Notebook, hang_up_at: float
    ) -> None:
        """
        Args:
            hang_up_at: no call is longer than this, in seconds of the call's clock.
        """
        self._socket = socket
        self._ids = ids
        self._talker = talker
        self._book = book
        self._hang_up_at = hang_up_at
        self._far = PlayOut()
        self._noise = _noise(talker.noise_dbfs)
        self._sequence = 0
        self._chunk = 0
        self._first_act = self._acts_told = len(talker.acts)
        self._runs_told = 0
        self._answers_told = 0
        self._end: LineEnd | None = None

    async def talk(self, parameters: dict[str, str]) -> LineEnd:
        """Hold the stream to its end and tell who ended it."""
        self._book.begin()
        self._talker.line_opened(self._book.now())
        self._book.note("stream_opened")
        try:
            await self._open(parameters)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._pace())
        except ConnectionClosed:
            self._end = self._end or "server"
        self._keep()
        self._book.note("stream_closed", f"{self._end} {self._socket.close_code or ''}".strip())
        return self._end or "server"

    async def _open(self, parameters: dict[str, str]) -> None:
        await self._socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "streamSid": self._ids.stream,
            "accountSid": self._ids.account,
            "callSid": self._ids.call,
            "tracks": ["inbound"],
            "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": PHONE_RATE, "channels": 1},
        }
        await self._send("start", start)

    async def _send(self, event: str, body: dict[str, Any]) -> None:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._ids.stream, event: body}
        await self._socket.send(json.dumps(message))

    async def _listen(self) -> None:
        try:
            async for raw in self._socket:
                await self._take_raw(raw)
        except ConnectionClosed:
            if self._end is None:
                self._book.note("trouble", "the server's socket broke instead of being closed")
        finally:
            self._end = self._end or "server"

    async def _take_raw(self, raw: str | bytes) -> None:
        try:
            message = json.loads(raw) if isinstance(raw, str) else None
        except ValueError:
            message = None
        await self._take(message if isinstance(message, dict) else {})

    async def _take(self, message: dict[str, Any]) -> None:
        now = self._book.now()
        match message:
            case {"event": "media", "media": {"payload": str(payload)}}:
                self._hear(now, payload)
            case {"event": "mark", "mark": {"name": str(name)}}:
                self._far.mark(now, name)
                await self._echo(now)
            case {"event": "clear"}:
                self._far.clear(now)
                await self._echo(now)
                self._note_clear(now)
            case _:
                self._book.note("trouble", "a message Twilio does not know (its warning 31951)")

    def _hear(self, now: float, payload: str) -> None:
        try:
            self._far.media(now, base64.b64decode(payload, validate=True))
        except binascii.Error:
            self._book.note("trouble", "media that is not base64 (Twilio's warning 31951)")

    async def _echo(self, now: float) -> None:
        for name in self._far.due_marks(now):
            await self._send("mark", {"name": name})

    async def _pace(self) -> None:
        clock = asyncio.get_running_loop().time
        next_at = clock()
        while self._end is None:
            await asyncio.sleep(next_at - clock())
            late = clock() - next_at
            self._book.trace.lateness.append(late)
            next_at += FRAME_SECONDS
            if late > STALL_SECONDS:
                next_at = clock() + FRAME_SECONDS
            try:
                await self._frame(self._book.now())
            except ConnectionClosed:
                return

    async def _frame(self, now: float) -> None:
        tick = self._talker.tick(now, self._far)
        await self._echo(now)
        for key in tick.keys:
            await self._send("dtmf", {"track": "inbound_track", "digit": key})
        if tick.ending or now > self._hang_up_at:
            await self._leave(cut=tick.ending == "cut")
            return
        await self._send_sound(now, tick)
        self._tell_acts()
        self._tell_answers(now)

    async def _send_sound(self, now: float, tick: Tick) -> None:
        payload = SILENCE
        if tick.samples is not None or self._noise is not None:
            sound = mulaw_encode(self._mixed(tick.samples).tobytes())
            self._book.trace.said.append((math.ceil(now * PHONE_RATE), sound))
            payload = base64.b64encode(sound).decode()
        at_ms = self._chunk * 20
        self._sequence += 1
        self._chunk += 1
        # Written out, because a load test sends thousands of these a second.
        await self._socket.send(
            f'{{"event":"media","sequenceNumber":"{self._sequence}","streamSid":"{self._ids.stream}","media":'
            f'{{"track":"inbound","chunk":"{self._chunk}","timestamp":"{at_ms}","payload":"{payload}"}}}}'
        )

    def _mixed(self, voice: Samples | None) -> Samples:
        frame = np.zeros(FRAME, dtype=np.int32)
        if voice is not None:
            frame[: voice.size] += voice
        if self._noise is not None:
            first = self._chunk * FRAME % (self._noise.size - FRAME)
            frame += self._noise[first : first + FRAME]
        return np.clip(frame, -32768, 32767).astype(np.int16)

    async def _leave(self, *, cut: bool) -> None:
        self._end = "network" if cut else "caller"
        self._book.trace.left_at = self._book.now()
        if cut:
            self._socket.transport.abort()
            return
        await self._send("stop", {"accountSid": self._ids.account, "callSid": self._ids.call})
        await self._socket.close()

    def _tell_acts(self) -> None:
        for act in self._talker.acts[self._acts_told :]:
            if act.began_at is None:
                return
            self._acts_told += 1
            self._book.note("says" if act.kind == "speech" else "pressed", act.words, at=act.began_at)

    def _tell_answers(self, now: float) -> None:
        """An answer is told when its first sample is heard."""
        runs = [run for run in self._far.runs if run.start <= now] if self._far.is_playing(now) else []
        if len(runs) <= self._runs_told:
            return
        self._runs_told = len(runs)
        turns = turns_of(self._talker.acts[self._first_act :], runs, self._far.clears)
        for turn in turns[self._answers_told :]:
            if turn.answered_at is None and turn is turns[-1]:
                return
            self._answers_told += 1
            if turn.answered_at is not None:
                self._book.note("answered", turn.words, turn.latency, at=turn.answered_at)

    def _note_clear(self, now: float) -> None:
        last = self._talker.acts[-1].began_at if self._talker.acts else None
        seconds = now - last if last is not None and now - last < BARGE_IN_SECONDS else None
        self._book.note("cleared", seconds=seconds, at=now)

    def _keep(self) -> None:
        trace, now = self._book.trace, self._book.now()
        trace.clears += self._far.clears
        self._far.clear(now)
        trace.gaps += self._far.gaps
        trace.runs += self._far.runs
        trace.heard += self._far.sound()
        trace.acts = self._talker.acts
        trace.missed = self._talker.missed
        trace.seconds = now
        if self._end == "server":
            trace.closings.append(now)


def _noise(dbfs: float | None) -> Samples | None:
    """Two seconds of noise, always the same, played round and round."""
    if dbfs is None:
        return None
    noise = np.random.default_rng(0).standard_normal(2 * PHONE_RATE) * 32768.0 * 10 ** (dbfs / 20)
    return np.clip(noise, -32768, 32767).astype(np.int16)
