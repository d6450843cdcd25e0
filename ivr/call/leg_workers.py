"""What runs for one person's line in a room. Whatever breaks here is logged and ends that work, never the meeting."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ivr.model.audio import AudioFrame
from ivr.model.events import AgentSaid, CallEvent, Heard
from ivr.model.ports import Ears, Line

log = structlog.get_logger(__name__)

MOST_UNHEARD_FRAMES = 250
"""5 s may wait for recognition; then the newest is dropped: a transcript is never worth more than the talk."""

REST_SECONDS = 0.25
"""Ears that break at once, again and again, must not fill the log."""


async def safely(work: Awaitable[None], what: str) -> bool:
    """Do it; False: it broke, and was logged."""
    try:
        await work
    except Exception:
        log.exception("a line in a room failed", what=what)
        return False
    return True


class Listener:
    """Ears on one person: their words, for the transcript."""

    def __init__(self, ears: Ears, line: Line, said: Callable[[AgentSaid], None]) -> None:
        self._ears, self._line, self._said = ears, line, said
        self._sound: asyncio.Queue[AudioFrame] = asyncio.Queue(MOST_UNHEARD_FRAMES)
        self.dropped_frames = 0

    def put(self, frame: AudioFrame) -> None:
        """Never waits."""
        if self._sound.full():
            self.dropped_frames += 1
        else:
            self._sound.put_nowait(frame)

    async def run(self) -> None:
        """Listen until cancelled; then the ears are closed."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear())
                tasks.create_task(self._news())
        finally:
            await safely(self._ears.close(), "ears")

    async def _hear(self) -> None:
        while True:
            frame = await self._sound.get()
            try:
                for event in await self._ears.hear(frame, self._line.level_heard()):
                    self._tell(event)
            except Exception:
                log.exception("hearing an agent failed")
                await asyncio.sleep(REST_SECONDS)

    async def _news(self) -> None:
        while True:
            try:
                self._tell(await self._ears.news())
            except Exception:
                log.exception("hearing an agent failed")
                await asyncio.sleep(REST_SECONDS)

    def _tell(self, event: CallEvent) -> None:
        if isinstance(event, Heard) and event.text:
            times = event.times
            seconds = times.ended - times.began + times.waited + times.recognizing
            self._said(AgentSaid(event.text, event.confidence, round(seconds, 3)))
