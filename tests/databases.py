"""Databases that have all their tables already: making those takes longer than most tests.

That an empty database gets them is proved by the tests of the store that take `bare_url`, and by every test that starts
a server.
"""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade


def new_database(path: Path) -> str:
    """The URL of an SQLite file with all tables and nothing in them; a file that is there already stays as it is."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(_all_tables())
    return sqlite_url(path)


async def with_all_tables(url: str) -> None:
    """Bring the database there."""
    engine = make_engine(database_url(url))
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()


@cache
def _all_tables() -> bytes:
    """In a thread of its own: whoever asks may be in the middle of an event loop."""
    with tempfile.TemporaryDirectory(prefix="ivr-db-") as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "ivr.db"
        thread.submit(asyncio.run, with_all_tables(sqlite_url(path))).result()
        return path.read_bytes()
