"""Say what waits to be said, one utterance after the other, on one line; between them hold music, if wanted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from ivr.model.audio import AudioFrame
from ivr.model.commands import Say
from ivr.model.errors import IvrError
from ivr.model.events import CallEvent, PlaybackFinished, SpeakingFailed
from ivr.model.ports import HoldAudio, Line, Voice

log = structlog.get_logger(__name__)

OURS = 1_000_000
"""From here on are the numbers of what is heard besides our words: music, a beep, a room. Each playing has its own, or
a line takes the end of one for the end of the next. They are no negative ones: a mark of Twilio's cannot hold those."""

MUSIC_AHEAD_SECONDS = 0.2
"""So much music the line holds; it is dropped where words come, so it is not what the caller waits for."""


class Mouth:
    """The speech queue of one call. Every utterance given to `say` ends in exactly one event, whatever happens:
    the line reports what was played, we report what never was.
    """

    def __init__(self, line: Line, voice: Voice, hold: HoldAudio, post: Callable[[CallEvent], None]) -> None:
        self._line, self._voice, self._hold, self._post = line, voice, hold, post
        self._waiting: deque[Say] = deque()
        self._more = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._sounding: dict[int, asyncio.Event] = {}
        """Given to the line, and not yet reported as finished."""

        self._stopped = False
        self._music = False
        self._music_seconds = 0.0
        """How far the music has come in this call."""

        self._away = False
        """The caller sits with somebody else; we have nothing to say to them."""

        self._own = OURS

    @property
    def rate(self) -> int:
        return self._line.rate

    def say(self, said: Say) -> None:
        if self._away:
            self._post(PlaybackFinished(said.utterance, interrupted=True))
            return
        self._waiting.append(said)
        self._more.set()

    def hold(self, playing: bool) -> None:
        """Music whenever nothing is said, or no music from now on."""
        self._music = playing
        self._more.set()

    def tune(self, piece: HoldAudio) -> None:
        """From now on the music is this; another one than before begins at its beginning."""
        if piece is not self._hold:
            self._hold, self._music_seconds = piece, 0.0
            self._more.set()

    def finished(self, utterance: int) -> None:
        """The line has played it, or dropped it."""
        if heard := self._sounding.pop(utterance, None):
            heard.set()
        self._more.set()

    async def stop(self) -> None:
        """Break off: what waits is reported as interrupted, what plays the line reports. Music goes on after it."""
        self._drop_waiting()
        if not self._away:
            self._stopped = True
            await self._line.stop_playing()
            self._more.set()

    @asynccontextmanager
    async def silenced(self) -> AsyncIterator[int]:
        """The line belongs to somebody else as long as the block runs; we break off whatever we say. Gives the number
        under which they may play."""
        self._away = self._stopped = True
        self._drop_waiting()
        try:
            await self._line.stop_playing()
            async with self._one_at_a_time:
                yield self._own_number()
        finally:
            self._away = False
            await self._line.stop_playing()
            self._more.set()

    async def play_out(self, sound: AsyncIterator[AudioFrame]) -> None:
        """Play something of our own that is no utterance, until the caller has heard it.

        Raises:
            LineError: the line refused it.
        """
        number = self._own_number()
        heard = self._sounding[number] = asyncio.Event()
        try:
            async with self._one_at_a_time:
                await self._line.play(number, sound)
            await heard.wait()
        finally:
            self.finished(number)

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                await self._speak(self._waiting.popleft())
            if self._is_music_time:
                await self._play_music()

    @property
    def _is_music_time(self) -> bool:
        return self._music and not (self._waiting or self._sounding or self._away)

    def _own_number(self) -> int:
        self._own += 1
        return self._own

    def _drop_waiting(self) -> None:
        waiting = list(self._waiting)
        self._waiting.clear()
        for said in waiting:
            self._post(PlaybackFinished(said.utterance, interrupted=True))

    async def _speak(self, said: Say) -> None:
        handed_over, failed, code = False, True, "error"
        self._sounding[said.utterance] = asyncio.Event()

        async def sound() -> AsyncIterator[AudioFrame]:
            nonlocal handed_over
            async for frame in self._voice.speak(said.text, self._line.rate, said.language):
                if self._stopped:
                    return
                handed_over = True
                yield frame

        try:
            async with self._one_at_a_time:
                self._stopped = self._away
                await self._line.play(said.utterance, sound())
            failed = False
        except IvrError as error:
            code = error.code
            log.warning("could not speak", utterance=said.utterance, code=code)
        finally:
            # Of what was handed over the line reports the end.
            if failed and not handed_over:
                self.finished(said.utterance)
                self._post(SpeakingFailed(said.utterance, code))

    async def _play_music(self) -> None:
        """Until there is something to say. The music of a line that refuses it is over for this call."""
        try:
            async with self._one_at_a_time:
                began_at = self._music_seconds
                await self._line.play(self._own_number(), self._in_time())
                if self._music_seconds > began_at and not self._away:
                    await self._line.stop_playing()
        except IvrError as error:
            self._music = False
            log.warning("no hold music", code=error.code)

    async def _in_time(self) -> AsyncIterator[AudioFrame]:
        """The music at its own pace: a line takes what it gets, and what it holds delays the next words."""
        now = asyncio.get_running_loop().time
        began, sent, piece = now(), 0.0, self._hold
        async for frame in piece.play(self._line.rate, self._music_seconds):
            if piece is not self._hold or not self._is_music_time:
                return
            yield frame
            sent += frame.seconds
            self._music_seconds += frame.seconds
            if (early := sent - MUSIC_AHEAD_SECONDS - (now() - began)) > 0:
                await asyncio.sleep(early)
