"""A call behind Asterisk as a `Line`, by AudioSocket or chan_websocket: Asterisk does SIP, we get sound and keys.

Neither protocol can transfer a call or tell how loud it was played: sound is paced here, so that what is dropped was
never heard; a transfer is a second call (`SipTrunk.call`) and a room.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.events import CallEvent, DigitPressed
from ivr.model.ports import Tap
from telephony.dtmf_tones import digit_tones
from telephony.rtp_voice import PacedVoice

FRAME_BYTES = round(PHONE_RATE * FRAME_SECONDS) * 2
STARVED_SECONDS = 0.1
QUIET_END_SECONDS = 60.0
"""Asterisk sends sound all the time; nothing for so long means that it is gone."""


class AsteriskLine:
    """`send` gets 20 ms of PCM, or None for nothing to say; `close` is called once, at the end."""

    def __init__(
        self,
        send: Callable[[bytes | None], None],
        close: Callable[[], None],
        longest_seconds: float = 3600.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._close, self._longest, self._now = send, close, longest_seconds, now
        self._voice = PacedVoice(PHONE_RATE, self._tick, now)
        self._rest = bytearray()
        self._began = self._heard_at = now()

    @property
    def rate(self) -> int:
        return PHONE_RATE

    @property
    def faults(self) -> Counter[str]:
        """Sound we had to drop, ticks that came late."""
        return self._voice.faults + Counter({"dropped_frames": self._voice.mailbox.dropped_frames})

    def answered(self) -> None:
        self._began = self._heard_at = self._now()
        self._voice.start()

    def take_sound(self, pcm: bytes) -> None:
        """The caller's, of any length."""
        self._heard_at = self._now()
        self._rest += pcm
        while len(self._rest) >= FRAME_BYTES:
            self._voice.hear(bytes(self._rest[:FRAME_BYTES]))
            del self._rest[:FRAME_BYTES]

    def take_digit(self, digit: str) -> None:
        if digit:
            self._voice.put(DigitPressed(digit))

    def pause(self, paused: bool) -> None:
        """Asterisk has more sound than it can play (MEDIA_XOFF), or wants more (MEDIA_XON)."""
        self._voice.is_paused = paused

    def drop(self, reason: str) -> None:
        """End the call now, whoever is to blame. No-op after any other end."""
        if not self._voice.is_over:
            self._voice.end(reason)
            self._close()

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        self._voice.listen_along(tap, offset_seconds)

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        return self._voice.incoming()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        await self._voice.play(utterance, audio)

    async def stop_playing(self) -> None:
        self._voice.stop_playing()

    def level_heard(self) -> float:
        return self._voice.level_heard()

    async def send_digits(self, digits: str) -> None:
        await self._voice.say(digit_tones(digits, PHONE_RATE))

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        return False

    async def hang_up(self) -> None:
        self.drop("system")

    def _tick(self, pcm: bytes | None) -> None:
        self._send(pcm)
        now = self._now()
        if now - self._heard_at > STARVED_SECONDS:
            self._voice.hear(bytes(FRAME_BYTES))
        if now - self._heard_at > QUIET_END_SECONDS:
            self.drop("network")
        if now - self._began > self._longest:
            self.drop("system")
