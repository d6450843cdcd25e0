"""The store is tested on both databases: SQLite and PostgreSQL."""

from pathlib import Path

import pytest

from tests.postgres import database_for


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in its tables."""
    return database_for(request, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    return database_for(request, tmp_path, bare=True)
