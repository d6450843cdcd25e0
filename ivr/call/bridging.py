"""Transfers that no carrier takes off our hands: the target is called by us, and both talk in a room here.

The caller hears music while it rings. Whoever hangs up first, the caller is ours again afterwards, or their line is
gone; then cancelling the bridge hangs up the other one. The recording of the call goes on as before.
"""

from dataclasses import dataclass
from typing import Protocol

import structlog

from ivr.call.attendance import Attendant
from ivr.call.meeting import Meetings
from ivr.model.errors import CallFailed, IvrError
from ivr.model.ports import Guest, Trunk

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

    async def connect(self, guest: Bridged, name: str, target: str, ring_seconds: float) -> str:
        """Call `target` and let both talk until one of them hangs up. Cancelling it hangs up on the target.

        Args:
            name: of the target in the directory.
            target: E.164 or SIP address.

        Returns:
            An outcome of `TransferFinished`: completed (they talked), busy, no_answer, rejected, failed.
        """
        if self.trunk is None:
            log.warning("transfer not possible", call_id=guest.call_id, target=name,
                        remedy="give a trunk under sip.trunks an address, or set up Twilio")  # fmt: skip
            return "failed"
        guest.music(True)
        try:
            line = await self.trunk.call(target, self.caller_id, ring_seconds)
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
