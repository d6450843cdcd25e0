"""The wait that callers are told of where queues share their agents."""

from ivr.model.routing import QueueSettings
from ivr.routing.telling import Estimate, estimate
from tests.routing.kit import Story, profile


def shared_by_two_queues() -> Story:
    """Two agents of both queues, busy."""
    story = Story(QueueSettings("cards"), QueueSettings("loans"))
    for name in ("ann", "bo"):
        story.comes(profile(name, "cards", "loans"))
        story.joins(f"with-{name}", "cards")
        story.answers(name)
    return story


def test_the_next_of_one_queue_waits_for_one_of_its_agents() -> None:
    story = shared_by_two_queues()
    story.joins("first", "cards")
    entry = story.centre.floor.entries["first"]
    assert estimate(story.centre.floor, entry, story.now) == Estimate(1, 240.0 / 2)


def test_callers_of_another_queue_who_need_the_same_agents_are_counted_once() -> None:
    story = shared_by_two_queues()
    story.joins("before", "loans")
    story.joins("later", "cards")
    entry = story.centre.floor.entries["later"]
    # The second of two who wait for two agents: one handling time.
    assert estimate(story.centre.floor, entry, story.now) == Estimate(1, 240.0)
