"""Transfers that no carrier takes off our hands: the target is called by us, and both talk in a room here.

The caller hears music while it rings. Whoever hangs up first, the caller is ours again afterwards, or their line is
gone; then cancelling the bridge hangs up the other one. The recording of the call goes on as before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ivr.call.attendance import Attendant
from ivr.call.meeting import Meetings
from ivr.model.dial_strings import presses, split
from ivr.model.errors import CallFailed, IvrError
from ivr.model.ports import Guest, Line, Trunk

log = structlog.get_logger(__name__)

TOLD = ("busy", "no_answer", "rejected")
"""Outcomes of a call that flows know; every other failure is `failed`."""


class Bridged(Guest, Protocol):
    """A caller who is to be connected."""

    def music(self, playing: bool) -> None:
        """Let them hear that we are at it, or nothing of that any more."""


@dataclass(slots=True)
class Bridging:
    """All bridges of this node."""

    meetings: Meetings
    trunk: Trunk | None = None
    """Who places the second call; None: there is nobody to do it."""

    caller_id: str = ""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def connect(self, guest: Bridged, name: str, target: str, ring_seconds: float) -> str:
        """Call `target` and let both talk until one of them hangs up. Cancelling it hangs up on the target.

        Args:
            name: of the target in the directory.
            target: E.164 or SIP address; `+15555550120,,204`: keys are pressed once they have picked up.

        Returns:
            An outcome of `TransferFinished`: completed (they talked), busy, no_answer, rejected, failed.
        """
        if self.trunk is None:
            log.warning("transfer not possible", call_id=guest.call_id, target=name,
                        remedy="give a trunk under sip.trunks an address, or set up Twilio")  # fmt: skip
            return "failed"
        address, keys = split(target)
        guest.music(True)
        try:
            line = await self.trunk.call(address, self.caller_id, ring_seconds)
            await self._reach_extension(line, keys)
        except CallFailed as error:
            log.info("a transfer was not answered", call_id=guest.call_id, target=name, outcome=error.outcome)
            return error.outcome if error.outcome in TOLD else "failed"
        except IvrError as error:
            log.warning("transfer refused", call_id=guest.call_id, target=name, code=error.code)
            return "failed"
        finally:
            guest.music(False)
        await self.meetings.meet(guest, Attendant(f"transfer:{name}", line))
        return "completed"

    async def _reach_extension(self, line: Line, keys: str) -> None:
        """Through the far end's own menu, while our caller hears music; hung up on if the caller does not wait."""
        has_reached = False
        try:
            for seconds, digits in presses(keys):
                await self.sleep(seconds)
                await line.send_digits(digits)
            has_reached = True
        finally:
            if not has_reached:
                await asyncio.shield(line.hang_up())
