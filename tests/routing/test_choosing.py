"""Who is rung for whom: strategies of queues, priorities of agents, order of callers, nobody blocked by anybody."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.people import Requirement, ServedQueue
from ivr.model.routing import QueueSettings, RoutingStep, Strategy
from ivr.routing.centre import Centre
from ivr.routing.happenings import AgentKnown, CallerLeft, OfferFailed, Reprioritised, StateAsked, TalkEnded
from tests.routing.kit import CARD, Story, profile

EN = {"lang:en": 5}


def idle(strategy: Strategy, **more: object) -> Story:
    """ann has been idle longest, then bob, then cid."""
    story = Story(replace(QueueSettings("general"), strategy=strategy))
    story.at(0).comes(profile("ann", skills={**EN, "card": 3, "loan": 2}, tier_level=2, tier_position=1))
    story.at(1).comes(profile("bob", skills={**EN, "card": 5}, tier_level=1, tier_position=2))
    story.at(2).comes(profile("cid", skills=EN, tier_level=1, tier_position=3, weight=1e9))
    return story


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("longest_idle", "ann"), ("best_skill", "bob"), ("least_versatile", "cid"), ("round_robin", "ann"),
     ("top_down", "bob"), ("weighted_random", "cid"), ("fewest_calls", "ann"), ("least_talk_time", "ann")],
)  # fmt: skip
def test_each_strategy_rings_whom_it_says(strategy: Strategy, expected: str) -> None:
    story = idle(strategy).at(100)
    story.joins("e1", "general", replace(CARD, mandatory=False))
    assert story.rung() == [("e1", expected)]


@pytest.mark.parametrize("strategy", ["fewest_calls", "least_talk_time"])
def test_rates_count_work_for_the_time_logged_in(strategy: Strategy) -> None:
    story = idle(strategy).at(1_000)
    story.agent("ann").calls_today, story.agent("ann").talk_today = 2, 300.0
    story.agent("bob").calls_today, story.agent("bob").talk_today = 3, 400.0
    story.agent("cid").calls_today, story.agent("cid").talk_today = 2, 299.0
    story.agent("ann").logged_before = 3_000.0
    assert story.rung(story.joins("e1")) == [("e1", "ann")]


def test_round_robin_goes_on_after_the_last_one() -> None:
    story = idle("round_robin").at(10)
    assert [pair[1] for entry in ("e1", "e2", "e3") for pair in story.rung(story.joins(entry))] == ["ann", "bob", "cid"]
    story.happens(CallerLeft("e1"))
    story.happens(CallerLeft("e2"))
    assert story.rung(story.joins("e4")) == [("e4", "ann")]


def test_random_follows_the_weights_and_the_seed() -> None:
    def drawn(seed: int) -> list[str]:
        story = Story(QueueSettings("general", strategy="weighted_random"), seed=seed)
        for agent, weight in (("ann", 3.0), ("bob", 1.0)):
            story.comes(profile(agent, weight=weight))
        found = []
        for number in range(200):
            found += [agent for _, agent in story.rung(story.joins(f"e{number}"))]
            story.happens(CallerLeft(f"e{number}"))
        return found

    assert drawn(1) == drawn(1) != drawn(2)
    assert 120 <= Counter(drawn(1))["ann"] <= 180


def test_all_are_rung_where_the_queue_says_so() -> None:
    story = idle("ring_all").at(10)
    assert sorted(story.rung(story.joins("e1"))) == [("e1", "ann"), ("e1", "bob"), ("e1", "cid")]
    assert story.rung(story.joins("e2")) == []
    story.answers("bob")
    assert sorted(story.rung()) == [("e2", "ann"), ("e2", "cid")]


def test_who_knows_the_caller_is_rung_before_who_was_idle_longer() -> None:
    story = idle("longest_idle").at(10)
    assert story.rung(story.joins("e1", last_agent="cid")) == [("e1", "cid")]


# -- which caller


def test_an_agent_who_frees_up_takes_emergencies_then_the_queue_of_their_profile_then_the_score() -> None:
    story = Story(QueueSettings("general"), QueueSettings("second"))
    story.comes(profile("ann", ServedQueue("general", 1), ServedQueue("second", 2)))
    story.happens(StateAsked("ann", "break", "rest"))
    story.centre.floor.queues = {
        name: replace(one, join_empty=True, leave_when_empty=False) for name, one in story.centre.floor.queues.items()
    }
    story.at(10).joins("old", "second")
    story.at(11).joins("sos", "second", emergency=True)
    story.at(20).joins("new", "general")
    story.at(21).joins("gold", "general", priority=60)
    order = []
    for moment in (30, 31, 32, 33):
        story.at(moment).happens(StateAsked("ann", "available"))
        order += [entry for entry, _ in story.rung()]
        story.happens(CallerLeft(order[-1]))
        if story.agent("ann").offer_id:
            order += [entry for entry, _ in story.rung()]
            break
    while len(order) < 4:
        story.happens(CallerLeft(order[-1]))
        order += [entry for entry, _ in story.rung()]
    assert order == ["sos", "gold", "new", "old"]


def test_callers_choose_by_strategy_and_agents_by_priority_and_both_are_content() -> None:
    """e1 could have either agent and likes ann best; ann prefers e2's queue, so e1 gets bob: nobody is left over."""
    story = Story(QueueSettings("general", join_empty=True), QueueSettings("cards", join_empty=True))
    story.comes(profile("ann", ServedQueue("general", 2), ServedQueue("cards", 1)))
    story.comes(profile("bob", "general"))
    for agent in ("ann", "bob"):
        story.happens(StateAsked(agent, "break", "rest"))
    story.at(1).joins("e1", "general")
    story.at(2).joins("e2", "cards")
    floor = story.centre.floor
    floor.agents["ann"].enter("available", 3.0)
    floor.agents["bob"].enter("available", 3.0)
    assert sorted(story.rung(story.ticks(3.0))) == [("e1", "bob"), ("e2", "ann")]


def test_who_cannot_be_placed_blocks_nobody() -> None:
    story = Story(QueueSettings("general", join_empty=True))
    story.comes(profile("ann"))
    assert story.rung(story.joins("first", "general", Requirement("rocket_science", 5))) == []
    assert story.rung(story.joins("second")) == [("second", "ann")]


def test_callers_who_have_not_waited_long_enough_are_left_to_others() -> None:
    story = Story()
    story.comes(profile("ann", ServedQueue("general", 1, 15.0)))
    assert story.rung(story.joins("e1")) == []
    assert "in 15 s" in dict(story.centre.why("e1", 0.0).agents)["ann"]
    assert story.rung(story.ticks(14.75)) == []
    assert story.rung(story.ticks(15.0)) == [("e1", "ann")]


def served(*callers: tuple[str, float, int], ordering: str = "score") -> list[str]:
    """Callers (name, moment, priority), one agent who comes last: the order in which they are answered."""
    story = Story(QueueSettings("general", join_empty=True, leave_when_empty=False, ordering=ordering))  # type: ignore[arg-type]
    story.happens(AgentKnown(profile("ann")))
    for name, moment, priority in callers:
        story.at(moment).joins(name, priority=priority)
    story.now += 1.0
    story.comes(profile("ann"))
    order: list[str] = []
    while story.agent("ann").offer_id:
        order.append(story.centre.floor.offers[story.agent("ann").offer_id].entry_id)
        story.happens(CallerLeft(order[-1]))
    return order


@given(st.lists(st.sampled_from([0, 60, 120]), min_size=2, max_size=8), st.integers(1, 40))
def test_equals_are_served_in_order_and_nobody_is_overtaken_by_more_than_the_difference(
    priorities: list[int], gap: int
) -> None:
    """I3 and I4."""
    callers = [(f"e{number}", float(number * gap), priority) for number, priority in enumerate(priorities)]
    known, order = {name: (moment, priority) for name, moment, priority in callers}, served(*callers)
    assert sorted(order) == sorted(known)
    for place, name in enumerate(order):
        for later in order[place + 1 :]:
            (moment, priority), (other, others) = known[name], known[later]
            assert moment - other <= priority - others, "overtaken by more than the head start"


def test_strict_order_puts_priority_before_any_wait() -> None:
    callers = (("old", 0.0, 0), ("vip", 500.0, 10))
    assert served(*callers) == ["old", "vip"]
    assert served(*callers, ordering="strict") == ["vip", "old"]


def test_a_caller_may_be_moved_up() -> None:
    story = Story(QueueSettings("general", join_empty=True, leave_when_empty=False))
    story.happens(AgentKnown(profile("ann")))
    story.joins("e1")
    story.at(1).joins("e2")
    story.happens(Reprioritised("e2", 999))
    story.happens(Reprioritised("e1", 0, emergency=False))
    assert story.centre.floor.entries["e2"].base_priority == 300
    story.comes(profile("ann"))
    assert story.rung() == [("e2", "ann")]
    story.happens(Reprioritised("e1", 0, emergency=True))
    assert story.centre.floor.position(story.centre.floor.entries["e1"], 1.0) == 1


def test_one_of_several_skills_may_be_enough_and_a_step_may_name_people() -> None:
    story = Story(QueueSettings("general"))
    story.comes(profile("ann", skills={**EN, "loan": 1}))
    steps = (
        RoutingStep(any_of=(CARD, Requirement("loan", 2)), expires_after=5.0),
        RoutingStep(agents=frozenset({"ann"})),
    )
    story.joins("e1", steps=steps)
    assert dict(story.centre.why("e1", 0.0).agents)["ann"] == "has none of card>=3, loan>=2"
    assert story.rung(story.ticks(5.0)) == [("e1", "ann")]


def test_known_skills_are_asked_anew_when_a_profile_changes_and_forgotten_when_too_many() -> None:
    story = Story(QueueSettings("general", join_empty=True))
    story.comes(profile("ann"))
    story.joins("e1", "general", CARD)
    assert story.rung(story.happens(AgentKnown(profile("ann", skills={**EN, "card": 3})))) == [("e1", "ann")]
    story.happens(OfferFailed(story.agent("ann").offer_id, "rejected"))
    for number in range(2_100):
        story.centre.floor.fitting("general", RoutingStep(expires_after=float(number)))
    assert len(story.centre.floor._fits) <= 2_000


def test_an_answered_agent_is_free_for_the_next_after_wrap_up() -> None:
    story = Story()
    story.comes(profile("ann"))
    story.joins("e1")
    story.answers("ann")
    story.joins("e2")
    story.at(100).happens(TalkEnded("e1"))
    assert story.rung(story.ticks(129.75)) == []
    assert story.rung(story.ticks(130.0)) == [("e2", "ann")]
    assert [one["agent"] for one in story.centre.why("e2", 130.0).decisions] == ["ann"]


def test_a_fresh_centre_has_no_queues_and_knows_none() -> None:
    assert Centre().floor.queues == {}
