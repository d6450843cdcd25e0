"""What holds for every test."""

import pytest

pytest_plugins = ("tests.postgres",)

OF_THE_WORLD = ("voice", "peer")
"""Real speech and independent programs run in real time on a machine that others use too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Such a test has a second try, and the report says that it needed one; all others have to pass at once."""
    for item in items:
        if any(item.get_closest_marker(name) for name in OF_THE_WORLD):
            item.add_marker(pytest.mark.flaky(reruns=1))
