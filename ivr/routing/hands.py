"""What the centre wants done, done: telephones ring, callers are told, places are written down."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from ivr.model.acquaintance import Acquaintance
from ivr.model.commands import JoinQueue
from ivr.model.events import QueueLeft, QueueNews
from ivr.model.people import Handoff
from ivr.model.ports import Guest
from ivr.model.routing_ports import RoutingBook
from ivr.routing.effects import (
    AgentChanged,
    BackInLine,
    BeingRung,
    CallBackNow,
    CancelOffer,
    Connect,
    Effect,
    Left,
    Moved,
    PlaceChanged,
    Record,
    Ring,
)
from ivr.routing.entries import QueueEntry
from ivr.routing.errands import Errands
from ivr.routing.floor import Floor
from ivr.routing.happenings import CallerJoined, CallerLeft, Happening
from ivr.routing.priority import head_start
from ivr.routing.tally import Tally
from ivr.routing.telling import Announcer

log = structlog.get_logger(__name__)

CALLED_BACK = "-back"
"""Ends the id of a call to a customer who kept their place."""

Watcher = Callable[[Effect, float], None]
"""Sees every effect as it is carried out; must not wait and must not raise."""


def _future() -> "asyncio.Future[QueueLeft]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Waiter:
    """One caller who is on the line."""

    entry_id: str
    guest: Guest
    request: JoinQueue
    is_callback: bool = False
    """We called them: nobody waits in `join`."""

    known: Acquaintance = Acquaintance()
    """From before this call."""

    queue: str = ""
    """Which serves them now; empty: the one they asked for."""

    left: "asyncio.Future[QueueLeft]" = field(default_factory=_future)

    def handoff(self) -> Handoff:
        return self.known.added_to(self.guest.handoff(self.request))

    def joined(self, enqueued_at: float | None = None) -> CallerJoined:
        asked, about, before = self.request, self.handoff(), self.known
        queue = self.queue or asked.queue
        steps = asked.steps if queue == asked.queue else ()
        return CallerJoined(
            self.entry_id, queue, self.guest.call_id, about.caller, asked.skills, steps, asked.language,
            head_start(asked.priority, about.tier, about.mood, is_repeat=before.is_repeat),
            asked.emergency, about.tier, before.last_agent, before.avoid, asked.reason, enqueued_at,
        )  # fmt: skip


class Hands:
    """Belongs to one dispatcher; `floor` is the centre's, to look things up in."""

    def __init__(self, floor: Floor, errands: Errands, book: RoutingBook, post: Callable[[Happening], None]) -> None:
        self.floor, self.errands = floor, errands
        self.waiters: dict[str, Waiter] = {}
        self.watchers: list[Watcher] = []
        self.tally = Tally()
        self.day = ""
        self.keeps_places = False
        self._book, self._post = book, post
        self._announcer = Announcer()

    def carry_out(self, effect: Effect, now: float) -> None:
        match effect:
            case Record() | PlaceChanged() | AgentChanged():
                self._write_down(effect, now)
            case BeingRung() | BackInLine() | Moved() | Left():
                self._tell(effect)
            case Ring() | CancelOffer() | Connect() | CallBackNow():
                self._telephone(effect)
        for watcher in self.watchers:
            watcher(effect, now)

    def announce(self, now: float) -> None:
        """Tell waiting callers how it goes, those whom it is time to tell."""
        for entry_id, waiter in self.waiters.items():
            for news in self._announcer.news(self.floor, entry_id, now):
                waiter.guest.tell(news)

    def handoff(self, entry_id: str) -> Handoff:
        """What the agent is told of a caller, as of now."""
        entry = self.floor.entries[entry_id]
        first = entry.first_queue
        return replace(
            self._known(entry), queue=entry.queue, came_from="" if first == entry.queue else first,
            wait_announced=self._announcer.minutes(entry_id),
        )  # fmt: skip

    def _known(self, entry: QueueEntry) -> Handoff:
        entry_id = entry.entry_id
        if waiter := self.waiters.get(entry_id):
            return waiter.handoff()
        # The call to the customer is another one than theirs to us; desks know a talk by its call.
        call_id = f"{entry.call_id}{CALLED_BACK}" if entry.callback_number else entry.call_id
        if known := self.errands.remembered(entry_id):
            return replace(known, call_id=call_id)
        return Handoff(call_id, entry.caller, entry.language, entry.queue, entry.reason, tier=entry.tier)

    # -- writing down

    def _write_down(self, effect: Record | PlaceChanged | AgentChanged, now: float) -> None:
        match effect:
            case Record(event=event):
                self._book.note(event)
                if event.queue:
                    self.tally.saw(event, self.floor.settings(event.queue))
                log.info("routing", what=event.name, entry=event.entry_id, queue=event.queue, agent=event.agent,
                         offer=event.offer_id)  # fmt: skip
            case PlaceChanged(entry_id=entry_id, gone=gone):
                entry = self.floor.entries.get(entry_id)
                if gone or entry is None:
                    if not self.keeps_places:
                        self._book.drop_place(entry_id)
                else:
                    self._book.keep_place(entry.kept())
            case AgentChanged(agent_id=agent_id):
                if agent := self.floor.agents.get(agent_id):
                    self._book.keep_state(agent.kept(now, self.day))

    # -- telling callers

    def _tell(self, effect: BeingRung | BackInLine | Moved | Left) -> None:
        waiter = self.waiters.get(effect.entry_id)
        match effect:
            case BeingRung() if waiter:
                waiter.guest.tell(QueueNews("ringing"))
            case BackInLine():
                self.errands.part(effect.entry_id)
                if waiter:
                    waiter.guest.tell(QueueNews("back"))
            case Moved(queue=queue) if waiter:
                waiter.queue = queue
                waiter.guest.tell(QueueNews("moved", queue=queue))
            case Left():
                self.left(effect)

    def left(self, effect: Left) -> None:
        entry_id = effect.entry_id
        self._announcer.forget(entry_id)
        self.errands.forget(entry_id)
        waiter = self.waiters.pop(entry_id, None)
        if waiter is None:
            # A callback that was withdrawn: its agent may have answered already.
            self.errands.hang_up_on(effect.agent_id)
            return
        if effect.outcome == "callback":
            self.errands.remember(entry_id, waiter.handoff())
        left = QueueLeft(effect.outcome, effect.agent_id)
        if waiter.is_callback:
            self.errands.give_back(waiter.guest, left)
        elif not waiter.left.done():
            waiter.left.set_result(left)

    # -- telephones

    def _telephone(self, effect: Ring | CancelOffer | Connect | CallBackNow) -> None:
        match effect:
            case Ring():
                self.errands.ring(effect, self.handoff(effect.entry_id))
            case CancelOffer():
                self.errands.stop_ringing(effect.offer_id)
            case Connect():
                self._connect(effect)
            case CallBackNow():
                self.errands.call_back(effect, self.handoff(effect.entry_id), self._called)

    def _connect(self, effect: Connect) -> None:
        if waiter := self.waiters.get(effect.entry_id):
            agent = self.floor.agents[effect.agent_id].profile
            self.errands.meet(effect.entry_id, agent, waiter.guest, self.handoff(effect.entry_id))
            return
        log.warning("routing_connected_nobody", entry=effect.entry_id)
        self.errands.hang_up_on(effect.agent_id)
        self._post(CallerLeft(effect.entry_id))

    def _called(self, entry_id: str, guest: Guest) -> None:
        """The customer of a callback is on the line."""
        place = self.floor.entries[entry_id]
        request = JoinQueue(place.queue, place.reason, skills=place.asked, language=place.language or "en")
        self.waiters[entry_id] = Waiter(entry_id, guest, request, is_callback=True)
