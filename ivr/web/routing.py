"""`/api/agents`, `/api/queues`: who works, who waits, why; changes and looks at callers are audited.

Reading needs `queues.read`, changing `queues.change` (`ivr.model.roles`); an agent changes their own state only."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path

from ivr.model.errors import NotAllowed, NotThere
from ivr.model.people import AgentProfile
from ivr.model.roles import MAY, Role
from ivr.routing.centre import Centre
from ivr.routing.entries import QueueEntry
from ivr.routing.happenings import (
    AgentForgotten,
    AgentKnown,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentSeen,
    Happening,
    Pulled,
    Reprioritised,
    StateAsked,
    WrapUpDone,
    WrapUpExtended,
)
from ivr.routing.tally import Tally
from ivr.web.routing_shapes import (
    AgentShape,
    AgentWish,
    EntryShape,
    PriorityWish,
    PullWish,
    QueueShape,
    StateWish,
    WhyShape,
    WrapUpWish,
    agent_shape,
    entry_shape,
    queue_shape,
    why_shape,
)
from ivr.web.security import Audit, Door, Reader, note_look

AT_WORK: tuple[Role, ...] = tuple(sorted({*MAY["desk.use"], *MAY["queues.change"]}))
WHO_MEETS_CALLERS: tuple[Role, ...] = tuple(role for role in MAY["queues.read"] if role != "analyst")
"""Of those who may read queues: an analyst sees figures, and never whom they are of."""

AgentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$")]


class Routing(Protocol):
    """The routing at work; `ivr.routing.dispatcher.Dispatcher` is it."""

    centre: Centre

    @property
    def tally(self) -> Tally: ...

    def now(self) -> float: ...

    async def ask(self, happening: Happening) -> None: ...


class AgentBook(Protocol):
    """Where agents are kept; `ivr.store.routing.SqlRoutingBook` is it."""

    async def keep_agent(self, profile: AgentProfile) -> None: ...

    async def drop_agent(self, agent_id: str) -> None: ...


def agents_router(routing: Routing, book: AgentBook, audit: Audit, door: Door) -> APIRouter:
    """Who the agents are."""
    router = APIRouter(prefix="/api/agents", tags=["agents"])
    Known = Annotated[Reader, Depends(door.may("queues.read"))]  # noqa: N806  types, made here for their door
    Changer = Annotated[Reader, Depends(door.may("queues.change"))]  # noqa: N806

    def shown(agent_id: str) -> AgentShape:
        return agent_shape(routing.centre.floor.agent(agent_id), routing.now())

    @router.get("", summary="All agents and what they do just now")
    async def list_agents(reader: Known) -> dict[str, list[AgentShape]]:
        return {"agents": [shown(agent_id) for agent_id in sorted(routing.centre.floor.agents)]}

    @router.get("/{agent_id}", summary="One agent")
    async def read_agent(reader: Known, agent_id: AgentId) -> AgentShape:
        return shown(agent_id)

    @router.put("/{agent_id}", summary="A new agent, or new skills and queues of one, from the next decision on")
    async def keep_agent(reader: Changer, agent_id: AgentId, wish: AgentWish) -> AgentShape:
        await note_look(audit, reader, "agent.keep", agent_id)
        profile = wish.profile(agent_id)
        await book.keep_agent(profile)
        await routing.ask(AgentKnown(profile))
        return shown(agent_id)

    @router.delete("/{agent_id}", status_code=204, summary="Remove an agent who is not in a call")
    async def drop_agent(reader: Changer, agent_id: AgentId) -> None:
        await note_look(audit, reader, "agent.drop", agent_id)
        await routing.ask(AgentForgotten(agent_id))
        await book.drop_agent(agent_id)

    return router


def work_router(routing: Routing, audit: Audit, door: Door) -> APIRouter:
    """What an agent does: coming, going, breaks, wrap-up."""
    router = APIRouter(prefix="/api/agents", tags=["agents"])
    Worker = Annotated[Reader, Depends(door.person_with(*AT_WORK))]  # noqa: N806  types, made here for their door

    def shown(agent_id: str) -> AgentShape:
        return agent_shape(routing.centre.floor.agent(agent_id), routing.now())

    @router.post("/{agent_id}/state", summary="Log in or out, be available, take a break (deferred while busy)")
    async def change_state(reader: Worker, agent_id: AgentId, wish: StateWish) -> AgentShape:
        check_own(reader, agent_id)
        await note_look(audit, reader, f"agent.{wish.state}", agent_id)
        for happening in _state_happenings(agent_id, wish):
            await routing.ask(happening)
        return shown(agent_id)

    @router.post("/{agent_id}/wrap-up", summary="Done with writing up, or longer, once")
    async def wrap_up(reader: Worker, agent_id: AgentId, wish: WrapUpWish) -> AgentShape:
        check_own(reader, agent_id)
        await note_look(audit, reader, "agent.wrap_up", agent_id)
        longer = wish.extend_seconds
        await routing.ask(WrapUpExtended(agent_id, longer) if longer else WrapUpDone(agent_id, wish.disposition))
        return shown(agent_id)

    @router.post("/{agent_id}/heartbeat", status_code=204, summary="The desk is still there; due every 5 seconds")
    async def heartbeat(reader: Worker, agent_id: AgentId) -> None:
        check_own(reader, agent_id)
        await routing.ask(AgentSeen(agent_id))

    return router


def check_own(reader: Reader, agent_id: str) -> None:
    """
    Raises:
        NotAllowed: an agent asks for another one; supervisors may.
    """
    if reader.is_person and reader.role not in MAY["queues.change"] and reader.who != agent_id:
        raise NotAllowed(f"you are logged in as {reader.who} and may change your own state only")


def _state_happenings(agent_id: str, wish: StateWish) -> list[Happening]:
    """Becoming available logs in as well; whoever is logged in already is not by that."""
    match wish.state:
        case "available":
            return [AgentLoggedIn(agent_id), StateAsked(agent_id, "available")]
        case "login":
            return [AgentLoggedIn(agent_id)]
        case "offline":
            return [AgentLoggedOut(agent_id, wish.reason or "logout")]
        case "break":
            return [StateAsked(agent_id, "break", wish.reason or "rest")]


def queues_router(routing: Routing, door: Door) -> APIRouter:
    """Live figures of the queues."""
    router = APIRouter(prefix="/api/queues", tags=["queues"])
    Known = Annotated[Reader, Depends(door.may("queues.read"))]  # noqa: N806  a type, made here for its door

    def shown(queue: str) -> QueueShape:
        if queue not in routing.centre.floor.queues:
            raise NotThere(f"there is no queue {queue!r}: add it to queues in config.yaml, or let a flow name it")
        return queue_shape(routing.centre.floor, queue, routing.tally.of(queue), routing.now())

    @router.get("", summary="All queues with their figures since midnight")
    async def list_queues(reader: Known) -> dict[str, list[QueueShape]]:
        return {"queues": [shown(queue) for queue in sorted(routing.centre.floor.queues)]}

    @router.get("/{queue}", summary="One queue")
    async def read_queue(reader: Known, queue: str) -> QueueShape:
        return shown(queue)

    return router


def entries_router(routing: Routing, audit: Audit, door: Door) -> APIRouter:
    """Who waits, why, and what supervisors may do about it."""
    router = APIRouter(prefix="/api/queues", tags=["queues"])
    Known = Annotated[Reader, Depends(door.person_with(*WHO_MEETS_CALLERS))]  # noqa: N806  types, made here for their door
    Changer = Annotated[Reader, Depends(door.may("queues.change"))]  # noqa: N806

    def entry_of(queue: str, entry_id: str) -> QueueEntry:
        entry = routing.centre.floor.entry(entry_id)
        if entry.queue != queue:
            raise NotThere(f"they wait in {entry.queue}, not in {queue}")
        return entry

    @router.get("/{queue}/entries", summary="Who waits and who talks, the next first")
    async def list_entries(reader: Known, queue: str) -> dict[str, list[EntryShape]]:
        await note_look(audit, reader, "queue.entries", queue)
        floor, now = routing.centre.floor, routing.now()
        talking = [one for one in floor.entries.values() if one.queue == queue and one.state == "connected"]
        found = [*floor.in_line(queue, now), *talking]
        return {"entries": [entry_shape(floor, entry, now) for entry in found]}

    @router.get("/{queue}/entries/{entry_id}/why", summary="Why they still wait: each agent, and what excludes them")
    async def read_why(reader: Known, queue: str, entry_id: str) -> WhyShape:
        await note_look(audit, reader, "queue.why", entry_id)
        return why_shape(routing.centre.why(entry_of(queue, entry_id).entry_id, routing.now()))

    @router.post("/{queue}/entries/{entry_id}/priority", summary="Another head start, in seconds; the place stays")
    async def reprioritise(reader: Changer, queue: str, entry_id: str, wish: PriorityWish) -> EntryShape:
        await note_look(audit, reader, "queue.reprioritise", entry_id)
        entry = entry_of(queue, entry_id)
        await routing.ask(Reprioritised(entry_id, wish.priority, wish.emergency))
        return entry_shape(routing.centre.floor, entry, routing.now())

    @router.post("/{queue}/entries/{entry_id}/pull", summary="Ring this agent for this caller, before everybody")
    async def pull(reader: Changer, queue: str, entry_id: str, wish: PullWish) -> EntryShape:
        await note_look(audit, reader, "queue.pull", entry_id)
        entry = entry_of(queue, entry_id)
        await routing.ask(Pulled(entry_id, wish.agent_id))
        return entry_shape(routing.centre.floor, entry, routing.now())

    return router


def routing_routers(routing: Routing, book: AgentBook, audit: Audit, door: Door) -> list[APIRouter]:
    """Everything of the routing over HTTP."""
    return [
        agents_router(routing, book, audit, door),
        work_router(routing, audit, door),
        queues_router(routing, door),
        entries_router(routing, audit, door),
    ]
