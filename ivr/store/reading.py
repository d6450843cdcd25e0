"""What everything that is read from the database needs: rows, and the place in a list where the next page begins."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.errors import BadQuery, StoreError


async def rows_of(engine: AsyncEngine, query: Select[Any]) -> list[Mapping[Any, Any]]:
    """Raises StoreError: the database is away."""
    return [row._mapping for row in await tuples_of(engine, query)]


async def tuples_of(engine: AsyncEngine, query: Select[Any]) -> Sequence[Row[Any]]:
    """Rows by place, for many of them: by name each costs several times as much.

    Raises:
        StoreError: the database is away.
    """
    try:
        async with engine.connect() as connection:
            found: Sequence[Row[Any]] = (await connection.execute(query)).all()
            return found
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise StoreError(f"the database cannot be read just now ({type(error).__name__})") from error


def cursor_after(at_ms: int, key: str) -> str:
    """The place after a row of a list that is sorted by time and key."""
    return base64.urlsafe_b64encode(f"{at_ms}:{key}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """What `cursor_after` was given.

    Raises:
        BadQuery: it is not one of ours.
    """
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        ms, _, key = plain.partition(":")
        return int(ms), key
    except (binascii.Error, ValueError) as error:
        raise BadQuery("cursor: not one of ours; use `next` of the page before, or leave it out") from error
