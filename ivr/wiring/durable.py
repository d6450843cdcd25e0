"""Work that outlives this program: DBOS, with its own tables beside ours, launched for as long as a block runs.

Whoever has such work writes `@DBOS.workflow()` and `@DBOS.step()` functions at the top of a module (DBOS knows them by
name, and goes on with those that a crash interrupted), and calls `every` for what comes round. Asynchronous workflows
run on the loop that launched, so they may use the store. What workflows work on must be in place before `durable`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig
from sqlalchemy import URL, Engine, create_engine, event

from ivr.config import Config
from ivr.environment import Environment
from ivr.model.errors import ConfigError, StoreError
from ivr.store.engine import SQLITE_PRAGMAS, database_url, is_sqlite

APP = "ivr"
APP_VERSION = "1"
"""Of what the workflows remember. DBOS hashes the source unless told, and leaves behind what another one began."""

SCHEMA = "dbos"
LAST_SECONDS = 2
"""How long work under way may go on once the server stops; what is left goes on at the next start."""

LOOK_SECONDS = 0.02
LISTENING_SECONDS = 0.2
"""How often a thread of DBOS wakes on SQLite; it ends no sooner. It asks the database only while a workflow waits for
a message, which none of ours does."""

Recurring = Callable[[datetime, Any], Coroutine[Any, Any, None]]
"""A workflow that is told when it was due, and None."""

_kept: list[str] = []
"""The node whose work is kept in this program, if one is."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def durable(config: Config, environment: Environment) -> AsyncIterator[None]:
    """Keep promises while the block runs, first of all those an earlier run left.

    Raises:
        ConfigError, StoreError: as `kept`.
    """
    url = environment.database_url
    path = config.store.path.absolute()
    place = own_place(url) if url else path.with_name(f"{path.stem}-durable.db")
    async with kept(place, config.store.node):
        yield


def own_place(url: str) -> Path | str:
    """Of what is kept beside a database: a file beside SQLite's, or PostgreSQL's own URL (in a schema of its own)."""
    where = database_url(url)
    if is_sqlite(where):
        return Path(f"{where.database}-durable")
    return where.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def kept(place: Path | str, node: str) -> AsyncIterator[None]:
    """
    Args:
        place: a file, or the URL of a PostgreSQL database.
        node: whose promises; an earlier run of the same node left them.

    Raises:
        ConfigError: another server of this program keeps them already (DBOS is one to a process).
        StoreError: its database is away.
    """
    if _kept:
        raise ConfigError("durable work is under way in this program already; open one call centre at a time")
    # It warns of what is ordinary here: work begun twice, work that is left for the next start.
    logging.getLogger("dbos").setLevel(logging.ERROR)
    engine = _file_engine(place) if isinstance(place, Path) else None
    ours = DBOS(config=_settings(place, engine, node))
    try:
        # On this loop and not in a thread: DBOS runs asynchronous workflows on the loop that launches it.
        DBOS.launch()
    except Exception as error:
        DBOS.destroy()
        raise StoreError(f"durable work cannot be kept: {type(error).__name__}; see IVR_DATABASE_URL") from error
    _kept.append(node)
    log.info("durable work is kept")
    try:
        yield
    finally:
        _kept.clear()
        await _finished(ours)
        # DBOS has put its own thread pool under this loop and is about to close it; others still need one.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        # In a thread: it waits for its own threads.
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
        if engine:
            engine.dispose()


async def _finished(ours: DBOS) -> None:
    """Wait for work under way, `LAST_SECONDS` at most. DBOS itself looks once a second, also where there is none."""
    until = time.monotonic() + LAST_SECONDS
    while ours._active_workflows_set.activeList() and time.monotonic() < until:  # noqa: ASYNC110, SLF001 - DBOS tells nobody
        await asyncio.sleep(LOOK_SECONDS)


def _settings(place: Path | str, engine: Engine | None, node: str) -> DBOSConfig:
    return {
        "name": APP,
        "system_database_url": place if isinstance(place, str) else None,
        "system_database_engine": engine,
        "executor_id": node,
        "application_version": APP_VERSION,
        "dbos_system_schema": SCHEMA,
        "log_level": "ERROR",
        "notification_listener_polling_interval_sec": LISTENING_SECONDS,
    }


async def every(name: str, cron: str, workflow: Recurring) -> None:
    """Run `workflow` at the times of `cron` (UTC), on one of the servers that share the database.

    Call it inside `durable`, at each start: a schedule that changed is replaced.
    """
    known = await DBOS.get_schedule_async(name)
    if known is not None and known["schedule"] == cron:
        return
    if known is not None:
        await DBOS.delete_schedule_async(name)
    await DBOS.create_schedule_async(schedule_name=name, workflow_fn=workflow, schedule=cron)


def _file_engine(path: Path) -> Engine:
    """A database of its own in a file that only we may read.

    Killing the program loses nothing. A power cut may take the last moments of it (`NORMAL` saves DBOS a wait for the
    disk at every step): what must not be lost then stands in our own database too, and is begun again from there.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    def prepare(connection: Any, _: Any) -> None:
        # Its threads write at the same time: who reads first and writes then would be refused at once, not wait.
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        for pragma in (*SQLITE_PRAGMAS, "PRAGMA synchronous=NORMAL"):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine
