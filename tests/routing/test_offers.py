"""Offers and how they end: what becomes of the caller, and what of the agent (domain.md 2.2.4)."""

from typing import Any

import pytest

from ivr.model.errors import NotNow
from ivr.model.routing import OfferRules, QueueSettings
from ivr.routing.effects import CancelOffer, Connect
from ivr.routing.happenings import (
    AgentForgotten,
    AgentLoggedOut,
    CallerLeft,
    OfferAccepted,
    OfferFailed,
    OfferRang,
    Pulled,
    StateAsked,
    TalkEnded,
)
from tests.routing.kit import CARD, Story, profile


def ringing(*agents: str, **more: Any) -> Story:
    """e1 is being rung for, first at the first of these agents; ten seconds into the day."""
    story = Story(QueueSettings("general", **more))
    for moment, agent in enumerate(agents):
        story.at(moment).comes(profile(agent))
    story.at(10).joins("e1")
    story.happens(OfferRang(story.agent(agents[0]).offer_id))
    return story


def test_an_accepted_offer_connects_and_says_how_long_it_took() -> None:
    story = ringing("ann")
    story.at(13).happens(OfferAccepted("o1"))
    assert [one for one in story.effects if isinstance(one, Connect)] == [Connect("o1", "ann", "e1")]
    assert story.carried("queue.connected") == {"hold": 3, "ring": 3, "position": 1, "original_position": 1}
    assert (story.agent("ann").state, story.agent("ann").calls_today) == ("on_call", 1)


@pytest.mark.parametrize(
    ("how", "state", "ready", "excluded"),
    [("rejected", "available", 10, 10), ("timed_out", "available", 30, 60), ("busy", "available", 60, 60),
     ("unreachable", "available", 5, 60)],
)  # fmt: skip
def test_a_failed_offer_costs_the_caller_no_place_and_the_agent_a_pause(
    how: Any, state: str, ready: float, excluded: float
) -> None:
    story = ringing("ann")
    story.at(12).happens(OfferFailed("o1", how))
    entry, agent = story.centre.floor.entries["e1"], story.agent("ann")
    assert (entry.state, entry.enqueued_at, entry.excluded_until) == ("waiting", 10, {"ann": 12 + excluded})
    assert (agent.state, agent.ready_at) == (state, 12 + ready)
    assert agent.idle_since == (12 if how == "timed_out" else 0)
    assert story.carried("queue.offer_failed") == {"reason": how, "ring_ms": 2000}
    assert story.rung(story.ticks(12 + excluded - 0.25)) == []
    assert story.rung(story.ticks(12 + excluded)) == [("e1", "ann")]


def test_three_missed_in_a_row_and_the_agent_is_not_responding_until_they_say_otherwise() -> None:
    story = ringing("ann")
    for _ in range(3):
        story.happens(OfferFailed(story.agent("ann").offer_id, "timed_out"))
        story.ticks(story.now + 60.0)
    assert story.agent("ann").state == "not_responding"
    story.ticks(story.now + 100.0)
    assert story.agent("ann").state == "not_responding"
    story.happens(StateAsked("ann", "available"))
    assert (story.agent("ann").missed, story.agent("ann").state) == (0, "available")


def test_three_times_unreachable_and_the_agent_is_offline() -> None:
    story = ringing("ann", leave_when_empty=False)
    for _ in range(3):
        story.happens(OfferFailed(story.agent("ann").offer_id, "unreachable"))
        story.ticks(story.now + 60.0)
    assert (story.agent("ann").state, story.agent("ann").reason) == ("offline", "unreachable")


def test_an_answered_call_forgives_what_was_missed() -> None:
    story = ringing("ann", "bob")
    story.happens(OfferFailed("o1", "timed_out"))
    story.agent("bob").missed = 2
    story.answers("bob")
    assert (story.agent("ann").missed, story.agent("bob").missed) == (1, 0)


def test_who_is_hard_to_place_moves_up_once_and_a_supervisor_is_told() -> None:
    story = ringing("ann", "bob", "cid", "dan")
    for number in range(1, 5):
        story.happens(OfferFailed(f"o{number}", "rejected"))
    assert story.centre.floor.entries["e1"].base_priority == 60
    assert story.events(story.all).count("routing.hard_to_place") == 1


def test_a_telephone_that_rings_too_long_has_missed_the_call_whatever_it_says_later() -> None:
    story = ringing("ann")
    assert story.events(story.ticks(29.75)) == []
    story.ticks(30.0)
    assert [one for one in story.effects if isinstance(one, CancelOffer)] == [
        CancelOffer("o1", "ann", "e1", "timed_out")
    ]
    assert story.agent("ann").missed == 1
    assert story.happens(OfferAccepted("o1")) == [CancelOffer("o1", "ann", "e1", "too_late")]
    assert story.happens(OfferFailed("o1", "rejected")) == []
    assert story.happens(OfferRang("o1")) == []
    assert story.happens(OfferAccepted("o99")) == []


def test_a_reservation_that_never_rings_ends_five_seconds_after_it_should_have() -> None:
    story = Story()
    story.comes(profile("ann"))
    story.joins("e1")
    story.ticks(24.75)
    assert story.agent("ann").state == "reserved"
    story.ticks(25.0)
    assert story.agent("ann").missed == 1


def test_ringing_twice_is_ringing_once() -> None:
    story = ringing("ann")
    assert story.at(15).happens(OfferRang("o1")) == []
    assert story.centre.floor.offers["o1"].rang_at == 10


def test_a_caller_who_hangs_up_while_it_rings_leaves_the_agent_as_they_were() -> None:
    story = ringing("ann")
    story.at(14).happens(CallerLeft("e1"))
    agent = story.agent("ann")
    assert (agent.state, agent.idle_since, agent.missed, agent.ready_at) == ("available", 0, 0, 14)
    assert story.events() == ["queue.offer_failed", "queue.abandoned"]
    assert story.carried("queue.offer_failed")["reason"] == "caller_gone"


def test_of_all_who_are_rung_the_losers_are_as_they_were() -> None:
    story = ringing("ann", "bob", strategy="ring_all")
    story.answers("bob")
    agent = story.agent("ann")
    assert (agent.state, agent.idle_since, agent.missed) == ("available", 0, 0)
    assert CancelOffer("o1", "ann", "e1", "lost_race") in story.effects
    assert story.happens(OfferAccepted("o1")) == [CancelOffer("o1", "ann", "e1", "too_late")]


def test_one_of_several_who_are_rung_may_decline_without_stopping_the_others() -> None:
    story = ringing("ann", "bob", strategy="ring_all")
    story.happens(OfferFailed("o1", "rejected"))
    assert story.centre.floor.entries["e1"].state == "offered"


@pytest.mark.parametrize("happening", [AgentLoggedOut("ann"), AgentForgotten("ann")])
def test_an_agent_who_goes_while_being_rung_gives_the_caller_back(happening: Any) -> None:
    story = ringing("ann", "bob")
    story.happens(happening)
    assert CancelOffer("o1", "ann", "e1", "agent_gone") in story.effects
    assert story.rung() == [("e1", "bob")]


def test_a_supervisor_may_give_a_caller_to_anybody_who_is_free() -> None:
    story = ringing("ann", "bob", join_empty=True)
    story.happens(Pulled("e1", "bob"))
    assert story.rung() == [("e1", "bob")]
    assert story.agent("ann").state == "available"
    story.happens(Pulled("e1", "bob"))
    assert story.rung() == [("e1", "bob")], "again, from the beginning"
    story.at(11).joins("e2", "general", CARD)
    story.happens(StateAsked("ann", "break", "rest"))
    with pytest.raises(NotNow, match="ann is break"):
        story.happens(Pulled("e2", "ann"))
    story.answers("bob")
    seen = story.centre.why("e1", story.now)
    assert [one["strategy"] for one in seen.decisions] == ["longest_idle", "pulled", "pulled"]
    assert seen.statuses[0] == "JOINED"
    assert {*seen.statuses[1:]} <= {"INACTIVE"}
    with pytest.raises(NotNow, match="talks with this caller already"):
        story.happens(Pulled("e1", "bob"))
    with pytest.raises(NotNow, match="bob is on_call"):
        story.happens(Pulled("e2", "bob"))


def test_offers_of_long_ago_are_forgotten() -> None:
    story = Story(QueueSettings("general", offer=OfferRules(reject_delay=0.0)))
    story.comes(profile("ann"))
    for number in range(1_003):
        story.joins(f"e{number}")
        story.answers("ann")
        story.happens(TalkEnded(f"e{number}"))
        story.happens(StateAsked("ann", "available"))
    assert len(story.centre.floor.ended) == 1_000
    assert story.happens(OfferAccepted("o1")) == []
