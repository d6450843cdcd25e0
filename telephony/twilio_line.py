"""A Twilio call as a `Line`: the thin async shell round `TwilioStream` and `Playout`.

`carry` reads the socket and waits for nothing else; it runs beside the call for as long as the stream lives.
Sound leaves at most 400 ms ahead of what the far end has played, so that there is little to take back.
The end is one of: caller (`stop`), network (the socket died, or nothing came for a minute), system (we hung up),
transfer (the carrier takes the caller from here), provider (the status callback said so first).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import assert_never

import structlog

from ivr.model.audio import FRAME_SECONDS, LIVE, PHONE_RATE, AudioFrame
from ivr.model.dial_strings import split
from ivr.model.errors import LineError, NotAllowed
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed, PlaybackFinished, PlaybackStarted
from ivr.model.ports import Tap
from telephony.decisions import Decide, TransferTo
from telephony.dial_plan import DialPlan
from telephony.dtmf_tones import digit_tones
from telephony.live_sound import FIRST_NUMBER, LiveSound
from telephony.mailbox import Mailbox
from telephony.playout import Playout
from telephony.text_socket import TextSocket
from telephony.twilio_messages import FRAME_BYTES, MarkReached, Received, StreamStarted, StreamStopped, TwilioStream
from telephony.twilio_settings import TwilioSettings

LEAD_SECONDS = 0.4
CHUNK_SECONDS = 0.1
CHUNK_BYTES = round(CHUNK_SECONDS / FRAME_SECONDS) * FRAME_BYTES
SEND_SECONDS = 5.0
"""A peer that does not read for so long is gone."""

MARK_MARGIN_SECONDS = 5.0
"""A mark that late will not come; the utterance ends without it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Floor:
    """What may be said until the next interruption, one utterance after another. An interruption gives a new floor,
    so that a voice which is slow to notice does not keep the next utterance waiting."""

    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)


class TwilioLine:
    """Begins after `start`. `decide` is told what Twilio shall do once the stream is closed; it may refuse a transfer
    with NotAllowed."""

    def __init__(
        self,
        socket: TextSocket,
        stream: TwilioStream,
        settings: TwilioSettings,
        plan: DialPlan,
        decide: Decide,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket, self._stream, self._settings = socket, stream, settings
        self._plan, self._decide, self._now = plan, decide, now
        self._mailbox, self._playout = Mailbox(), Playout(PHONE_RATE)
        self._floor, self._live = _Floor(), LiveSound()
        self._last_message = now()
        self._is_behind = False
        """The far end holds more of a live talk than it should."""

        self._tap: Tap | None = None
        self._offset = 0.0
        self._media_began: float | None = None
        self._frames_heard = 0

    @property
    def rate(self) -> int:
        return PHONE_RATE

    @property
    def faults(self) -> dict[str, int]:
        """What was wrong with the peer, by name, and sound we had to drop: for metrics and the call record."""
        live = {"live_frames_left_out": self._live.left_out, "live_queue_cleared": self._live.cleared}
        dropped = {"dropped_frames": self._mailbox.dropped_frames}
        return {**self._stream.faults, **dropped, **{name: count for name, count in live.items() if count}}

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        """Sound that was taken back before it was played never reaches the tap."""
        self._tap, self._offset = tap, offset_seconds

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        return self._mailbox.items()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        if self._mailbox.is_closed:
            return
        floor, pending = self._floor, bytearray()
        self._playout.begin(utterance)
        async with floor.speaking:
            if floor.dropped.is_set():
                return
            try:
                async for frame in audio:
                    if floor.dropped.is_set():
                        return
                    if frame.rate != PHONE_RATE:
                        raise LineError(f"a Twilio line speaks {PHONE_RATE} samples per second, not {frame.rate}")
                    if utterance == LIVE:
                        await self._pass_on(frame)
                        continue
                    pending += frame.pcm
                    await self._pour(utterance, pending, floor.dropped)
            finally:
                pending += bytes(-len(pending) % FRAME_BYTES)
                await self._pour(utterance, pending, floor.dropped, to_the_end=True)
                if not floor.dropped.is_set():
                    await self._send(self._stream.mark(utterance))

    async def stop_playing(self) -> None:
        now = self._now()
        if self._mailbox.is_closed or not (self._playout.is_busy or self._playout.ahead(now)):
            return
        self._drop(now)
        await self._send(self._stream.clear())

    def level_heard(self) -> float:
        return self._playout.level(self._now())

    async def send_digits(self, digits: str) -> None:
        """Media Streams have no message for it: the tones go as sound."""
        floor, pending = self._floor, bytearray(digit_tones(digits, PHONE_RATE))
        async with floor.speaking:
            await self._pour(None, pending, floor.dropped, to_the_end=True)

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        if self._mailbox.is_closed:
            return False
        try:
            address, keys = split(target)
            self._decide(TransferTo(self._plan.check(address) + keys, timeout_seconds))
        except NotAllowed as error:
            log.warning("transfer refused", reason=str(error))
            return False
        await self._leave("transfer")
        return True

    async def hang_up(self) -> None:
        if not self._mailbox.is_closed:
            self._decide("hang_up")
            await self._leave("system")

    async def drop(self) -> None:
        """Close without a decision: Twilio will ask, and the caller is rescued. No-op after any other end."""
        await self._leave("system")

    def post(self, event: CallEvent) -> None:
        """Something a webhook learned about this call."""
        if isinstance(event, CallerHungUp):
            self._end(event.reason)
        else:
            self._mailbox.put(event)

    async def carry(self) -> None:
        """Read the socket until it closes."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch())
            while (message := await self._socket.receive()) is not None:
                self._last_message = self._now()
                for item in self._stream.receive(message):
                    self._take(item)
            watching.cancel()
        self._end("network")

    def _take(self, item: Received) -> None:
        match item:
            case AudioFrame():
                self._hear(item)
            case DigitPressed():
                self._mailbox.put(item)
            case MarkReached(utterance=number) if number >= FIRST_NUMBER:
                self._is_behind |= self._live.echoed(number, self._now())
            case MarkReached():
                self._put_all(self._playout.finish(item.utterance, self._now()))
            case StreamStopped():
                self._end("caller")
            case StreamStarted():
                pass
            case _:
                assert_never(item)

    def _hear(self, frame: AudioFrame) -> None:
        if self._mailbox.is_closed:
            return
        now = self._now()
        if self._media_began is None:
            self._media_began = now
        if self._tap:
            self._tap.caller_said(self._offset + self._frames_heard * FRAME_SECONDS, frame)
        self._frames_heard += 1
        self._tell_what_was_heard(now)
        self._mailbox.put(frame)

    def _tell_what_was_heard(self, now: float) -> None:
        if self._media_began is None:
            return
        for at, pcm in self._playout.heard(now):
            if self._tap:
                position = self._offset + max(0.0, at - self._media_began)
                self._tap.caller_heard(position, AudioFrame(pcm, PHONE_RATE))

    async def _pour(
        self, utterance: int | None, pending: bytearray, dropped: asyncio.Event, to_the_end: bool = False
    ) -> None:
        """Send what is worth sending now: whole chunks, and anything when the far end runs dry."""
        while len(pending) >= FRAME_BYTES and not dropped.is_set():
            is_dry = self._playout.ahead(self._now()) < CHUNK_SECONDS
            if len(pending) < CHUNK_BYTES and not (is_dry or to_the_end):
                return
            size = min(len(pending), CHUNK_BYTES) // FRAME_BYTES * FRAME_BYTES
            if not await self._has_room(size / 2 / PHONE_RATE, dropped):
                return
            piece = bytes(pending[:size])
            del pending[:size]
            if self._playout.send(utterance, piece, self._now()) and utterance is not None:
                self._mailbox.put(PlaybackStarted(utterance))
            await self._send(self._stream.media(piece))

    async def _pass_on(self, frame: AudioFrame) -> None:
        """People talking: at once, or not at all."""
        if self._is_behind:
            self._is_behind = False
            self._playout.skip(self._now())
            await self._send(self._stream.clear())
        now = self._now()
        if not self._live.fits(self._playout.ahead(now), frame.seconds):
            return
        if self._playout.send(LIVE, frame.pcm, now):
            self._mailbox.put(PlaybackStarted(LIVE))
        await self._send(self._stream.media(frame.pcm))
        if (number := self._live.probe(self._playout.ahead(now), now)) is not None:
            await self._send(self._stream.mark(number))

    async def _has_room(self, seconds: float, dropped: asyncio.Event) -> bool:
        """Wait until the far end holds so little that `seconds` more fit; False: the sound was dropped meanwhile."""
        while (wait := self._playout.ahead(self._now()) + seconds - LEAD_SECONDS) > 0 and not dropped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await dropped.wait()
        return not dropped.is_set()

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send(text)
        except (LineError, TimeoutError):
            self._end("network")

    async def _watch(self) -> None:
        warned = False
        while not self._mailbox.is_closed:
            await asyncio.sleep(min(1.0, self._settings.quiet_warning_seconds / 2))
            now = self._now()
            quiet = now - self._last_message
            if quiet >= self._settings.quiet_end_seconds:
                await self._leave("network")
            elif quiet >= self._settings.quiet_warning_seconds and not warned:
                warned = True
                self._stream.faults["no_media"] += 1
                log.warning("nothing comes from the line", seconds=round(quiet))
            for utterance in self._playout.overdue(now, MARK_MARGIN_SECONDS):
                self._stream.faults["mark_missing"] += 1
                self._put_all(self._playout.finish(utterance, now))
            self._tell_what_was_heard(now)

    def _put_all(self, events: list[PlaybackFinished]) -> None:
        for event in events:
            self._mailbox.put(event)

    def _drop(self, now: float) -> None:
        self._floor.dropped.set()
        self._floor = _Floor()
        self._tell_what_was_heard(now)
        self._put_all(self._playout.clear(now))

    def _end(self, reason: str) -> None:
        if not self._mailbox.is_closed:
            self._drop(self._now())
            self._mailbox.put(CallerHungUp(reason))

    async def _leave(self, reason: str) -> None:
        self._end(reason)
        await self._socket.close()
