"""One server for the whole folder: it takes its time to learn what callers say."""

from collections.abc import Iterator

import pytest

from tests.server.running import Running, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
        assert running.program.poll() is None, "the server died:\n" + "".join(running.printed[-40:])
