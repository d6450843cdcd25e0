"""What the dispatcher has under way outside: telephones, talks, calls to customers. Each ends as a happening."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

import structlog

from ivr.model.errors import CallFailed, IvrError, LineError
from ivr.model.events import QueueLeft
from ivr.model.people import AgentProfile, Handoff
from ivr.model.ports import AgentPhones, Guest, Line, Meetings
from ivr.model.routing_ports import CallBack
from ivr.routing.effects import CallBackNow, Ring
from ivr.routing.happenings import (
    AgentLineLost,
    CallbackAnswered,
    CallbackFailed,
    CallerLeft,
    Happening,
    OfferAccepted,
    OfferFailed,
    OfferRang,
    OutboundEnded,
    TalkEnded,
)

log = structlog.get_logger(__name__)

By = Literal["customer", "agent", "system", "network"]
FailedHow = Literal["rejected", "timed_out", "busy", "unreachable"]
FAILED: dict[str, FailedHow] = {"rejected": "rejected", "no_answer": "timed_out", "busy": "busy"}
"""How a ringing that failed counts (domain.md 2.2.4); anything else: unreachable."""


BY: dict[str, By] = {"customer": "customer", "system": "system"}


class Errands:
    def __init__(
        self, phones: AgentPhones, meetings: Meetings, callback: CallBack | None, post: Callable[[Happening], None]
    ) -> None:
        self._phones, self._meetings, self._callback, self._post = phones, meetings, callback, post
        self._running: set[asyncio.Task[None]] = set()
        self._ringing: dict[str, asyncio.Task[None]] = {}
        self._lines: dict[str, tuple[str, Line]] = {}
        """By agent: the offer they answered, and their line, until the talk begins."""

        self._talks: dict[str, asyncio.Task[None]] = {}
        """By entry: the talk, or the call to the customer of a callback."""

        self._handoffs: dict[str, Handoff] = {}

    # -- agents

    def ring(self, effect: Ring, handoff: Handoff) -> None:
        ringing = self._ring(effect, handoff)
        self._ringing[effect.offer_id] = self._start(ringing, OfferFailed(effect.offer_id, "unreachable"))

    async def _ring(self, effect: Ring, handoff: Handoff) -> None:
        offer_id = effect.offer_id
        self._post(OfferRang(offer_id))
        try:
            line = await self._phones.ring(effect.agent_id, offer_id, handoff, effect.seconds)
        except CallFailed as failed:
            self._post(OfferFailed(offer_id, FAILED.get(failed.outcome, "unreachable")))
        except IvrError as error:
            log.warning("agent_not_rung", agent=effect.agent_id, offer=offer_id, code=error.code)
            self._post(OfferFailed(offer_id, "unreachable"))
        else:
            self._lines[effect.agent_id] = (offer_id, line)
            self._post(OfferAccepted(offer_id))
        finally:
            self._ringing.pop(offer_id, None)

    def stop_ringing(self, offer_id: str) -> None:
        """Whether it still rings, or was answered too late."""
        if task := self._ringing.pop(offer_id, None):
            task.cancel()
        for agent_id, (answered, line) in list(self._lines.items()):
            if answered == offer_id:
                del self._lines[agent_id]
                self._start(line.hang_up())

    # -- talks

    def meet(self, entry_id: str, agent: AgentProfile, guest: Guest, handoff: Handoff) -> None:
        _, line = self._lines.pop(agent.agent_id)
        talk = self._meet(entry_id, agent, guest, line, handoff)
        self._talks[entry_id] = self._start(talk, AgentLineLost(entry_id), OutboundEnded(agent.agent_id))
        self._talks[entry_id].add_done_callback(lambda done: self._broke_off(done, entry_id, line))

    async def _meet(self, entry_id: str, agent: AgentProfile, guest: Guest, line: Line, handoff: Handoff) -> None:
        try:
            by = await self._meetings.meet(guest, agent, line, handoff)
        except LineError as error:
            log.warning("talk_broke", entry=entry_id, agent=agent.agent_id, code=error.code)
            by = "network"
        self._talks.pop(entry_id, None)
        if by == "network":
            self._post(AgentLineLost(entry_id))
        else:
            self._post(TalkEnded(entry_id, BY.get(by, "agent")))
        # Only after a restart of the routing: it did not know of this talk and took the agent for busy otherwise.
        self._post(OutboundEnded(agent.agent_id))

    def _broke_off(self, done: "asyncio.Task[None]", entry_id: str, line: Line) -> None:
        if not done.cancelled() and done.exception():
            self._talks.pop(entry_id, None)
            self._start(line.hang_up())

    def part(self, entry_id: str) -> None:
        """End the talk at once; the meeting hangs up what is left of it."""
        if task := self._talks.pop(entry_id, None):
            task.cancel()

    @property
    def talking(self) -> frozenset[str]:
        return frozenset(self._talks)

    # -- callbacks

    @property
    def can_call_back(self) -> bool:
        """Without it nobody is promised a call: who asks for one goes on with the flow."""
        return self._callback is not None

    def remember(self, entry_id: str, handoff: Handoff) -> None:
        """What was known when the caller hung up to be called back."""
        self._handoffs[entry_id] = handoff

    def remembered(self, entry_id: str) -> Handoff | None:
        return self._handoffs.get(entry_id)

    def forget(self, entry_id: str) -> None:
        self.part(entry_id)
        self._handoffs.pop(entry_id, None)

    def call_back(self, effect: CallBackNow, handoff: Handoff, called: Callable[[str, Guest], None]) -> None:
        calling = self._call_back(effect, handoff, called)
        task = self._talks[effect.entry_id] = self._start(calling, CallbackFailed(effect.entry_id, "failed"))
        task.add_done_callback(lambda done: self._called_in_vain(done, effect))

    async def _call_back(self, effect: CallBackNow, handoff: Handoff, called: Callable[[str, Guest], None]) -> None:
        entry_id = effect.entry_id
        try:
            if self._callback is None:
                raise CallFailed("failed", "this server places no calls: callbacks cannot be made")
            guest = await self._callback.call(
                entry_id, effect.number, handoff, lambda: self._post(CallerLeft(entry_id))
            )
        except IvrError as error:
            outcome = error.outcome if isinstance(error, CallFailed) else "failed"
            self.hang_up_on(effect.agent_id)
            self._post(CallbackFailed(entry_id, outcome))
        else:
            called(entry_id, guest)
            self._post(CallbackAnswered(entry_id))
        self._talks.pop(entry_id, None)

    def _called_in_vain(self, done: "asyncio.Task[None]", effect: CallBackNow) -> None:
        if not done.cancelled() and done.exception():
            self._talks.pop(effect.entry_id, None)
            self.hang_up_on(effect.agent_id)

    def give_back(self, guest: Guest, left: QueueLeft) -> None:
        if self._callback:
            self._start(self._callback.give_back(guest, left))

    def hang_up_on(self, agent_id: str) -> None:
        """The agent has answered for nothing."""
        if found := self._lines.pop(agent_id, None):
            self._start(found[1].hang_up())

    # -- tasks

    def stop(self) -> None:
        for task in self._running:
            task.cancel()

    def stop_all_ringing(self) -> None:
        for offer_id in [*self._ringing, *(offer_id for offer_id, _ in self._lines.values())]:
            self.stop_ringing(offer_id)

    def _start(self, work: Coroutine[Any, Any, None], *if_broken: Happening) -> asyncio.Task[None]:
        """Do it beside the mailbox. Whatever nobody thought of breaks in it, `if_broken` happens then: an entry must
        not stay as it was for ever."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(lambda done: self._finished(done, if_broken))
        return task

    def _finished(self, task: asyncio.Task[None], if_broken: Sequence[Happening]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("routing_errand_failed", error=type(error).__name__, exc_info=error)
            for happening in if_broken:
                self._post(happening)
