"""Pure: what becomes of a Twilio call when its media stream ends: the line decides, Twilio asks afterwards.

Closing the stream makes Twilio ask `/twilio/after-stream`; what the line decided is the answer. No decision means
that nobody chose this end: the caller is rescued. After a transfer Twilio asks `/twilio/after-dial`, and a caller
who is still there comes back to us on a new stream with the outcome.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ivr.model.events import CallEvent, Direction, MachineDetected, TransferFinished

KEPT_SECONDS = 2 * 3600.0
"""A call nobody asked about for so long is over, though no status callback said so."""

FINAL = {
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "cancelled",
}
"""Twilio's last words on a call or a dialled leg, in ours."""


@dataclass(frozen=True, slots=True)
class TransferTo:
    target: str
    timeout_seconds: float


Decision = TransferTo | Literal["hang_up"]
Decide = Callable[[Decision], None]


class Postbox(Protocol):
    """The line of a call, as far as webhooks know it."""

    def post(self, event: CallEvent) -> None: ...


@dataclass(slots=True)
class TwilioCall:
    """One call by its CallSid, from its first webhook to its last status."""

    call_sid: str
    caller: str
    called: str
    direction: Direction
    parameters: Mapping[str, str] = field(default_factory=dict)
    """For a call of ours: `flow` and `attempt`."""

    is_admitted: bool = False
    """We answered; the same webhook again is answered the same way, however full the house is by then."""

    decision: Decision | None = None
    returning: TransferFinished | None = None
    """The caller comes back from a transfer: for the next stream to take."""

    machine: MachineDetected | None = None
    """Came before the stream did."""

    line: Postbox | None = None
    status: str = ""
    """The final status, once one is known."""

    touched: float = 0.0

    def decide(self, decision: Decision) -> None:
        self.decision = decision

    def end(self, status: str) -> bool:
        """Take a status; True: it is the first final one. A later one changes nothing: callbacks come in any order."""
        if self.status or status not in FINAL:
            return False
        self.status = FINAL[status]
        return True


class CallBook:
    """The calls of this node. Times are monotonic seconds, brought by the caller."""

    def __init__(self) -> None:
        self._calls: dict[str, TwilioCall] = {}

    def find(self, call_sid: str, now: float) -> TwilioCall | None:
        call = self._calls.get(call_sid)
        if call:
            call.touched = now
        return call

    def open(self, call: TwilioCall, now: float) -> TwilioCall:
        """The call under this CallSid: the one already known, else this one. Whatever comes first opens it, and each
        webhook may know more: a status callback can come before the call is answered, and knows no flow."""
        self._calls = {sid: each for sid, each in self._calls.items() if each.line or each.touched + KEPT_SECONDS > now}
        known = self._calls.setdefault(call.call_sid, call)
        known.parameters = {**known.parameters, **call.parameters}
        known.touched = now
        return known
