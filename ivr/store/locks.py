"""Locks that die with their owner: a locked file beside SQLite, an advisory lock in PostgreSQL."""

import asyncio
import fcntl
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.errors import StoreError
from ivr.store.engine import is_sqlite

POLL_SECONDS = 0.05
CHECK_SECONDS = 2.0
NOTICED_SOON = "SELECT set_config(name, value, false) FROM (VALUES ('tcp_keepalives_idle', '4'), \
('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3')) AS wanted (name, value)"
"""The database frees the lock within ten seconds also where the owner's machine lost its power."""


class DatabaseLock:
    """One named lock. Freed by `release`, and by the system when the program dies."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._file: int | None = None
        self._connection: AsyncConnection | None = None

    async def try_acquire(self) -> bool:
        if is_sqlite(self._engine.url):
            return self._lock_file()
        connection = await self._engine.connect()
        got = bool(await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key()}))
        # The lock belongs to the session, not the transaction: an open transaction would hold back vacuuming.
        await connection.commit()
        if got:
            self._connection = connection
            await connection.execute(text(NOTICED_SOON))
            await connection.commit()
        else:
            await connection.close()
        return got

    async def acquire(self, timeout_seconds: float) -> None:
        """Wait for the lock.

        Raises:
            StoreError: another program held it all the time.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self.try_acquire():  # noqa: ASYNC110  another process frees it: nothing to await
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError as error:
            raise StoreError(
                f"another program holds the database lock {self._name!r}; stop it and try again"
            ) from error

    async def is_held(self) -> bool:
        """Whether it is still ours: a session that broke has lost it, and somebody else may have it already. Then
        nothing is left to release.

        Raises:
            TimeoutError: the database did not answer in time; it may be ours or not.
        """
        if self._connection is None:
            return self._file is not None
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._connection.execute(text("SELECT 1"))
                await self._connection.commit()
        except (SQLAlchemyError, OSError):
            await self.release()
            return False
        return True

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            # A session that is gone has freed its locks already.
            with suppress(SQLAlchemyError, OSError):
                await self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self._key()})
                await self._connection.close()
            self._connection = None

    def _lock_file(self) -> bool:
        path = Path(f"{self._engine.url.database}.{self._name}.lock")
        found = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(found)
            return False
        self._file = found
        return True

    def _key(self) -> int:
        """A signed 64-bit number, as PostgreSQL wants it."""
        return int.from_bytes(hashlib.sha256(f"ivr:{self._name}".encode()).digest()[:8], "big", signed=True)
