"""Calls that go out through Twilio and whose sound comes to us: implements the port `Trunk`.

Whoever is called gets no flow: their line is handed to who asked for it (an agent's telephone, the other end of a
transfer, a customer who is called back). Placed once, never again blindly; not listened to for answering machines.
"""

import asyncio
import secrets

import structlog

from ivr.model.errors import CallFailed, LineError, NotAllowed
from telephony.twilio_legs import TwilioLegs
from telephony.twilio_line import TwilioLine
from telephony.twilio_rest import TwilioDialer

GRACE_SECONDS = 3.0
"""Twilio's clock begins later than ours, and its word that nobody answered takes its way."""

log = structlog.get_logger(__name__)


class TwilioTrunk:
    """One for the server; `close` it before the dialer."""

    def __init__(self, dialer: TwilioDialer, legs: TwilioLegs) -> None:
        self._dialer, self._legs = dialer, legs
        self._ending: set[asyncio.Task[None]] = set()

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> TwilioLine:
        """Ring `to` (E.164 or SIP address) and return its line once it was answered; cancelling hangs up.

        Raises:
            NotAllowed: the dial plan forbids the destination, or too many calls are out.
            CallFailed: nobody answered; `outcome` says why.
        """
        key = secrets.token_hex(12)
        answer = self._legs.expect(key)
        placing = asyncio.create_task(self._dialer.dial_leg(to, caller_id, key, ring_seconds), name="placing a call")
        try:
            async with asyncio.timeout(ring_seconds + GRACE_SECONDS):
                await asyncio.shield(placing)
                return await asyncio.shield(answer)
        except TimeoutError as error:
            raise CallFailed("no_answer", "nobody answered in time") from error
        except (CallFailed, NotAllowed):
            raise
        except LineError as error:
            raise CallFailed("failed", str(error)) from error
        finally:
            self._legs.forget(key)
            if not answer.done():
                self._let_go(placing)

    async def close(self) -> None:
        """Wait until what nobody waits for any more has been hung up."""
        if self._ending:
            await asyncio.wait(self._ending)

    def _let_go(self, placing: "asyncio.Task[str]") -> None:
        task = asyncio.create_task(self._hang_up(placing), name="hanging up")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _hang_up(self, placing: "asyncio.Task[str]") -> None:
        """Also a call that is only being placed."""
        try:
            await self._dialer.hang_up(await placing)
        except (LineError, NotAllowed) as error:
            log.info("a call of ours was not hung up", code=error.code)
