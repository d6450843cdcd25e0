"""Agents, places in queues and what happened there, in the database: the `RoutingBook` of this server."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from ivr.model.errors import StoreError
from ivr.model.people import AgentProfile
from ivr.model.routing import KeptPlace, KeptState, RoutingEvent
from ivr.store.routing_rows import (
    PlaceGone,
    PlaceKept,
    RoutingHappened,
    StateKept,
    agent_of,
    agent_row,
    event_of,
    place_of,
    state_of,
)
from ivr.store.tables import agent_states, agents, queue_entries, queue_events
from ivr.store.writer import Writer
from ivr.store.writes import add


class SqlRoutingBook:
    """What happens is written behind, in the order it happened. Agents, which people edit, are written at once."""

    def __init__(self, writer: Writer, engine: AsyncEngine) -> None:
        self._writer, self._engine = writer, engine

    def keep_place(self, place: KeptPlace) -> None:
        self._writer.put(PlaceKept(place))

    def drop_place(self, entry_id: str) -> None:
        self._writer.put(PlaceGone(entry_id))

    def keep_state(self, state: KeptState) -> None:
        self._writer.put(StateKept(state))

    def note(self, event: RoutingEvent) -> None:
        self._writer.put(RoutingHappened(event))

    async def places(self) -> tuple[KeptPlace, ...]:
        found = await self._rows(select(queue_entries).order_by(queue_entries.c.enqueued_at_ms))
        return tuple(map(place_of, found))

    async def states(self) -> tuple[KeptState, ...]:
        return tuple(map(state_of, await self._rows(select(agent_states))))

    async def agents(self) -> tuple[AgentProfile, ...]:
        return tuple(map(agent_of, await self._rows(select(agents).order_by(agents.c.agent_id))))

    async def events(self, entry_id: str) -> tuple[RoutingEvent, ...]:
        """What happened to one caller, oldest first; what is still to be written is missing.

        Raises:
            StoreError: the database is away.
        """
        wanted = select(queue_events).where(queue_events.c.entry_id == entry_id).order_by(queue_events.c.id)
        return tuple(map(event_of, await self._rows(wanted)))

    async def keep_agent(self, profile: AgentProfile) -> None:
        """Write an agent down, new or changed.

        Raises:
            StoreError: it could not be written.
        """
        try:
            async with self._engine.begin() as connection:
                await add(connection, agents, [agent_row(profile)], replace=True)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the agent cannot be kept just now: {type(error).__name__}") from error

    async def drop_agent(self, agent_id: str) -> None:
        """Raises StoreError: it could not be written."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(delete(agents).where(agents.c.agent_id == agent_id))
                await connection.execute(delete(agent_states).where(agent_states.c.agent_id == agent_id))
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the agent cannot be removed just now: {type(error).__name__}") from error

    async def _rows(self, wanted: Executable) -> list[Any]:
        try:
            async with self._engine.connect() as connection:
                return list((await connection.execute(wanted)).mappings())
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the routing cannot be read just now: {type(error).__name__}") from error
