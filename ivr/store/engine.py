"""Opening the database: SQLite by default, PostgreSQL by its URL. Settings that make each of them safe."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from ivr.model.errors import ConfigError

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
BUSY_SECONDS = 5.0
"""How long a SQLite connection waits for another writer."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers never wait for the writer
    "PRAGMA synchronous=FULL",  # a survey answer is on disk when we say so, power cut included
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={round(BUSY_SECONDS * 1000)}",
)


def database_url(text: str) -> URL:
    """The URL with the async driver we use.

    Raises:
        ConfigError: not a URL, a database we do not speak, or SQLite in memory.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError(f"IVR_DATABASE_URL is not a database URL; write {_examples()}") from error
    if url.drivername not in DRIVERS:
        raise ConfigError(f"IVR_DATABASE_URL: cannot speak {url.drivername!r}; write {_examples()}")
    url = url.set(drivername=DRIVERS[url.drivername])
    if is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise ConfigError("IVR_DATABASE_URL: a database in memory forgets every call; name a file")
    return url


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return URL.create("sqlite", database=str(path.absolute())).render_as_string(hide_password=False)


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def make_engine(url: URL) -> AsyncEngine:
    """An engine whose error texts never show the values of a statement: they are what callers said.

    Raises:
        ConfigError: the driver is not installed.
    """
    try:
        if not is_sqlite(url):
            return create_async_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8)
        _make_private(Path(str(url.database)))
        engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    except ModuleNotFoundError as error:
        raise ConfigError("PostgreSQL needs its driver: pip install 'ivr[postgres]'") from error
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def direct_engine(engine: AsyncEngine) -> Engine:
    """The same SQLite file for a thread of its own: the asynchronous driver changes threads three or four times for
    each statement, which costs more than most statements. A transaction has the file to itself from its beginning, so
    that nothing it read has changed when it writes. Closed together with `engine`."""
    direct = create_engine(
        engine.url.set(drivername="sqlite"), hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
    )

    def begin_ourselves(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    def hold_the_file(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def close_with_it(_: Engine) -> None:
        direct.dispose()

    event.listen(direct, "connect", _prepare_sqlite)
    event.listen(direct, "connect", begin_ourselves)
    event.listen(direct, "begin", hold_the_file)
    event.listen(engine.sync_engine, "engine_disposed", close_with_it)
    return direct


def _make_private(path: Path) -> None:
    """Records are personal: the folder and the file are for this user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor: Any = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _examples() -> str:
    return "postgresql://user@host/ivr or sqlite:////var/lib/ivr/ivr.db"
