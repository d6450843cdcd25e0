"""Locks of the database: one owner at a time, freed when the owner's session dies, and the owner notices."""

import asyncio

from sqlalchemy import text

from ivr.store.engine import database_url, is_sqlite, make_engine
from ivr.store.locks import DatabaseLock


def test_a_lock_has_one_owner_until_it_is_released(url: str) -> None:
    async def run() -> None:
        engines = [make_engine(database_url(url)) for _ in range(2)]
        mine, theirs = (DatabaseLock(engine, "routing") for engine in engines)
        assert (await mine.try_acquire(), await mine.is_held()) == (True, True)
        assert (await theirs.try_acquire(), await theirs.is_held()) == (False, False)
        await mine.release()
        assert (await mine.is_held(), await theirs.try_acquire()) == (False, True)
        await theirs.release()
        for engine in engines:
            await engine.dispose()

    asyncio.run(run())


def test_an_owner_whose_session_broke_notices_and_somebody_else_may_have_it(url: str) -> None:
    async def run() -> None:
        engine = make_engine(database_url(url))
        if is_sqlite(engine.url):
            return  # a lock on a file lives as long as its owner
        mine, theirs = DatabaseLock(engine, "routing"), DatabaseLock(engine, "routing")
        assert await mine.try_acquire()
        async with engine.connect() as connection:
            await connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            )
        assert not await mine.is_held()
        assert await theirs.try_acquire()
        assert not await mine.try_acquire()
        await theirs.release()
        await engine.dispose()

    asyncio.run(run())
