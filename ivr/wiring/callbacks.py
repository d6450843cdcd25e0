"""Customers who kept their place are called: a call like any other, with record, recording and survey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from ivr.call.called_back import CalledBack
from ivr.call.reception import Plan, Reception
from ivr.config import Config
from ivr.environment import Environment
from ivr.model.calls import Leg
from ivr.model.commands import JoinQueue
from ivr.model.errors import CallFailed, IvrError, NotAllowed
from ivr.model.events import CallAnswered, CallEvent, QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import Guest, Line, Seat, Trunk
from telephony.twilio_line import TwilioLine

log = structlog.get_logger(__name__)

RING_SECONDS = 30.0
OUTCOMES = {"no_answer": "no_answer", "busy": "busy", "rejected": "declined"}
"""Of a call that came to nothing, as the routing counts them (domain.md 2.2.9); anything else: failed."""


class Reaching(Protocol):
    trunk: Trunk | None
    """Who calls out, once lines are open."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A `Guest` of whom is known what was known when they hung up."""

    line: Guest
    known: Handoff

    @property
    def call_id(self) -> str:
        return self.line.call_id

    @property
    def rate(self) -> int:
        return self.line.rate

    def handoff(self, request: JoinQueue) -> Handoff:
        return replace(self.known, call_id=self.call_id)

    def tell(self, event: CallEvent) -> None:
        self.line.tell(event)

    async def sit(self, seat: Seat) -> None:
        await self.line.sit(seat)


@dataclass(slots=True)
class OneAnswered:
    """Implements `ivr.model.ports.Switchboard` for one call: its customer is in line already."""

    gone: Callable[[], None]
    guest: "asyncio.Future[Guest]"
    left: "asyncio.Future[QueueLeft]"

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        if not self.guest.done():
            self.guest.set_result(guest)
        try:
            return await asyncio.shield(self.left)
        except asyncio.CancelledError:
            self.gone()
            raise

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        """They do not want to wait any more; the routing gives them back."""
        self.gone()


@dataclass(slots=True)
class CustomerCalls:
    """Implements `ivr.model.routing_ports.CallBack`."""

    config: Config
    _reception: Reception | None = None
    _phones: Reaching | None = None
    _answered: dict[str, OneAnswered] = field(default_factory=dict)
    """By call id."""

    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, entry_id: str, number: str, handoff: Handoff, gone: Callable[[], None]) -> Guest:
        """A call that is answered is greeted first; who hangs up over the greeting has declined."""
        line = await self._ring(number)
        loop = asyncio.get_running_loop()
        board = OneAnswered(gone, loop.create_future(), loop.create_future())
        holding = asyncio.create_task(self._hold(line, number, handoff, board), name="callback")
        self._calls.add(holding)
        holding.add_done_callback(self._calls.discard)
        try:
            either: set[asyncio.Future[Any]] = {holding, board.guest}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await line.hang_up()
            raise
        if not board.guest.done():
            raise CallFailed("declined", "the customer hung up before the person came")
        customer = Customer(board.guest.result(), handoff)
        self._answered[customer.call_id] = board
        return customer

    async def give_back(self, guest: Guest, left: QueueLeft) -> None:
        board = self._answered.pop(guest.call_id, None)
        if board and not board.left.done():
            board.left.set_result(left)

    @asynccontextmanager
    async def working(self, reception: Reception, phones: Reaching) -> AsyncIterator[None]:
        """Calls can be made while the block runs. At its end, when lines have been hung up, records are finished."""
        self._reception, self._phones = reception, phones
        try:
            yield
        finally:
            if self._calls:
                await asyncio.wait(self._calls, timeout=5.0)

    async def _ring(self, number: str) -> Line:
        if self._reception is None or self._phones is None or self._phones.trunk is None:
            raise CallFailed("failed", "nothing calls out: give a trunk under sip.trunks an address, or set up Twilio")
        try:
            return await self._phones.trunk.call(number, self.config.dial_plan.caller_id, RING_SECONDS)
        except CallFailed as error:
            raise CallFailed(OUTCOMES.get(error.outcome, "failed"), str(error)) from error
        except NotAllowed as error:
            raise CallFailed("failed", str(error)) from error

    async def _hold(self, line: Line, number: str, handoff: Handoff, board: OneAnswered) -> None:
        assert self._reception
        around = replace(self._reception.around, switchboard=board)
        reception = replace(self._reception, around=around)  # it shares the live calls
        called = self.config.dial_plan.caller_id
        answered = CallAnswered(number, called, "outbound", {"callback": "yes"})
        try:
            plan = self._plan(reception, handoff)
            kind = "twilio" if isinstance(line, TwilioLine) else "sip"
            await reception.take_with(plan, line, answered, Leg(kind, {}), handoff.call_id)
        except IvrError as error:
            log.warning("a customer could not be called back", code=error.code)
        finally:
            await line.hang_up()

    def _plan(self, reception: Reception, handoff: Handoff) -> Plan:
        """That of the number we show, else of the first one: for the survey, and words that flow has of its own."""
        numbers = self.config.numbers
        shown = self.config.number_for(self.config.dial_plan.caller_id) or numbers[0]
        plan = reception.plans.plan(shown.number, {"flow": shown.flow, "language": handoff.language})
        request = JoinQueue(handoff.queue, handoff.reason, handoff.facts, language=handoff.language)
        return replace(plan, dialogue=CalledBack(plan.dialogue, request), language=handoff.language)


def calls_customers(config: Config, environment: Environment) -> bool:
    """Whether callbacks can be promised at all."""
    has_trunk = config.sip.enabled and any(trunk.address for trunk in config.sip.trunks)
    return bool(config.numbers and (has_trunk or environment.has_twilio))
