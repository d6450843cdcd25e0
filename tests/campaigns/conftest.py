"""Campaigns are tested on both databases, as the store is; the workflows' own memory is emptied too."""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.store.engine import database_url, make_engine, sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "calls" / "ivr.db")
    found = os.environ.get("IVR_TEST_POSTGRES_URL", "")
    if not found:
        pytest.skip("IVR_TEST_POSTGRES_URL names no PostgreSQL database for tests (it is emptied by each test)")
    asyncio.run(_empty(found))
    return found


async def _empty(url: str) -> None:
    engine = make_engine(database_url(url))
    async with engine.begin() as connection:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "DROP SCHEMA IF EXISTS dbos CASCADE"):
            await connection.execute(text(statement))
    await engine.dispose()
