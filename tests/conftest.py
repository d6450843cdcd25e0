"""What holds for every test."""

import pytest

pytest_plugins = ("tests.postgres",)

OF_THE_WORLD = ("voice", "peer")
"""Real speech and independent programs run in real time on a machine that others use too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Such a test has a second try, and the report says that it needed one; all others have to pass at once.

    They come first: they wait more than they compute, so they suit each other better than they suit the quick ones,
    and none is left for the end, when the other processors have nothing to do.
    """
    for item in items:
        if of_the_world(item):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: not (of_the_world(item) or item.get_closest_marker("xdist_group")))


def of_the_world(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in OF_THE_WORLD)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests that share a server must really run on one worker: where they do not, every worker starts its own.

    Raises:
        pytest.UsageError: pytest-xdist did not put the group into the name, as it does to keep them together.
    """
    if not getattr(session.config.option, "loadgroup", False):
        return
    scattered = [item for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid]
    if scattered:
        raise pytest.UsageError(f"{scattered[0].nodeid} has lost its group: do pytest and pytest-xdist fit?")
