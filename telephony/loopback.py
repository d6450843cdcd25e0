"""Calls to nobody: a trunk that dials simulated customers in this program, with real sound in both directions.

For demonstrations and tests of everything that calls out, without any carrier. A customer is a script
(`telephony.standin.talker`); what they hear and say goes through G.711, 20 ms at a time, at the pace of a real call.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame, silence
from ivr.model.calls import Leg
from ivr.model.errors import CallFailed, VoiceError
from ivr.model.events import CallAnswered, CallEvent, DigitPressed
from ivr.model.g711 import mulaw_decode, mulaw_encode
from ivr.model.ports import Line, Tap
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.rtp_voice import PacedVoice
from telephony.standin.playout import PlayOut
from telephony.standin.talker import Talker

RING_SECONDS = 30.0
"""For `dial`, which names no time."""

SILENT_DBFS = -70.0
"""A room sends its silence too; nobody hears it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PickUp:
    """How somebody takes a call."""

    outcome: str = "answered"
    """Or busy, no_answer, rejected, unreachable, failed, as `CallFailed` says it."""

    ring_seconds: float = 1.0
    talker: Callable[[], Talker] = lambda: Talker(())
    """Makes who answers; may take a moment, so it is called on a thread. Raises VoiceError."""


Customers = Callable[[str], PickUp]
"""Who has a number."""


class LoopbackCalls(Protocol):
    """The call centre, as this trunk sees it."""

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        """Hold a whole call."""

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        """A call that `dial` placed was not answered."""


class LoopbackLine:
    """Implements `ivr.model.ports.Line` with a talker at its far end. Made when the call is answered."""

    def __init__(self, talker: Talker, longest_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._talker, self._longest, self._now = talker, longest_seconds, now
        self.heard = PlayOut()
        """What the customer heard."""

        self._voice = PacedVoice(PHONE_RATE, self._tick, now)
        self._began = now()
        talker.line_opened(0.0)
        self._voice.start()

    @property
    def rate(self) -> int:
        return PHONE_RATE

    @property
    def is_over(self) -> bool:
        return self._voice.is_over

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        return self._voice.incoming()

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        await self._voice.play(utterance, audio)

    async def stop_playing(self) -> None:
        self._voice.stop_playing()

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        self._voice.listen_along(tap, offset_seconds)

    def level_heard(self) -> float:
        return self._voice.level_heard()

    async def send_digits(self, digits: str) -> None:
        """Nobody there takes keys."""

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        """No carrier takes anybody elsewhere: both lines meet in a room."""
        return False

    async def hang_up(self) -> None:
        self.drop("system")

    def drop(self, reason: str) -> None:
        """End the call now. No-op after any other end."""
        if not self.is_over:
            self._talker.line_closed()
            self._voice.end(reason)

    def _tick(self, pcm: bytes | None) -> None:
        """20 ms: the customer hears ours, and we hear theirs."""
        at = self._now() - self._began
        if pcm is not None and AudioFrame(pcm, PHONE_RATE).dbfs > SILENT_DBFS:
            self.heard.media(at, mulaw_encode(pcm))
        else:
            self.heard.mark(at, "")
            self.heard.due_marks(at)
        tick = self._talker.tick(at, self.heard)
        for key in tick.keys:
            self._voice.put(DigitPressed(key))
        if tick.ending or at > self._longest:
            return self.drop("network" if tick.ending == "cut" else "caller" if tick.ending else "system")
        said = tick.samples.astype("<i2").tobytes() if tick.samples is not None else b""
        frame = said.ljust(len(silence(FRAME_SECONDS, PHONE_RATE)), b"\0")
        self._voice.hear(mulaw_decode(mulaw_encode(frame)))


class LoopbackTrunk:
    """Implements the ports `Trunk` and `Dialer`, with the guards of a real one."""

    def __init__(
        self, customers: Customers, calls: LoopbackCalls, plan: DialPlan, outgoing: OutgoingCalls,
        rang: Callable[[str], None] = lambda attempt_id: None, longest_seconds: float = 3600.0,
    ) -> None:  # fmt: skip
        """`rang` is told of attempts, as `TwilioDoor.rang`."""
        self._customers, self._calls, self._plan, self._outgoing = customers, calls, plan, outgoing
        self._rang, self._longest = rang, longest_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: set[LoopbackLine] = set()

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> LoopbackLine:
        """
        Raises:
            NotAllowed: the dial plan forbids the destination, or too many calls are out.
            CallFailed: nobody answered; `outcome` says why.
        """
        key = secrets.token_hex(8)
        dialled = self._plan.check(to)
        self._outgoing.begin(key, time.monotonic())
        line = None
        try:
            line = await self._ring(self._customers(dialled), ring_seconds)
        finally:
            if line is None:
                self._outgoing.end(key)
        self._run(self._until_over(line, key))
        return line

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        """
        Raises:
            NotAllowed: as `call`.
        """
        dialled = self._plan.check(to)
        self._outgoing.begin(attempt_id, time.monotonic())
        answered = CallAnswered(caller_id, to, "outbound", {"flow": flow, "attempt": attempt_id})
        call_id = f"loopback-{secrets.token_hex(8)}"
        self._run(self._hold(call_id, dialled, answered, attempt_id))
        return call_id

    async def close(self) -> None:
        """Calls on the line are told goodbye, those that ring stop."""
        for line in list(self._lines):
            line.drop("system")
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=5.0)
            for task in late:
                task.cancel()

    async def _ring(self, who: PickUp, ring_seconds: float, rings: Callable[[], None] = lambda: None) -> LoopbackLine:
        if who.outcome in ("busy", "rejected", "unreachable", "failed"):
            raise CallFailed(who.outcome, f"the simulated customer is set to {who.outcome}")
        rings()
        if who.outcome != "answered" or who.ring_seconds > ring_seconds:
            await asyncio.sleep(min(ring_seconds, who.ring_seconds))
            raise CallFailed("no_answer", "the simulated customer does not answer")
        began = time.monotonic()
        try:
            talker = await asyncio.to_thread(who.talker)
        except VoiceError as error:
            raise CallFailed("failed", f"the simulated customer has no voice: {error}") from error
        await asyncio.sleep(max(0.0, began + who.ring_seconds - time.monotonic()))
        line = LoopbackLine(talker, self._longest)
        self._lines.add(line)
        return line

    async def _hold(self, call_id: str, to: str, answered: CallAnswered, attempt_id: str) -> None:
        try:
            line = await self._ring(self._customers(to), RING_SECONDS, lambda: self._rang(attempt_id))
        except CallFailed as error:
            self._outgoing.end(attempt_id)
            return await self._calls.ended(call_id, error.outcome, attempt_id)
        try:
            await self._calls.run_call(line, answered, Leg("loopback", {"call_sid": call_id}))
        finally:
            line.drop("system")
            self._lines.discard(line)
            self._outgoing.end(attempt_id)

    async def _until_over(self, line: LoopbackLine, key: str) -> None:
        """A line that somebody else holds."""
        while not line.is_over:  # noqa: ASYNC110 - its reader is told, nobody else
            await asyncio.sleep(0.5)
        self._lines.discard(line)
        self._outgoing.end(key)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a loopback call failed", exc_info=error)
