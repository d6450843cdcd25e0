"""What callers are told of their wait, what supervisors see of a queue, and why somebody still waits."""

from ivr.model.events import QueueNews
from ivr.model.people import Requirement
from ivr.model.routing import QueueSettings, RoutingEvent, RoutingStep
from ivr.routing.entries import Offer
from ivr.routing.happenings import CallerLeft, OfferFailed, StateAsked, TalkEnded
from ivr.routing.promises import broken
from ivr.routing.tally import Tally
from ivr.routing.telling import Announcer, Estimate, estimate, handling_of
from tests.routing.kit import Story, profile


def line_of(length: int, *agents: str) -> Story:
    """Each agent talks; e1, e2 … wait."""
    story = Story(QueueSettings("general"), QueueSettings("cards"))
    for agent in agents:
        story.comes(profile(agent))
        story.joins(f"with-{agent}")
        story.answers(agent)
    for number in range(1, length + 1):
        story.joins(f"e{number}")
    return story


def test_the_wait_is_estimated_from_the_place_and_the_people() -> None:
    floor = line_of(3, "ann", "bob").centre.floor
    found = [estimate(floor, floor.entries[f"e{number}"], 1.0) for number in (1, 2, 3)]
    assert [(one.position, one.seconds) for one in found] == [(1, 120.0), (2, 240.0), (3, 360.0)]


def test_only_callers_whom_the_same_agents_could_serve_are_ahead() -> None:
    story = line_of(2, "ann", "bob")
    story.comes(profile("cid", "cards"))
    story.joins("other", "cards")
    story.answers("cid")
    story.joins("waits", "cards")
    floor = story.centre.floor
    assert estimate(floor, floor.entries["waits"], 0.0).position == 1
    story.happens(StateAsked("ann", "break", "rest"))
    story.happens(StateAsked("bob", "break", "rest"))
    assert estimate(floor, floor.entries["e1"], 0.0).seconds is None


def test_handling_time_is_learned() -> None:
    story = line_of(0, "ann")
    assert handling_of(story.centre.floor, "general", 0.0) == 240.0
    story.at(70).happens(TalkEnded("with-ann"))
    story.ticks(100.0)
    assert handling_of(story.centre.floor, "general", 100.0) == 100.0


def test_callers_hear_their_place_then_are_offered_a_call_and_are_not_bothered() -> None:
    story = line_of(4, "ann")
    announcer, floor = Announcer(), story.centre.floor
    heard = [announcer.news(floor, "e4", moment) for moment in (0.0, 5.0, 6.0, 20.0, 80.0, 130.0, 300.0)]
    assert heard == [
        [], [QueueNews("position", 4, 20), QueueNews("callback_offer")], [], [], [QueueNews("position", 4, 20)],
        [QueueNews("callback_offer")], [QueueNews("position", 4, 20)],
    ]  # fmt: skip
    announcer.forget("e4")
    announcer.forget("e4")
    assert announcer.news(floor, "nobody", 400.0) == []


def test_who_is_being_rung_or_waits_for_a_call_hears_nothing() -> None:
    story = line_of(1, "ann")
    story.happens(CallerLeft("e1", "callback", number="+15555550100"))
    assert Announcer().news(story.centre.floor, "e1", 100.0) == []


def test_whoever_waits_when_the_queue_closes_is_offered_a_call() -> None:
    hours = {"closes": 50.0}
    story = Story(QueueSettings("general"), is_open=lambda queue, at: at < hours["closes"])
    story.comes(profile("ann"))
    story.joins("e0")
    story.joins("e1")
    announcer, floor = Announcer(), story.centre.floor
    floor.handled_in("general").append((0.0, 5.0))
    assert announcer.news(floor, "e1", 45.0) == []
    assert QueueNews("callback_offer") in announcer.news(floor, "e1", 50.0)


def test_the_wait_may_be_estimated_from_those_who_were_answered_lately() -> None:
    story = Story(QueueSettings("general", ewt_method="recent_mean"))
    story.comes(profile("ann"))
    story.joins("e0")
    story.answers("ann")
    story.joins("e1")
    floor = story.centre.floor
    floor.waits_of("general").clear()
    assert estimate(floor, floor.entries["e1"], 10.0) == Estimate(1, 240.0), "nobody was answered: by the place"
    floor.waits_of("general").extend([80.0, 100.0])
    assert estimate(floor, floor.entries["e1"], 30.0) == Estimate(1, 60.0)
    assert estimate(floor, floor.entries["e1"], 120.0) == Estimate(1, 0.0)
    assert Announcer().minutes("e1") == 0


def test_figures_of_the_day_are_counted_from_events() -> None:
    tally, settings = Tally(), QueueSettings("general")
    for name, carries in (
        ("queue.entered", {}), ("queue.entered", {}), ("queue.entered", {}), ("queue.entered", {}),
        ("queue.connected", {"hold": 20.0}), ("queue.connected", {"hold": 30.0}),
        ("queue.abandoned", {"short": True, "wait": 2.0}), ("queue.abandoned", {"short": False, "wait": 70.0}),
        ("queue.timed_out", {}), ("queue.callback_ended", {}), ("queue.offered", {}),
    ):  # fmt: skip
        tally.saw(RoutingEvent(name, 0.0, queue="general", carries=carries), settings)
    found = tally.of("general")
    assert (found.offered, found.answered, found.answered_in_time, found.abandoned, found.flow_out) == (4, 2, 1, 2, 1)
    assert (found.service_level, found.asa, found.longest_wait, found.callback_converted) == (1 / 3, 25.0, 70.0, 1)
    assert found.abandonment == 1 / 3
    tally.begin_day()
    fresh = tally.of("general")
    assert (fresh.service_level, fresh.asa, fresh.abandonment) == (None, None, None)


def test_each_agent_is_excluded_by_the_first_rule_that_does() -> None:
    story = Story(QueueSettings("general", join_empty=True))
    story.comes(profile("away"))
    story.happens(StateAsked("away", "break", "lunch"))
    story.comes(profile("cools"))
    story.joins("e0")
    story.happens(OfferFailed("o1", "rejected"))
    story.comes(profile("elsewhere", "cards"))
    story.comes(profile("rung"))
    story.happens(OfferFailed(story.agent("rung").offer_id, "rejected"))
    story.agent("rung").ready_at = 0.0
    story.comes(profile("weak", skills={"lang:en": 1, "card": 1}))
    story.happens(OfferFailed(story.agent("weak").offer_id, "rejected"))
    story.agent("weak").ready_at = 0.0
    story.centre.floor.entries["e0"].steps = (RoutingStep((Requirement("card", 2),)),)
    why = story.centre.why("e0", 4.0)
    assert why.agents == (
        ("away", "is break (lunch)"),
        ("cools", "cools down after an offer; 6 s"),
        ("elsewhere", "does not serve general"),
        ("rung", "has not card>=2"),
        ("weak", "has card 1 of 2"),
    )
    story.centre.floor.entries["e0"].steps = (RoutingStep(),)
    excluded = dict(story.centre.why("e0", 4.0).agents)
    assert excluded["rung"] == "was rung for this caller; again in 6 s"
    story.centre.floor.entries["e0"].excluded_until.clear()
    assert dict(story.centre.why("e0", 4.0).agents)["rung"] == ""


def test_broken_promises_are_told() -> None:
    story = line_of(2, "ann")
    floor = story.centre.floor
    assert broken(floor, 1.0) == []
    story.comes(profile("bob"))
    floor.offers["x"] = Offer("x", "e2", "bob", 0.0, 20.0, 25.0)
    floor.offers["y"] = Offer("y", "gone", "ann", 0.0, 20.0, 25.0)
    floor.agents["ann"].entry_id = ""
    floor.agents["ann"].logged_in_at = -50.0
    offered = floor.entries["e1"]
    offered.offers = ["x", *offered.offers]
    found = broken(floor, 1.0)
    assert {one[:2] for one in found} == {"I1", "I6", "I7", "I9"}
    free = line_of(1, "ann")
    free.happens(StateAsked("ann", "available"))
    free.centre.floor.agents["ann"].enter("available", 1.0)
    assert [one[:2] for one in broken(free.centre.floor, 1.0)] == ["I2", "I2", "I6"]
    twice = line_of(0, "ann")
    twice.comes(profile("bob"))
    twice.joins("e1")
    one = next(iter(twice.centre.floor.offers.values()))
    twice.centre.floor.offers["z"] = Offer("z", "e1", one.agent_id, 0.0, 20.0, 25.0)
    twice.centre.floor.entries["e1"].offers.append("z")
    assert [one[:2] for one in broken(twice.centre.floor, 1.0)] == ["I1", "I1"]
