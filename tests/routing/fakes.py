"""The world round the dispatcher: callers, telephones, meetings and a book, each doing what a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ivr.model.audio import QUIETEST_DBFS, AudioFrame
from ivr.model.commands import JoinQueue
from ivr.model.errors import CallFailed
from ivr.model.events import CallEvent, QueueLeft, QueueNews
from ivr.model.people import AgentProfile, Handoff
from ivr.model.ports import Guest, Line, Seat, Tap
from ivr.model.routing import KeptPlace, KeptState, QueueSettings, RoutingEvent
from ivr.model.routing_ports import Memory
from ivr.routing.centre import Centre
from ivr.routing.dispatcher import Dispatcher
from ivr.routing.happenings import AgentKnown, AgentLoggedIn, Tick
from tests.routing.kit import profile

WAIT_SECONDS = 5.0


class Caller:
    """A guest who remembers what they were told."""

    rate = 8000

    def __init__(self, call_id: str, number: str = "+15555550100", tier: str = "") -> None:
        self.call_id, self.number, self.tier = call_id, number, tier
        self.told: asyncio.Queue[CallEvent] = asyncio.Queue()

    def handoff(self, request: JoinQueue) -> Handoff:
        return Handoff(
            self.call_id, self.number, request.language, request.queue, request.reason, summary="wants a card",
            tier=self.tier,
        )  # fmt: skip

    def tell(self, event: CallEvent) -> None:
        self.told.put_nowait(event)

    async def sit(self, seat: Seat) -> None:
        raise AssertionError("meetings do that")

    def news(self) -> list[str]:
        found: list[str] = []
        while not self.told.empty():
            event = self.told.get_nowait()
            assert isinstance(event, QueueNews)
            found.append(event.kind)
        return found


class AgentLine:
    """A line that only knows whether it was hung up."""

    rate = 8000

    def __init__(self) -> None:
        self.hung_up = asyncio.Event()

    def incoming(self) -> AsyncIterator[AudioFrame | CallEvent]:
        raise AssertionError

    async def play(self, utterance: int, audio: AsyncIterator[AudioFrame]) -> None:
        raise AssertionError

    async def stop_playing(self) -> None:
        raise AssertionError

    def listen_along(self, tap: Tap | None, offset_seconds: float) -> None:
        raise AssertionError

    def level_heard(self) -> float:
        return QUIETEST_DBFS

    async def send_digits(self, digits: str) -> None:
        raise AssertionError

    async def transfer(self, target: str, timeout_seconds: float) -> bool:
        raise AssertionError

    async def hang_up(self) -> None:
        self.hung_up.set()


@dataclass
class Ringing:
    agent_id: str
    offer_id: str
    handoff: Handoff
    answer: "asyncio.Future[Line]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def accept(self) -> AgentLine:
        line = AgentLine()
        self.answer.set_result(line)
        return line

    def fail(self, outcome: str) -> None:
        self.answer.set_exception(CallFailed(outcome))

    def breaks(self, error: Exception) -> None:
        self.answer.set_exception(error)

    @property
    def is_over(self) -> bool:
        return self.answer.done()


class Phones:
    """Each telephone that rings is handed to the test."""

    def __init__(self) -> None:
        self.rings: asyncio.Queue[Ringing] = asyncio.Queue()

    async def ring(self, agent_id: str, offer_id: str, handoff: Handoff, seconds: float) -> Line:
        ringing = Ringing(agent_id, offer_id, handoff)
        self.rings.put_nowait(ringing)
        return await ringing.answer

    async def next(self) -> Ringing:
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.rings.get()


@dataclass
class Talk:
    guest: Guest
    agent: AgentProfile
    line: Line
    handoff: Handoff
    ended: "asyncio.Future[str]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def ends(self, by: str) -> None:
        self.ended.set_result(by)

    def breaks(self, error: Exception) -> None:
        self.ended.set_exception(error)


class Tables:
    """Where people meet: each talk is handed to the test."""

    def __init__(self) -> None:
        self.talks: asyncio.Queue[Talk] = asyncio.Queue()

    async def meet(self, guest: Guest, agent: AgentProfile, agent_line: Line, handoff: Handoff) -> str:
        talk = Talk(guest, agent, agent_line, handoff)
        self.talks.put_nowait(talk)
        try:
            return await talk.ended
        finally:
            await agent_line.hang_up()
            talk.over.set()

    async def next(self) -> Talk:
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.talks.get()


class Book:
    """Paper and pencil."""

    def __init__(self, *agents: AgentProfile) -> None:
        self.known = agents
        self.kept: dict[str, KeptPlace] = {}
        self.stated: dict[str, KeptState] = {}
        self.events: list[RoutingEvent] = []

    def keep_place(self, place: KeptPlace) -> None:
        self.kept[place.entry_id] = place

    def drop_place(self, entry_id: str) -> None:
        self.kept.pop(entry_id, None)

    def keep_state(self, state: KeptState) -> None:
        self.stated[state.agent_id] = state

    def note(self, event: RoutingEvent) -> None:
        self.events.append(event)

    async def places(self) -> tuple[KeptPlace, ...]:
        return tuple(self.kept.values())

    async def states(self) -> tuple[KeptState, ...]:
        return tuple(self.stated.values())

    async def agents(self) -> tuple[AgentProfile, ...]:
        return self.known


class Customers:
    """Who is called back: answers as the test says."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[tuple[str, asyncio.Future[Guest]]] = asyncio.Queue()
        self.given_back: asyncio.Queue[QueueLeft] = asyncio.Queue()
        self.gone: Callable[[], None] = lambda: None

    async def call(self, entry_id: str, number: str, handoff: Handoff, gone: Callable[[], None]) -> Guest:
        answer: asyncio.Future[Guest] = asyncio.get_running_loop().create_future()
        self.gone = gone
        self.calls.put_nowait((number, answer))
        return await answer

    async def give_back(self, guest: Guest, left: QueueLeft) -> None:
        self.given_back.put_nowait(left)

    async def next(self) -> "tuple[str, asyncio.Future[Guest]]":
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.calls.get()


class House:
    """A dispatcher that runs, and everything round it. The clock stands until a test moves it."""

    def __init__(self, *queues: QueueSettings, book: Book | None = None, memory: Memory | None = None) -> None:
        self.time = 1_000.0
        self.date = "2026-11-22"
        self.phones, self.tables, self.customers, self.book = Phones(), Tables(), Customers(), book or Book()
        self.queues = queues or (QueueSettings("general"),)
        self.dispatcher = Dispatcher(
            Centre(self.queues), self.phones, self.tables, self.book, lambda: self.time, callback=self.customers,
            today=lambda: self.date, memory=memory,
        )  # fmt: skip
        self._joins: set[asyncio.Task[QueueLeft]] = set()

    async def agent(self, agent_id: str, *queues: str) -> None:
        await self.dispatcher.ask(AgentKnown(profile(agent_id, *queues)))
        await self.dispatcher.ask(AgentLoggedIn(agent_id, available=True))

    def join(self, caller: Caller, queue: str = "general") -> "asyncio.Task[QueueLeft]":
        task = asyncio.create_task(self.dispatcher.join(caller.call_id, JoinQueue(queue, "direct_request"), caller))
        self._joins.add(task)
        return task

    async def settle(self) -> None:
        """Until nobody has anything to do any more, and the clock has been looked at."""
        for _ in range(3):
            for _ in range(10):
                await asyncio.sleep(0)  # lets the others run; waits for nothing
            await self.dispatcher.ask(Tick())

    async def until(self, true: Callable[[], bool]) -> None:
        """What depends on the order in which others run is waited for."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not true():
                await self.settle()

    def state(self, agent_id: str) -> str:
        return self.dispatcher.centre.floor.agents[agent_id].state

    def names(self) -> list[str]:
        return [event.name for event in self.book.events if event.name.startswith(("queue", "call", "routing"))]

    async def close(self) -> None:
        for task in self._joins:
            task.cancel()
        await asyncio.gather(*self._joins, return_exceptions=True)
        self.dispatcher.close()


@asynccontextmanager
async def opened(
    *queues: QueueSettings, book: Book | None = None, memory: Memory | None = None
) -> AsyncIterator[House]:
    house = House(*queues, book=book, memory=memory)
    running = asyncio.create_task(house.dispatcher.run())
    try:
        yield house
    finally:
        await house.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def in_a_house(
    run: Callable[[House], Awaitable[None]],
    *queues: QueueSettings,
    book: Book | None = None,
    memory: Memory | None = None,
) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), opened(*queues, book=book, memory=memory) as house:
            await run(house)

    asyncio.run(whole())
