"""The routing at work: one task with one mailbox round the pure centre.

Nothing but this task touches the centre, so it needs no locks. Whatever fails outside comes back as a happening; an
offer whose ringing broke without a word ends by its own clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import structlog

from ivr.model.commands import JoinQueue
from ivr.model.errors import IvrError, NotNow
from ivr.model.events import QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import AgentPhones, Guest, Meetings
from ivr.model.routing_ports import CallBack, Memory, RoutingBook
from ivr.routing.centre import TICK_SECONDS, Centre
from ivr.routing.effects import Left
from ivr.routing.errands import Errands
from ivr.routing.hands import Hands, Waiter, Watcher
from ivr.routing.happenings import (
    AgentKnown,
    AgentLineLost,
    AgentLoggedIn,
    CallerJoined,
    CallerLeft,
    CallersForgotten,
    DayBegan,
    Happening,
    OutboundBegan,
    PlaceRestored,
    TalkEnded,
    Tick,
)
from ivr.routing.people import IN_A_CALL, NOT_ABLE
from ivr.routing.tally import Tally

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Letter:
    happening: Happening
    answer: "asyncio.Future[None] | None" = None


class Dispatcher:
    """Implements `ivr.model.ports.Switchboard`.

    Args:
        centre: the routing; nobody else may handle it from now on, everybody may look.
        now: seconds since 1970 UTC that never go back.
        today: the date that counts of the day are of, as text.
        memory: knows callers from before; None: all are strangers.
    """

    def __init__(
        self,
        centre: Centre,
        phones: AgentPhones,
        meetings: Meetings,
        book: RoutingBook,
        now: Callable[[], float],
        *,
        callback: CallBack | None = None,
        today: Callable[[], str] = lambda: "",
        memory: Memory | None = None,
    ) -> None:
        self.centre, self.now, self._today, self._book, self._memory = centre, now, today, book, memory
        self.stands_by = False
        """Another server dispatches: nobody can be at work here, so nobody is let wait."""

        self._mailbox: asyncio.Queue[_Letter] = asyncio.Queue()
        self._by_call: dict[str, str] = {}
        self._coming: dict[str, Waiter] = {}
        """Callers who are being looked up, by entry: nobody is rung for them yet."""

        self._errands = Errands(phones, meetings, callback, self.post)
        self._hands = Hands(centre.floor, self._errands, book, self.post)
        self._hands.day = today()

    @property
    def tally(self) -> Tally:
        """Figures of each queue since midnight."""
        return self._hands.tally

    @property
    def watchers(self) -> list[Watcher]:
        """Who sees everything that is done: add yourself."""
        return self._hands.watchers

    def handoff(self, entry_id: str) -> Handoff:
        """What an agent is told of a caller, as of now.

        Raises:
            NotThere: nobody waits or talks under this number.
        """
        self.centre.floor.entry(entry_id)
        return self._hands.handoff(entry_id)

    # -- the switchboard

    async def join(self, call_id: str, request: JoinQueue, guest: Guest) -> QueueLeft:
        if request.queue not in self.centre.floor.queues:
            log.warning("queue_not_configured", queue=request.queue, remedy="it has the defaults; add it to queues")
        entry_id = f"{call_id}.{uuid4().hex[:8]}"
        waiter = Waiter(entry_id, guest, request)
        self._by_call[call_id] = entry_id
        try:
            await self._recall(waiter)
            if not waiter.left.done():
                self._hands.waiters[entry_id] = waiter
                await self.ask(waiter.joined())
            return await waiter.left
        finally:
            if self._by_call.get(call_id) == entry_id:
                del self._by_call[call_id]
            if not waiter.left.done() or waiter.left.cancelled():
                # The caller has hung up, whatever they were doing: everybody else is free at once.
                self._errands.part(entry_id)
                self.post(CallerLeft(entry_id))

    async def _recall(self, waiter: Waiter) -> None:
        """Look up who comes, before anybody is rung for them."""
        if self._memory is None:
            return
        self._coming[waiter.entry_id] = waiter
        try:
            waiter.known = await self._memory.of(waiter.handoff())
        finally:
            del self._coming[waiter.entry_id]

    async def leave(self, call_id: str, outcome: str, number: str = "") -> None:
        entry_id = self._by_call.get(call_id, "")
        if coming := self._coming.get(entry_id):
            coming.left.set_result(QueueLeft("exited_with_key"))
        elif outcome == "callback" and number and self._errands.can_call_back:
            await self.ask(CallerLeft(entry_id, "callback", number=number))
        else:
            await self.ask(CallerLeft(entry_id, "exited_with_key"))

    async def forget_callers(self, is_theirs: Callable[[str], bool]) -> int:
        """Withdraw the callbacks of these numbers, and old places; how many callbacks there were. On disk soon."""
        floor = self.centre.floor
        waiting = [one.callback_number for one in floor.entries.values() if is_theirs(one.callback_number)]
        old = [number for number, _ in floor.former if is_theirs(number)]
        if numbers := frozenset((*waiting, *old)) - {""}:
            await self.ask(CallersForgotten(numbers))
        return sum(number != "" for number in waiting)

    # -- the mailbox

    def post(self, happening: Happening) -> None:
        self._mailbox.put_nowait(_Letter(happening))

    async def ask(self, happening: Happening) -> None:
        """Let it happen and wait until it has.

        Raises:
            NotThere, NotNow, BadQuery: it cannot be; nothing has changed.
        """
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._mailbox.put_nowait(_Letter(happening, answer))
        await answer

    async def run(self) -> None:
        """Until cancelled. If it breaks, `restart` and run it again: nobody who waits is lost."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tick(), name="routing clock")
            tasks.create_task(self._follow(), name="routing")

    def keep_places(self) -> None:
        """The server stops: callers who are cut off now find their places when they call again."""
        self._hands.keeps_places = True

    def close(self) -> None:
        """End all ringing and all talks. Places stay written down."""
        self._errands.stop()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._mailbox.empty():
                self.post(Tick())
            if (day := self._today()) != self._hands.day:
                self._hands.day = day
                self.tally.begin_day()
                self.post(DayBegan())

    async def _follow(self) -> None:
        while True:
            letter = await self._mailbox.get()
            try:
                self.handle(letter.happening)
            except IvrError as refused:
                if letter.answer is None:
                    log.info("routing_refused", kind=type(letter.happening).__name__, code=refused.code)
                elif not letter.answer.done():
                    letter.answer.set_exception(refused)
            finally:
                self._settle(letter.happening)
                if letter.answer and not letter.answer.done():
                    letter.answer.set_result(None)

    def _settle(self, happening: Happening) -> None:
        """Whatever went wrong with it, nobody waits for ever for having joined."""
        if isinstance(happening, CallerJoined) and happening.entry_id not in self.centre.floor.entries:
            self._hands.left(Left(happening.entry_id, "closed"))

    def handle(self, happening: Happening) -> None:
        """Let it happen now. For the task of the mailbox, and before it runs.

        Raises:
            NotThere, NotNow, BadQuery: it cannot be; nothing has changed.
        """
        now = self.now()
        if self.stands_by and isinstance(happening, AgentLoggedIn):
            raise NotNow("this server stands by: agents log in at the one that dispatches")
        if isinstance(happening, TalkEnded | AgentLineLost) and happening.entry_id not in self.centre.floor.entries:
            # A talk from before `restart`: the centre does not know of it, but the caller is ours again.
            self._hands.left(Left(happening.entry_id, "connected"))
        for effect in self.centre.handle(happening, now):
            self._hands.carry_out(effect, now)
        if isinstance(happening, Tick):
            self._hands.announce(now)

    # -- beginning, and beginning again

    async def load(self) -> None:
        """Take up what was written down: agents, their day, callbacks, and places whose callers may come back.

        Raises:
            StoreError: the database is away.
        """
        states = {state.agent_id: state for state in await self._book.states()}
        for profile in await self._book.agents():
            before = states.get(profile.agent_id)
            self.handle(AgentKnown(profile, before if before and before.day == self._hands.day else None))
            if before and profile.phone and before.state != "offline":
                # A telephone on a desk does not log in again by itself, as a browser does.
                self.handle(AgentLoggedIn(profile.agent_id, available=before.state not in NOT_ABLE))
        for place in await self._book.places():
            self._book.drop_place(place.entry_id)
            self.handle(PlaceRestored(place))

    def stand_by(self, centre: Centre) -> None:
        """Another server dispatches from now on: who waits here goes on with their flow, talks go on to their end."""
        self.stands_by = True
        self._errands.stop_all_ringing()
        for entry_id in [*self._hands.waiters]:
            if entry_id not in self._errands.talking:
                self._hands.left(Left(entry_id, "closed"))
        self.centre, self._hands.floor = centre, centre.floor

    def restart(self, centre: Centre) -> None:
        """Go on with a fresh centre after the old one broke: callers who wait keep their places, talks go on."""
        old, self.centre, self._hands.floor = self.centre.floor, centre, centre.floor
        self._errands.stop_all_ringing()
        for agent in old.agents.values():
            self.handle(AgentKnown(agent.profile, agent.kept(self.now(), self._hands.day)))
            if agent.state != "offline":
                self.handle(AgentLoggedIn(agent.agent_id, available=agent.state not in NOT_ABLE))
            if agent.state in IN_A_CALL:
                self.handle(OutboundBegan(agent.agent_id))
        for entry_id, entry in sorted(old.entries.items(), key=lambda item: item[1].number):
            waiter = self._hands.waiters.get(entry_id)
            if waiter and entry_id not in self._errands.talking:
                self.handle(waiter.joined(entry.enqueued_at))
            elif entry.callback_number:
                self.handle(PlaceRestored(entry.kept()))
