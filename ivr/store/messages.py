"""Reading back what callers left as messages: a page of the list, one message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.calls import Message
from ivr.model.errors import NotThere
from ivr.store.reading import cursor_after, read_cursor, rows_of
from ivr.store.rows import message_of
from ivr.store.tables import messages

MOST_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages, newest first. Empty fields do not filter."""

    call_id: str = ""
    name: str = ""
    limit: int = 50
    cursor: str = ""
    """`next_cursor` of the page before."""


@dataclass(frozen=True, slots=True)
class MessagePage:
    messages: tuple[Message, ...]
    next_cursor: str
    """Empty: this was the last page."""


class MessageArchive:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, wanted: MessageFilter) -> MessagePage:
        """One page, newest first.

        Raises:
            BadQuery: the cursor is not one of ours.
        """
        limit = max(1, min(wanted.limit, MOST_PER_PAGE))
        query = select(messages).order_by(messages.c.at_ms.desc(), messages.c.message_id.desc()).limit(limit + 1)
        for column, value in ((messages.c.call_id, wanted.call_id), (messages.c.name, wanted.name)):
            query = query.where(column == value) if value else query
        if wanted.cursor:
            ms, key = read_cursor(wanted.cursor)
            older = and_(messages.c.at_ms == ms, messages.c.message_id < key)
            query = query.where(or_(messages.c.at_ms < ms, older))
        found = await rows_of(self._engine, query)
        return MessagePage(tuple(message_of(row) for row in found[:limit]), _next(found, limit))

    async def message(self, message_id: str) -> Message:
        """One message.

        Raises:
            NotThere: no such message.
        """
        found = await rows_of(self._engine, select(messages).where(messages.c.message_id == message_id))
        if not found:
            raise NotThere("there is no message by that id")
        return message_of(found[0])


def _next(found: list[Mapping[Any, Any]], limit: int) -> str:
    last = found[limit - 1] if len(found) > limit else None
    return cursor_after(last["at_ms"], last["message_id"]) if last else ""
