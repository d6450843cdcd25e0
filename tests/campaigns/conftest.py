"""Campaigns are tested on both databases, as the store is; the workflows' own memory is emptied too."""

from pathlib import Path

import pytest

from tests.postgres import database_for


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in its tables."""
    return database_for(request, tmp_path)
