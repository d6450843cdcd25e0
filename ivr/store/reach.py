"""One connection for a block, to read or to write; a database that is away becomes a `StoreError` that says of what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.errors import StoreError

AWAY = (SQLAlchemyError, OSError, TimeoutError)


@asynccontextmanager
async def reading(engine: AsyncEngine, what: str) -> AsyncIterator[AsyncConnection]:
    try:
        async with engine.connect() as connection:
            yield connection
    except AWAY as error:
        raise StoreError(f"{what} cannot be read just now ({type(error).__name__})") from error


@asynccontextmanager
async def writing(engine: AsyncEngine, what: str) -> AsyncIterator[AsyncConnection]:
    """All that the block writes, or nothing."""
    try:
        async with engine.begin() as connection:
            yield connection
    except AWAY as error:
        raise StoreError(f"{what} cannot be changed just now ({type(error).__name__})") from error
