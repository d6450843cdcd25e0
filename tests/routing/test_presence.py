"""The states of an agent: what may follow what, and when (domain.md 2.2.5)."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.model.errors import BadQuery, NotNow, NotThere
from ivr.model.routing import Disposition, KeptState, QueueSettings, WrapUp
from ivr.routing.effects import AgentChanged, BackInLine, Left
from ivr.routing.happenings import (
    AgentForgotten,
    AgentKnown,
    AgentLineLost,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentSeen,
    CallTransferred,
    ConsultBegan,
    ConsultEnded,
    DayBegan,
    HandedOver,
    HoldBegan,
    HoldEnded,
    OutboundBegan,
    OutboundEnded,
    QueueConfigured,
    StateAsked,
    TalkEnded,
    Tick,
    WrapUpDone,
    WrapUpExtended,
)
from tests.routing.kit import Story, profile


def talking(**more: Any) -> Story:
    """ann talks with e1 since second 10."""
    story = Story(QueueSettings("general", **more))
    story.comes(profile("ann"))
    story.at(10).joins("e1")
    story.answers("ann")
    return story


def test_who_logs_in_is_not_rung_before_they_say_so() -> None:
    story = Story(QueueSettings("general", join_empty=True))
    story.happens(AgentKnown(profile("ann")))
    assert story.happens(AgentLoggedIn("ann"))[-1] == AgentChanged("ann", "break", "login", "")
    assert story.rung(story.joins("e1")) == []
    assert story.rung(story.happens(StateAsked("ann", "available"))) == [("e1", "ann")]
    assert story.happens(AgentLoggedIn("ann")) == []


def test_what_nobody_can_do_is_refused_with_a_reason() -> None:
    story = Story()
    story.happens(AgentKnown(profile("ann")))
    for happening, error, match in (
        (StateAsked("ann", "break", "rest"), NotNow, "log in first"),
        (StateAsked("ann", "available"), NotNow, "log in first"),
        (StateAsked("ann", "break", "beach"), BadQuery, "the reasons are"),
        (StateAsked("bob", "available"), NotThere, "no agent 'bob'"),
        (HoldBegan("ann"), NotNow, "needs on_call"),
        (WrapUpDone("ann"), NotNow, "not in wrap-up"),
        (WrapUpExtended("ann", 5), NotNow, "no wrap-up"),
        (OutboundBegan("ann"), NotNow, "cannot begin"),
    ):
        with pytest.raises(error, match=match):
            story.happens(happening)
    assert story.happens(AgentLoggedOut("ann")) == []
    assert story.happens(OutboundEnded("ann")) == []


def test_a_break_asked_for_while_busy_comes_after_wrap_up_and_can_be_taken_back() -> None:
    story = talking()
    story.at(20).happens(StateAsked("ann", "break", "lunch"))
    assert story.effects == [AgentChanged("ann", "on_call", "", "break")]
    story.at(30).happens(TalkEnded("e1"))
    assert story.agent("ann").state == "wrap_up"
    story.ticks(60.0)
    assert (story.agent("ann").state, story.agent("ann").reason) == ("break", "lunch")
    story.happens(StateAsked("ann", "available"))
    story.happens(StateAsked("ann", "available"))
    story.joins("e2")
    story.happens(StateAsked("ann", "break", "rest"))
    story.happens(StateAsked("ann", "available"))
    assert story.agent("ann").next_state is None


@pytest.mark.parametrize(
    ("kind", "after_30", "for_ever"),
    [("none", "available", "available"), ("timeboxed", "available", "available"), ("optional", "wrap_up", "wrap_up"),
     ("mandatory", "wrap_up", "wrap_up")],
)  # fmt: skip
def test_wrap_up_lasts_as_its_queue_says(kind: Any, after_30: str, for_ever: str) -> None:
    story = talking(wrap_up=WrapUp(kind))
    story.at(50).happens(TalkEnded("e1"))
    story.ticks(80.0)
    assert story.agent("ann").state == after_30
    story.ticks(300.0, every=10.0)
    assert story.agent("ann").state == for_ever


def test_a_disposition_that_is_owed_must_be_given() -> None:
    story = talking(wrap_up=WrapUp("mandatory"))
    story.happens(TalkEnded("e1"))
    with pytest.raises(BadQuery, match="disposition"):
        story.happens(WrapUpDone("ann"))
    story.happens(StateAsked("ann", "available"))
    assert story.agent("ann").state == "wrap_up", "saying so is not enough"
    story.happens(WrapUpDone("ann", "resolved"))
    assert story.agent("ann").state == "available"


def test_a_queue_with_outcomes_of_its_own_takes_no_others() -> None:
    story = talking(wrap_up=WrapUp("mandatory"), dispositions=(Disposition("refunded"), Disposition("kept")))
    story.happens(TalkEnded("e1"))
    with pytest.raises(BadQuery, match="kept, refunded"):
        story.happens(WrapUpDone("ann", "resolved"))
    assert story.agent("ann").state == "wrap_up"
    story.happens(WrapUpDone("ann", "refunded"))
    assert story.agent("ann").state == "available"


def test_who_says_available_is_done_with_writing_up() -> None:
    story = talking()
    story.happens(TalkEnded("e1"))
    story.happens(StateAsked("ann", "available"))
    assert story.agent("ann").state == "available"


def test_wrap_up_is_extended_once() -> None:
    story = talking()
    story.at(50).happens(TalkEnded("e1"))
    with pytest.raises(BadQuery, match="seconds"):
        story.happens(WrapUpExtended("ann", 0))
    story.happens(WrapUpExtended("ann", 30))
    with pytest.raises(NotNow, match="once"):
        story.happens(WrapUpExtended("ann", 30))
    story.ticks(109.75)
    assert story.agent("ann").state == "wrap_up"
    story.ticks(110.0)
    assert story.agent("ann").state == "available"


@pytest.mark.parametrize(("basis", "idle"), [("available_since", 80.0), ("last_contact_end", 50.0)])
def test_idle_is_counted_from_where_the_queue_says(basis: Any, idle: float) -> None:
    story = talking(idle_basis=basis)
    story.at(50).happens(TalkEnded("e1"))
    story.ticks(80.0)
    assert story.agent("ann").idle_since == idle


@pytest.mark.parametrize(("basis", "idle"), [("available_since", 90.0), ("last_contact_end", 50.0)])
def test_a_break_sends_to_the_end_of_the_line_only_where_idle_is_counted_from_being_available(
    basis: Any, idle: float
) -> None:
    story = talking(idle_basis=basis)
    story.at(50).happens(TalkEnded("e1"))
    story.happens(WrapUpDone("ann"))
    story.happens(StateAsked("ann", "break", "lunch"))
    story.at(90).happens(StateAsked("ann", "available"))
    assert story.agent("ann").idle_since == idle


def test_after_an_abusive_call_the_agent_catches_their_breath_and_comes_back_by_themselves() -> None:
    story = talking(recovery_break=180.0)
    story.at(50).happens(TalkEnded("e1"))
    story.happens(WrapUpDone("ann", "abusive"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("break", "recovery")
    story.ticks(229.75)
    assert story.agent("ann").state == "break"
    story.ticks(230.0)
    assert (story.agent("ann").state, story.agent("ann").idle_since) == ("available", 230.0)


def test_a_break_that_the_agent_asked_for_outlasts_the_one_for_recovery() -> None:
    story = talking(recovery_break=180.0)
    story.at(50).happens(TalkEnded("e1"))
    story.happens(StateAsked("ann", "break", "lunch"))
    story.happens(WrapUpDone("ann", "abusive"))
    story.ticks(400.0, every=10.0)
    assert (story.agent("ann").state, story.agent("ann").reason) == ("break", "lunch")


def test_who_takes_one_call_only_pauses_after_it() -> None:
    story = Story(QueueSettings("general", wrap_up=WrapUp("none")))
    story.comes(profile("ann", one_shot=True))
    story.joins("e1")
    story.answers("ann")
    story.happens(TalkEnded("e1"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("break", "one_shot")


def test_hold_and_consultation_are_not_talk() -> None:
    story = talking()
    story.at(30).happens(HoldBegan("ann"))
    assert story.agent("ann").state == "on_hold"
    with pytest.raises(NotNow):
        story.happens(ConsultEnded("ann"))
    story.at(40).happens(HoldEnded("ann"))
    story.at(50).happens(ConsultBegan("ann"))
    story.at(65).happens(ConsultEnded("ann"))
    story.at(70).happens(HoldBegan("ann"))
    story.at(75).happens(TalkEnded("e1", "customer"))
    carried = story.carried("call.completed")
    assert (carried["talk"], carried["hold"], carried["wait"], carried["by"]) == (35.0, 30.0, 0, "customer")
    assert story.agent("ann").times(75.0) == {
        "break": 0.0, "available": 10.0, "reserved": 0.0, "ringing": 0.0, "on_call": 35.0, "on_hold": 15.0,
        "consulting": 15.0, "wrap_up": 0.0,
    }  # fmt: skip
    assert story.happens(TalkEnded("e1")) == []


def test_a_silent_desk_is_logged_out_and_its_live_call_goes_on() -> None:
    story = talking()
    story.happens(AgentSeen("ann"))
    story.ticks(24.75)
    assert story.agent("ann").next_state is None
    story.ticks(25.0)
    assert (story.agent("ann").state, story.agent("ann").next_state) == ("on_call", "offline")
    story.at(40).happens(StateAsked("ann", "break", "rest"))
    story.happens(TalkEnded("e1"))
    story.happens(WrapUpDone("ann"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("offline", "heartbeat_lost")
    with pytest.raises(NotThere):
        story.happens(AgentSeen("bob"))


def test_who_is_heard_of_stays() -> None:
    story = Story()
    story.comes(profile("ann"))
    for moment in range(0, 60, 10):
        story.at(moment).happens(AgentSeen("ann"))
        story.happens(Tick())
    assert story.agent("ann").state == "available"


def test_logging_out_in_wrap_up_ends_it() -> None:
    story = talking()
    story.at(50).happens(TalkEnded("e1"))
    story.happens(AgentLoggedOut("ann"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("offline", "logout")
    assert story.agent("ann").seconds_today(99.0) == 50.0
    assert story.agent("ann").times(99.0)["on_call"] == 40.0
    story.happens(AgentLoggedIn("ann", available=True))
    assert story.agent("ann").seconds_today(60.0) == 60.0


def test_an_agent_in_a_call_cannot_be_forgotten() -> None:
    story = talking()
    with pytest.raises(NotNow, match="in a call"):
        story.happens(AgentForgotten("ann"))


def test_the_counts_of_the_day_survive_a_restart_and_begin_anew_at_midnight() -> None:
    story = Story()
    story.happens(AgentKnown(profile("ann"), KeptState("ann", "break", "", 0.0, 7, 900.0, 3_600.0)))
    story.happens(AgentLoggedIn("ann", available=True))
    agent = story.agent("ann")
    assert (agent.calls_today, agent.talk_today, agent.seconds_today(100.0)) == (7, 900.0, 3_700.0)
    assert agent.kept(100.0, "2026-11-22") == KeptState("ann", "available", "", 0.0, 7, 900.0, 3_700.0, "2026-11-22")
    story.happens(AgentKnown(profile("bob")))
    story.at(200).happens(DayBegan())
    assert (agent.calls_today, agent.talk_today, agent.seconds_today(250.0)) == (0, 0.0, 50.0)
    assert sum(agent.times(250.0).values()) == 250.0


@pytest.mark.parametrize(("counts", "idle"), [(True, 60.0), (False, 0.0)])
def test_other_work_moves_an_agent_to_the_end_of_the_line_only_if_the_queue_says_so(counts: bool, idle: float) -> None:
    story = Story(QueueSettings("general", outbound_counts=counts))
    story.comes(profile("ann"))
    story.at(10).happens(OutboundBegan("ann"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("on_call", "outbound")
    story.at(60).happens(OutboundEnded("ann"))
    assert (story.agent("ann").state, story.agent("ann").idle_since) == ("available", idle)
    story.happens(StateAsked("ann", "break", "meeting"))
    story.happens(OutboundBegan("ann"))
    story.happens(OutboundEnded("ann"))
    assert (story.agent("ann").state, story.agent("ann").reason) == ("break", "meeting")


# -- the caller goes on to somebody else


def test_a_lost_line_brings_the_caller_back_to_the_old_place_and_frees_the_agent() -> None:
    story = talking()
    story.at(100).happens(AgentLineLost("e1"))
    entry = story.centre.floor.entries["e1"]
    assert (entry.enqueued_at, entry.joined_at, entry.base_priority, entry.avoid) == (10, 100, 30, {"ann"})
    assert BackInLine("e1") in story.effects
    assert (story.agent("ann").state, story.agent("ann").ready_at) == ("available", 105.0)
    assert story.happens(AgentLineLost("e1")) == []
    assert dict(story.centre.why("e1", 106.0).agents)["ann"] == "is to be avoided for this caller"


def test_a_caller_given_to_another_queue_waits_there_and_is_ahead() -> None:
    story = talking()
    story.comes(profile("bob", "loans"))
    story.happens(QueueConfigured(QueueSettings("loans", age_rate=2.0)))
    story.at(60).happens(CallTransferred("e1", "", "loans"))
    assert story.rung() == [("e1", "bob")]
    entry = story.centre.floor.entries["e1"]
    assert (entry.queue, entry.enqueued_at, entry.base_priority, entry.age_rate) == ("loans", 10, 30, 2.0)
    assert story.carried("call.transferred") == {"target": "loans", "hold": 0.0, "talk": 50.0}
    with pytest.raises(NotNow, match="none of our agents"):
        story.happens(CallTransferred("e1", "", "general"))


def test_a_caller_given_out_of_our_hands_is_gone() -> None:
    story = talking()
    assert Left("e1", "transferred", "ann") in story.happens(CallTransferred("e1", "+15555550100"))
    assert story.agent("ann").state == "wrap_up"


def test_whoever_was_consulted_may_take_the_caller_over() -> None:
    story = talking()
    story.comes(profile("bob"))
    with pytest.raises(NotNow, match="only who was consulted"):
        story.happens(HandedOver("e1", "bob"))
    story.happens(OutboundBegan("bob"))
    story.at(50).happens(HandedOver("e1", "bob"))
    assert [story.agent(name).state for name in ("ann", "bob")] == ["wrap_up", "on_call"]
    story.at(90).happens(TalkEnded("e1"))
    assert story.carried("call.completed")["talk"] == 40.0
    assert Left("e1", "connected", "bob") in story.effects


def test_somebody_from_outside_may_take_the_caller_over() -> None:
    story = talking()
    story.happens(HandedOver("e1", "expert"))
    assert story.agent("ann").state == "wrap_up"
    with pytest.raises(NotNow, match="none of our agents"):
        story.happens(HandedOver("e1", "other"))
    assert Left("e1", "connected", "") in story.happens(TalkEnded("e1"))
    again = talking()
    again.happens(HandedOver("e1", "expert"))
    again.happens(AgentLineLost("e1"))
    assert again.centre.floor.entries["e1"].state == "waiting"


def test_two_queues_may_wish_different_things_of_outbound_work() -> None:
    story = Story(QueueSettings("general"), replace(QueueSettings("quiet"), outbound_counts=False))
    story.comes(profile("ann", "general", "quiet"))
    story.at(10).happens(OutboundBegan("ann"))
    story.at(60).happens(OutboundEnded("ann"))
    assert story.agent("ann").idle_since == 0.0
