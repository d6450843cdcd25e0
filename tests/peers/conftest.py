"""What several tests with real browsers share."""

from collections.abc import Iterator

import pytest

from tests.peers.chromium import needs_chromium
from tests.peers.desk_kit import desk_server
from tests.server.running import Running


@pytest.fixture(scope="session")
def desk_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with one agent and one supervisor; starting it takes longer than most calls."""
    needs_chromium()
    with desk_server(tmp_path_factory.mktemp("desk")) as running:
        yield running
