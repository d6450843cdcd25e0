"""A SIP call as a `Line`: signalling (`SipCall`), sound (`RtpLeg`) and speech (`PacedVoice`) joined.

The end is one of: caller (BYE), network (nobody there any more), system (we hung up), transfer (the trunk has taken
the caller to somebody else). Exactly one of them is told, last.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.dial_strings import split
from ivr.model.errors import NotAllowed
from ivr.model.events import CallEvent, DigitPressed, LineHeld
from ivr.model.ports import Tap
from telephony.dial_plan import DialPlan
from telephony.dtmf_tones import digit_tones
from telephony.outgoing import OutgoingCalls
from telephony.rtp_digits import KeyJudge
from telephony.rtp_leg import RtpLeg
from telephony.rtp_tones import ToneReader
from telephony.rtp_voice import PacedVoice
from telephony.sip_call import SipCall
from telephony.sip_numbers import sip_address
from telephony.sip_sdp import AgreedSound
from telephony.sip_settings import SipSettings, SipTrunkSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinePolicy:
    """What a line may do to others, and how long it lives."""

    settings: SipSettings
    trunk: SipTrunkSettings
    plan: DialPlan
    outgoing: OutgoingCalls


class SipLine:
    """Built before the call is answered; `connect` gives it its signalling, `answered` its time."""

    def __init__(self, policy: LinePolicy, now: Callable[[], float] = time.monotonic) -> None:
        self._policy, self._now = policy, now
        self.leg = RtpLeg(self, frozenset(policy.trunk.media), now)
        self._voice = PacedVoice(PHONE_RATE, self._tick, now)
        self._call: SipCall | None = None
        self._keys, self._tones = KeyJudge(), ToneReader()
        self._early: Tap | None = None
        self._early_frames = 0
        self._answered_at: float | None = None
        self._has_warned = self._is_held = False

    @property
    def rate(self) -> int:
        return PHONE_RATE

    @property
    def faults(self) -> Counter[str]:
        """What was wrong with the peer, by name, and sound we had to drop."""
        dropped = Counter({"dropped_frames": self._voice.mailbox.dropped_frames})
        return self.leg.faults + self._voice.faults + dropped

    @property
    def is_over(self) -> bool:
        return self._voice.is_over

    def connect(self, call: SipCall) -> None:
        self._call = call

    def answered(self) -> None:
        """Sound counts from here."""
        if self._answered_at is None and not self.is_over:
            self._answered_at = self.leg.last_packet = self._now()
            self._voice.start()
            if self._is_held:
                self._voice.put(LineHeld(True))

    def listen_early(self, tap: Tap | None) -> None:
        """Give `tap` what the far end sends before it answers: ring-back, announcements. It never counts as speech."""
        self._early = tap

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
        """As RTP events, for which speech makes room; as tones where the peer takes none."""
        if self.is_over:
            return
        if self.leg.press(digits):
            self._voice.is_paused = True
        else:
            await self._voice.say(digit_tones(digits, PHONE_RATE))

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        """By REFER. False: the dial plan or the trunk refused, nobody answered, or keys must be pressed there; then a
        second call can be placed (`SipTrunk.call`) and both lines meet in a room."""
        call, policy = self._call, self._policy
        if self.is_over or call is None or not policy.trunk.accepts_refer or split(target)[1]:
            return False
        try:
            address = sip_address(policy.plan.check(target), policy.trunk)
            policy.outgoing.begin(call.dialog.call_id, self._now())
        except (NotAllowed, ValueError) as error:
            log.warning("transfer refused", reason=str(error))
            return False
        status = await call.refer(address, min(timeout_seconds, policy.settings.transfer_seconds))
        if not 200 <= status < 300:
            policy.outgoing.end(call.dialog.call_id)
            log.info("the trunk did not transfer the call", status=status)
            return False
        self._voice.end("transfer")
        self._close()
        return True

    async def hang_up(self) -> None:
        self.drop("system")

    def drop(self, reason: str) -> None:
        """End the call now, whoever is to blame. No-op after any other end."""
        if not self.is_over:
            self._voice.end(reason)
            self._close()

    def sound_agreed(self, agreed: AgreedSound) -> None:
        """Also in the middle of a call. On hold what is to be said waits; nobody would hear it."""
        self.leg.agree(agreed)
        if agreed.is_held != self._is_held and self._answered_at is not None:
            self._voice.put(LineHeld(agreed.is_held))
        self._is_held = agreed.is_held
        self._voice.is_paused = self._is_held or self.leg.is_keying

    def key_pressed(self, digit: str, source: str = "events") -> None:
        if self._answered_at is not None and self._keys.is_new(digit, source, self._now()):
            self._voice.put(DigitPressed(digit))

    def heard(self, pcm: bytes) -> None:
        if self._answered_at is None:
            if self._early:
                self._early.caller_said(self._early_frames * FRAME_SECONDS, AudioFrame(pcm, PHONE_RATE))
            self._early_frames += 1
            return
        agreed = self._call.agreed if self._call else None
        if agreed is not None and agreed.events_type is None:
            for digit in self._tones.read(AudioFrame(pcm, PHONE_RATE).samples):
                self.key_pressed(digit, "tones")
        self._voice.hear(pcm)

    def over(self, reason: str) -> None:
        self._voice.end(reason)
        self._policy.outgoing.end(self._call.dialog.call_id if self._call else "")
        self.leg.close()

    def _tick(self, pcm: bytes | None) -> None:
        self.leg.emit(pcm)
        self._voice.is_paused = self._is_held or self.leg.is_keying
        now, settings = self._now(), self._policy.settings
        quiet = now - self.leg.last_packet
        agreed = self._call.agreed if self._call else None
        if agreed is not None and (not agreed.peer_speaks or self._is_held):
            self.leg.last_packet = now  # nothing needs to come while we are held
        elif quiet > settings.quiet_end_seconds:
            self.drop("network")
        elif quiet > settings.quiet_warning_seconds and not self._has_warned:
            self._has_warned = True
            self.leg.faults["no_media"] += 1
            log.warning("no sound comes from the peer", seconds=round(quiet))
        if self._answered_at is not None and now - self._answered_at > settings.longest_call_seconds:
            self.drop("system")

    def _close(self) -> None:
        if self._call:
            self._policy.outgoing.end(self._call.dialog.call_id)
            self._call.bye()
        self.leg.close()
