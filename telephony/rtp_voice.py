"""The half of a line that all lines with our own clock share: what is said, what is heard, and the tick between.

Every 20 ms one frame leaves, by absolute deadlines; after a stall the clock is set anew instead of sending a burst.
The line gives `emit`, which carries a frame (or None: nothing to say) to the far end and may bring sound back.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from ivr.model.audio import FRAME_SECONDS, AudioFrame
from ivr.model.errors import LineError
from ivr.model.events import CallerHungUp, CallEvent
from ivr.model.ports import Tap
from telephony.mailbox import Mailbox
from telephony.rtp_outbox import Outbox

LEAD_SECONDS = 0.4
"""Sound that may wait to be sent; a voice that is faster than speech is held back."""

STALL_SECONDS = 0.1
"""A tick so late is not made up for."""


@dataclass(frozen=True, slots=True)
class _Floor:
    """What may be said until the next interruption, one utterance after another."""

    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)


class PacedVoice:
    """`emit` is called every 20 ms from `start` to the end."""

    def __init__(
        self, rate: int, emit: Callable[[bytes | None], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.faults, self.mailbox = rate, Counter[str](), Mailbox()
        self.is_paused = False
        """On hold: time passes for nobody, what is to be said waits."""

        self._emit, self._now = emit, now
        self._outbox, self._floor = Outbox(rate), _Floor()
        self._room = asyncio.Event()
        self._tap: Tap | None = None
        self._offset = 0.0
        self._began = self._due = now()
        self._heard_from: float | None = None
        self._frames_heard = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_over(self) -> bool:
        return self.mailbox.is_closed

    def start(self) -> None:
        self._began = self._due = self._now()
        self._schedule()

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        self._tap, self._offset = tap, offset_seconds

    async def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        while True:
            item = await self.mailbox.get()
            yield item
            if isinstance(item, CallerHungUp):
                return

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        if self.is_over:
            return
        floor = self._floor
        self._outbox.begin(utterance)
        async with floor.speaking:
            if floor.dropped.is_set():
                return
            try:
                async for frame in audio:
                    if floor.dropped.is_set():
                        return
                    if frame.rate != self.rate:
                        raise LineError(f"this line speaks {self.rate} samples per second, not {frame.rate}")
                    await self._pour(utterance, frame.pcm, floor.dropped)
            finally:
                if not floor.dropped.is_set():
                    self._outbox.close(utterance)

    async def say(self, pcm: bytes) -> None:
        """Sound that belongs to no utterance, after what is being said."""
        floor = self._floor
        async with floor.speaking:
            if not self.is_over:
                self._outbox.put(None, pcm)
                self._outbox.close(None)

    def stop_playing(self) -> None:
        if not self.is_over and self._outbox.is_busy:
            self._drop()

    def level_heard(self) -> float:
        return self._outbox.playout.level(self._now())

    def hear(self, pcm: bytes) -> None:
        """One frame of the caller's."""
        if self.is_over:
            return
        frame, now = AudioFrame(pcm, self.rate), self._now()
        if self._heard_from is None:
            self._heard_from = now - self._began
        if self._tap:
            self._tap.caller_said(self._position(self._heard_from + self._frames_heard * FRAME_SECONDS), frame)
        self._frames_heard += 1
        self.mailbox.put(frame)

    def put(self, event: CallEvent) -> None:
        self.mailbox.put(event)

    def end(self, reason: str) -> None:
        """Says so once; nothing ticks any more."""
        if self.is_over:
            return
        self._drop()
        self.mailbox.put(CallerHungUp(reason))
        if self._timer:
            self._timer.cancel()

    def tick(self) -> None:
        """20 ms of our own sound leave."""
        frame, events = (None, self._outbox.wait()) if self.is_paused else self._outbox.take(self._due)
        for event in events:
            self.mailbox.put(event)
        if self._outbox.seconds < LEAD_SECONDS:
            self._room.set()
        self._tell_what_was_heard()
        self._emit(frame)
        self._due += FRAME_SECONDS
        late = self._now() - self._due
        if late > STALL_SECONDS:
            self.faults["late_tick"] += 1
            self._due += late

    def _position(self, since_began: float) -> float:
        return self._offset + max(0.0, since_began)

    def _schedule(self) -> None:
        wait = max(0.0, self._due - self._now())
        self._timer = asyncio.get_running_loop().call_later(wait, self._tick_and_schedule)

    def _tick_and_schedule(self) -> None:
        self.tick()
        if not self.is_over:
            self._schedule()

    async def _pour(self, utterance: int, pcm: bytes, dropped: asyncio.Event) -> None:
        while self._outbox.seconds >= LEAD_SECONDS and not dropped.is_set():
            self._room.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAD_SECONDS):
                    await self._room.wait()
        if not dropped.is_set():
            self._outbox.put(utterance, pcm)

    def _tell_what_was_heard(self) -> None:
        for at, pcm in self._outbox.playout.heard(self._due):
            if self._tap:
                self._tap.caller_heard(self._position(at - self._began), AudioFrame(pcm, self.rate))

    def _drop(self) -> None:
        self._floor.dropped.set()
        self._floor = _Floor()
        self._tell_what_was_heard()
        for event in self._outbox.clear(self._now()):
            self.mailbox.put(event)
        self._room.set()
