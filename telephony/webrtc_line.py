"""A browser call as a `Line`: sound over RTP, keys and captions over the data channel `ivr`.

What comes is put in order, decoded and made whole here, in the event loop (a few µs a packet); what goes is pulled by
aiortc's sender, one frame of 20 ms at a time. The end is one of: caller (they hung up or closed the page), network
(the browser vanished, or never connected), system (we hung up).
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Protocol, assert_never

import structlog

from ivr.model.audio import FRAME_SECONDS, AudioFrame
from ivr.model.errors import LineError
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed
from ivr.model.ports import Tap
from telephony.dtmf_tones import digit_tones
from telephony.mailbox import Mailbox
from telephony.webrtc_codecs import Codec
from telephony.webrtc_hearing import HeardSound
from telephony.webrtc_messages import BrowserMessages, Goodbye, Ping, Speaker, State, caption, pong, state
from telephony.webrtc_order import Packet, PacketOrder
from telephony.webrtc_settings import WebRtcSettings
from telephony.webrtc_speech import PacedSpeech

NO_MEDIA_SECONDS = 15.0
"""No sound for so long, though the browser is there: worth a warning, not an end."""

GOODBYE_SECONDS = 0.3
"""The last sound and the last message are on their way; then the connection is closed."""

log = structlog.get_logger(__name__)


class Peer(Protocol):
    """The connection, as far as the line needs it."""

    def send(self, text: str) -> None:
        """Over the data channel, if it is open. Never raises."""

    async def close(self) -> None:
        """Idempotent."""


class WebRtcLine:
    """Begins when the connection is asked for; `begin` says that sound can pass."""

    def __init__(
        self, codec: Codec, settings: WebRtcSettings, peer: Peer, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._codec, self._settings, self._peer, self._now = codec, settings, peer, now
        self._mailbox, self._order = Mailbox(), PacketOrder()
        self._speech = PacedSpeech(codec.rate, comfort_noise=settings.comfort_noise)
        self._messages, self._faults = BrowserMessages(), Counter[str]()
        self._heard: HeardSound | None = None
        self._began = self._last_sign = self._last_sound = now()
        self._warned = False
        self.closing_means = "caller"
        """What it means when the browser closes the connection without a goodbye: caller, they hung up; or network,
        for people who hang up with a button, so that a page loaded again loses nobody."""

        self._over, self._connected = asyncio.Event(), asyncio.Event()
        self._tap: Tap | None = None
        self._offset = 0.0
        self._frames_heard = 0

    @property
    def rate(self) -> int:
        return self._codec.rate

    @property
    def is_over(self) -> bool:
        """`CallerHungUp` is on its way, or has come."""
        return self._mailbox.is_closed

    @property
    def faults(self) -> dict[str, int]:
        """What was wrong with the browser and its network, by name: for metrics."""
        concealed = self._heard.concealed if self._heard else 0
        network = {"rtp_lost": self._order.lost, "rtp_late": self._order.late, "rtp_concealed": concealed}
        return {
            **self._faults,
            **self._messages.faults,
            **network,
            "dropped_frames": self._mailbox.dropped_frames,
            "live_frames_left_out": self._speech.left_out,
        }

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        """Sound that was taken back before it was played never reaches the tap."""
        self._tap, self._offset = tap, offset_seconds

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        return self._mailbox.items()

    # -- what the call asks for

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        if self._mailbox.is_closed:
            return
        await self._speech.play(utterance, audio)

    async def stop_playing(self) -> None:
        if not self._mailbox.is_closed:
            self._drop(self._now())

    def level_heard(self) -> float:
        return self._speech.level(self._now())

    async def send_digits(self, digits: str) -> None:
        """WebRTC has keys only towards us: the tones go as sound."""
        await self._speech.play_tones(digit_tones(digits, self.rate))

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        """No carrier can take a browser from us: whoever is to talk with it comes to a room."""
        return False

    async def hang_up(self) -> None:
        self._end("system")

    # -- what the browser is told

    def show_caption(self, who: Speaker, text: str, *, final: bool = True) -> None:
        """Words for the person to read."""
        if not self._mailbox.is_closed:
            self._peer.send(caption(who, text, final=final))

    def show_state(self, name: State, reason: str = "") -> None:
        """What is being done with the person's call."""
        if not self._mailbox.is_closed:
            self._peer.send(state(name, reason))

    # -- what the connection brings

    def begin(self) -> None:
        """Sound can pass: positions count from here. No-op the second time."""
        if self._connected.is_set():
            return
        now = self._now()
        self._began = self._last_sign = self._last_sound = now
        self._heard = HeardSound(self.rate, self._codec.clock_rate, now)
        self._connected.set()

    def take_packet(self, packet: Packet) -> None:
        """Never raises, never waits."""
        now = self._now()
        self._last_sign = self._last_sound = now
        if self._heard is None or self._mailbox.is_closed:
            return
        for each in self._order.add(packet):
            try:
                pcm = self._codec.decode(each.payload)
            except LineError:
                self._faults["rtp_undecodable"] += 1
                continue
            self._hear(self._heard.add(pcm, each.timestamp, now))

    def take_message(self, message: object) -> None:
        """One text of the data channel. Never raises, never waits."""
        self._last_sign = self._now()
        match self._messages.read(message, self._last_sign):
            case DigitPressed() as key:
                self._mailbox.put(key)
            case Ping(number=number):
                self._peer.send(pong(number))
            case Goodbye():
                self._end("caller")
            case None:
                pass
            case other:
                assert_never(other)

    def count_fault(self, name: str) -> None:
        self._faults[name] += 1

    def lose(self, reason: str) -> None:
        """The connection is gone: caller (closed by them) or network."""
        self._end(self.closing_means if reason == "caller" else reason)

    def next_payload(self, due: float) -> bytes:
        """20 ms for the browser, encoded; called once for each frame by the track."""
        now = self._now()
        if self._heard and not self._mailbox.is_closed:
            self._hear(self._heard.tick(now))
        self._tell_what_was_heard(now)
        pcm, events = self._speech.next_frame(due)
        for event in events:
            self._mailbox.put(event)
        return self._codec.encode(pcm)

    # -- the life of the connection

    async def is_connected(self) -> bool:
        """Wait until sound can pass; False: it never will."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.connect_seconds):
                await self._connected.wait()
        if not self._connected.is_set():
            self._end("network")
        return not self._mailbox.is_closed

    async def over(self) -> None:
        """Wait until the call is over, for whoever does not take what is `incoming` themselves."""
        await self._over.wait()

    async def carry(self) -> None:
        """Watch over the connection until the call is over, then close it."""
        try:
            while not self._mailbox.is_closed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(0.5, self._settings.vanished_seconds / 4)):
                        await self._over.wait()
                self.look()
            await asyncio.sleep(GOODBYE_SECONDS)
        finally:
            self._end("network")
            await self._peer.close()

    def look(self) -> None:
        """Is anybody still there? `carry` asks twice a second."""
        now = self._now()
        if now - self._last_sign >= self._settings.vanished_seconds:
            self._end("network")
        elif now - self._last_sound >= NO_MEDIA_SECONDS and not self._warned:
            self._warned = True
            self._faults["no_media"] += 1
            log.warning("no sound comes from the browser", seconds=round(now - self._last_sound))

    def _hear(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            if self._tap:
                self._tap.caller_said(self._offset + self._frames_heard * FRAME_SECONDS, frame)
            self._frames_heard += 1
            self._mailbox.put(frame)

    def _tell_what_was_heard(self, now: float) -> None:
        for at, pcm in self._speech.heard(now):
            if self._tap:
                self._tap.caller_heard(self._offset + max(0.0, at - self._began), AudioFrame(pcm, self.rate))

    def _drop(self, now: float) -> None:
        self._tell_what_was_heard(now)
        for event in self._speech.drop(now):
            self._mailbox.put(event)

    def _end(self, reason: str) -> None:
        if not self._mailbox.is_closed:
            self._drop(self._now())
            self.show_state("ended", reason)
            self._mailbox.put(CallerHungUp(reason))
            self._over.set()
            self._connected.set()
