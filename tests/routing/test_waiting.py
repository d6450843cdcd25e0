"""Coming into a queue, waiting there, and leaving it without an answer (domain.md 2.2.6, 2.2.7, 2.2.9)."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.model.people import AgentState, Requirement
from ivr.model.routing import CallbackRules, KeptPlace, KeptState, QueueSettings, RoutingStep, WrapUp
from ivr.routing.effects import BeingRung, CallBackNow, Left, Moved
from ivr.routing.happenings import (
    AgentKnown,
    AgentLineLost,
    AgentLoggedIn,
    AgentLoggedOut,
    CallbackAnswered,
    CallbackFailed,
    CallerLeft,
    HoldBegan,
    OfferFailed,
    PlaceRestored,
    StateAsked,
    TalkEnded,
)
from tests.routing.kit import CARD, Story, profile

WAITS = QueueSettings("general", join_empty=True, leave_when_empty=False)


def left(story: Story) -> list[tuple[str, str]]:
    return [(one.entry_id, one.outcome) for one in story.effects if isinstance(one, Left)]


def busy(*queues: QueueSettings) -> Story:
    """ann serves general and talks with e0 since second 0."""
    story = Story(*(queues or (QueueSettings("general"),)))
    story.comes(profile("ann"))
    story.joins("e0")
    story.answers("ann")
    return story


# -- coming in


def test_without_any_agent_every_queue_is_closed() -> None:
    story = Story(WAITS)
    story.joins("e1")
    assert left(story) == [("e1", "closed")]


def test_a_closed_queue_sends_to_where_it_overflows_to_or_away() -> None:
    closed = {"general", "night"}
    story = Story(
        replace(QueueSettings("general"), overflow="day"), QueueSettings("day"), QueueSettings("night"),
        is_open=lambda queue, at: queue not in closed,
    )  # fmt: skip
    story.comes(profile("ann", "day", "night"))
    story.joins("e1")
    assert (story.rung(), story.events()[:2]) == ([("e1", "ann")], ["queue.refused", "queue.entered"])
    story.joins("e2", "night")
    assert left(story) == [("e2", "closed")]


def test_a_queue_where_nobody_at_work_could_serve_does_not_let_anybody_in() -> None:
    story = Story()
    story.comes(profile("ann"))
    story.joins("e1", "general", CARD)
    assert left(story) == [("e1", "exited_empty")]
    story.happens(StateAsked("ann", "break", "lunch"))
    story.joins("e2")
    assert left(story) == [("e2", "exited_empty")]
    story.joins("e3", steps=(RoutingStep(),))
    assert left(story) == [("e3", "exited_empty")]


def test_an_agent_who_will_leave_after_this_call_serves_nobody_else() -> None:
    story = busy()
    story.joins("e1")
    assert left(story) == []
    story.happens(StateAsked("ann", "break", "lunch"))
    story.joins("e2")
    assert left(story) == [("e2", "exited_empty")]


def test_a_full_queue_lets_nobody_in_and_overflow_does_not_go_in_circles() -> None:
    story = busy(QueueSettings("general", max_size=1, overflow="second"), QueueSettings("second", overflow="general"))
    story.joins("e1")
    story.joins("e2")
    assert left(story) == [("e2", "closed")]
    assert [one for one in story.events() if one == "queue.refused"] == ["queue.refused", "queue.refused"]


def test_joining_twice_is_joining_once() -> None:
    story = busy()
    story.joins("e1")
    assert story.joins("e1") == []


# -- whom they know


@pytest.mark.parametrize("state", ["available", "ends_soon", "wraps_up"])
def test_an_agent_who_knows_the_caller_is_waited_for_if_they_are_free_soon(state: str) -> None:
    story = Story()
    story.comes(profile("bob"))
    story.comes(profile("ann"))
    if state != "available":
        story.joins("e0", last_agent="ann")
        story.answers("ann")
        story.at(200)
    if state == "wraps_up":
        story.happens(TalkEnded("e0"))
    story.joins("e1", last_agent="ann")
    if state == "available":
        assert story.rung() == [("e1", "ann")]
        return
    assert story.rung() == []
    assert story.centre.why("e1", story.now).steps[0] == "only ann for 30 s"
    late = story.rung(story.ticks(230.0))
    assert late == ([("e1", "ann")] if state == "wraps_up" else [("e1", "bob")])


@pytest.mark.parametrize("case", ["talks_long", "rated_badly", "not_here", "elsewhere", "off", "reserved", "on_break"])
def test_nobody_is_waited_for_in_vain(case: str) -> None:
    story = Story(QueueSettings("general", sticky=case != "off"))
    story.comes(profile("bob"))
    story.comes(profile("ann", "loans" if case == "elsewhere" else "general"))
    if case in ("talks_long", "reserved"):
        story.joins("e0", last_agent="ann")
        if case == "talks_long":
            story.answers("ann")
    if case == "on_break":
        story.happens(StateAsked("ann", "break", "rest"))
    story.joins("e1", last_agent="cid" if case == "not_here" else "ann",
                avoid=frozenset({"ann"}) if case == "rated_badly" else frozenset())  # fmt: skip
    assert story.rung() == [("e1", "ann" if case in ("off", "not_here") else "bob")]


def test_an_angry_caller_has_who_is_good_at_complaints_first_if_one_is_free() -> None:
    wish = Requirement("complaint", mandatory=False)
    story = Story(QueueSettings("general"))
    story.comes(profile("bob"))
    story.comes(profile("cara", skills={"lang:en": 5, "complaint": 2}))
    story.joins("e1", "general", wish)
    assert story.rung() == [("e1", "cara")]
    story.at(1).joins("e2", "general", wish)
    assert story.centre.floor.entries["e2"].state == "offered", "nobody waits for it"


def test_vips_have_their_team_first_if_there_is_one() -> None:
    story = Story(WAITS)
    story.happens(AgentKnown(profile("bob")))
    story.joins("e1", tier="vip")
    assert story.centre.why("e1", 0.0).steps == ("lang:en>=1",)
    story.comes(profile("vera", skills={"lang:en": 5, "team:vip": 1}))
    story.happens(CallerLeft("e1"))
    story.happens(OfferFailed("o1", "rejected"))
    story.at(20).joins("e2", tier="vip")
    assert story.centre.why("e2", 20.0).steps == ("lang:en>=1, team:vip>=1 for 30 s", "lang:en>=1")
    assert story.rung() == [("e2", "vera")]
    story.joins("e3", tier="vip")
    assert story.centre.why("e3", 20.0).steps == ("lang:en>=1",), "the team is busy: everybody is asked at once"


# -- time passes


def test_steps_expire_on_time_and_the_place_stays() -> None:
    story = Story(WAITS)
    story.comes(profile("ann"))
    story.joins("e1", "general", Requirement("card", 2))
    assert story.centre.why("e1", 0.0).next_step_in == 20.0
    story.ticks(70.0, every=70.0)
    assert story.events().count("queue.step_expired") == 1
    assert story.centre.floor.entries["e1"].enqueued_at == 0.0


def test_custom_steps_may_end_with_keeping_the_last_or_with_anybody() -> None:
    steps = (RoutingStep((CARD, Requirement("lang:en")), expires_after=10.0),)
    story = Story(WAITS, replace(WAITS, name="open", on_exhausted="any_in_queue"))
    story.comes(profile("ann", "general", "open"))
    story.joins("e1", steps=steps)
    story.joins("e2", "open", steps=steps)
    assert story.rung(story.ticks(9.75)) == []
    assert story.rung(story.ticks(10.0)) == [("e2", "ann")]
    assert story.centre.why("e1", 50.0).next_step_in == 0.0


def test_who_exhausts_the_steps_overflows_but_not_while_being_rung() -> None:
    story = Story(QueueSettings("general", on_exhausted="overflow", overflow="rest", last_step=10.0),
                  QueueSettings("rest"))  # fmt: skip
    story.comes(profile("ann"))
    story.comes(profile("bob", "rest"))
    story.joins("e1")
    assert story.rung() == [("e1", "ann")]
    story.centre.floor.entries["e1"].step_since = -100.0
    assert story.ticks(1.0) == []
    story.happens(OfferFailed("o1", "rejected"))
    assert story.rung() == [("e1", "bob")]
    assert story.carried("queue.timed_out")["reason"] == "exhausted"


def test_the_longest_wait_ends_in_another_queue_with_the_old_place_or_outside() -> None:
    story = busy(QueueSettings("general", max_wait=60, overflow="rest"), QueueSettings("rest", max_wait=30))
    story.joins("e1")
    story.ticks(60.0)
    assert (story.carried("queue.timed_out")["overflow"], story.events()) == (
        "rest", ["queue.timed_out", "queue.entered"],
    )  # fmt: skip
    entry = story.centre.floor.entries["e1"]
    assert (entry.queue, entry.enqueued_at, entry.joined_at) == ("rest", 0.0, 60.0)
    story.ticks(90.0)
    assert (left(story), story.events()) == ([("e1", "timed_out")], ["queue.timed_out"])


def moved(story: Story) -> list[tuple[str, str]]:
    return [(one.entry_id, one.queue) for one in story.all if isinstance(one, Moved)]


def test_who_is_sent_on_at_the_door_or_after_a_while_has_the_music_of_the_queue_they_wait_in() -> None:
    story = busy(QueueSettings("general", max_wait=60, overflow="rest"), QueueSettings("rest"),
                 QueueSettings("unserved", overflow="general"))  # fmt: skip
    story.joins("e1")
    assert moved(story) == []
    story.ticks(60.0)
    assert (moved(story), story.centre.floor.entries["e1"].first_queue) == ([("e1", "rest")], "general")
    story.joins("e2", "unserved")
    assert moved(story)[1:] == [("e2", "general")]
    assert story.centre.floor.entries["e2"].first_queue == "unserved"


def test_emergencies_that_are_no_longer_rare_are_told_of_once() -> None:
    story = busy()
    for number in range(38):
        story.joins(f"n{number}")
    told = [story.events(story.joins(f"u{number}", emergency=True)) for number in range(4)]
    assert [names.count("routing.many_emergencies") for names in told] == [0, 0, 1, 0]
    assert story.carried("routing.many_emergencies") == {"share": 0.071, "of": 42}
    for number in range(40):
        story.joins(f"m{number}")
    again = [story.events(story.joins(f"w{number}", emergency=True)) for number in range(3)]
    assert sum(names.count("routing.many_emergencies") for names in again) == 1


def test_nobody_is_taken_out_while_being_rung() -> None:
    story = Story(QueueSettings("general", max_wait=5.0))
    story.comes(profile("ann"))
    story.joins("e1")
    assert story.ticks(24.75) == []
    story.ticks(25.0)
    assert left(story) == [("e1", "timed_out")]


def test_an_overflow_that_is_closed_is_no_way_out() -> None:
    story = Story(QueueSettings("general", max_wait=60, overflow="rest"), is_open=lambda queue, at: queue != "rest")
    story.comes(profile("ann"))
    story.joins("e0")
    story.answers("ann")
    story.joins("e1")
    story.ticks(60.0)
    assert left(story) == [("e1", "timed_out")]


@pytest.mark.parametrize("comes_back", [False, True])
def test_when_the_last_agent_has_gone_callers_leave_after_a_while(comes_back: bool) -> None:
    story = busy(QueueSettings("general", wrap_up=WrapUp("none")))
    story.joins("e1", "general", Requirement("lang:en"))
    story.at(10).happens(StateAsked("ann", "break", "lunch"))
    story.ticks(25.0)
    if comes_back:
        story.happens(StateAsked("ann", "available"))
    assert story.events(story.ticks(39.75)) == []
    story.ticks(40.0)
    assert left(story) == ([] if comes_back else [("e1", "exited_empty")])


def test_where_the_last_agent_goes_another_queue_may_help() -> None:
    story = busy(QueueSettings("general", overflow="rest"), QueueSettings("rest"))
    story.joins("e1")
    story.happens(StateAsked("ann", "break", "lunch"))
    story.ticks(60.0)
    assert story.centre.floor.entries["e1"].queue == "rest"
    assert story.carried("queue.exited_empty")["overflow"] == "rest"


# -- leaving


def test_who_hangs_up_is_counted_and_may_have_the_place_again_for_a_minute() -> None:
    story = busy()
    story.at(100).joins("e1", caller="+15555550100")
    story.at(102).happens(CallerLeft("e1"))
    assert story.carried("queue.abandoned") == {"position": 1, "original_position": 1, "wait": 2, "short": True}
    story.at(150).joins("e2", caller="+15555550100")
    assert story.centre.floor.entries["e2"].enqueued_at == 100
    story.at(160).happens(CallerLeft("e2"))
    assert story.carried("queue.abandoned")["short"] is False
    story.ticks(221.0)
    assert story.centre.floor.former == {}
    story.joins("e3", caller="+15555550100")
    assert story.centre.floor.entries["e3"].enqueued_at == 221.0


def test_who_hangs_up_where_they_overflowed_to_has_the_place_when_they_call_the_first_queue_again() -> None:
    story = busy(QueueSettings("general", max_wait=60, overflow="rest"), QueueSettings("rest"))
    story.joins("e1", caller="+1555")
    story.ticks(60.0)
    story.happens(CallerLeft("e1"))
    story.at(70.0).joins("e2", caller="+1555")
    assert (story.centre.floor.entries["e2"].enqueued_at, story.centre.floor.former) == (0.0, {})
    story.joins("e3", caller="+1555")
    assert story.centre.floor.entries["e3"].enqueued_at == 70.0, "a place is given back once"


def test_after_a_restart_who_had_overflowed_finds_the_place_where_they_came_from() -> None:
    story = busy(QueueSettings("general", overflow="rest"), QueueSettings("rest"))
    story.happens(PlaceRestored(KeptPlace("e9", "c9", "rest", "+1555", -50.0)))
    story.joins("e1", caller="+1555")
    assert (story.centre.floor.entries["e1"].enqueued_at, {*story.centre.floor.former}) == (
        -50.0, {("c9", "rest"), ("c9", "general")},
    )  # fmt: skip


def test_a_key_leads_out() -> None:
    story = busy()
    story.joins("e1")
    story.at(5).happens(CallerLeft("e1", "exited_with_key", key="2"))
    assert story.carried("queue.exited_with_key") == {"position": 1, "wait": 5, "key": "2"}
    assert left(story) == [("e1", "exited_with_key")]
    assert story.happens(CallerLeft("e1")) == []


def test_who_talks_can_only_hang_up() -> None:
    story = busy()
    assert story.happens(CallerLeft("e0", "exited_with_key")) == []
    story.happens(HoldBegan("ann"))
    story.happens(CallerLeft("e0"))
    assert (left(story), story.carried("call.completed")["by"]) == ([("e0", "connected")], "customer")


# -- callbacks


def callback(mode: Any = "agent_first", **more: Any) -> Story:
    """e1 waits to be called back from second 70 on; ann is free again since second 61."""
    rules = CallbackRules(mode, max_attempts=2, retry_delay=30.0)
    story = busy(QueueSettings("general", wrap_up=WrapUp("none"), callback=rules, **more))
    story.at(10).joins("e1", caller="+15555550100")
    story.happens(CallerLeft("e1", "callback", number="+15555550100"))
    assert left(story) == [("e1", "callback")]
    story.at(61).happens(TalkEnded("e0"))
    return story


def test_an_agent_accepts_and_then_the_customer_is_called() -> None:
    story = callback()
    assert story.rung(story.ticks(69.75)) == []
    assert story.rung(story.ticks(70.0)) == [("e1", "ann")]
    assert BeingRung("e1") not in story.effects
    story.answers("ann")
    assert CallBackNow("e1", "+15555550100", "o2", "ann") in story.effects
    story.at(75).happens(CallbackAnswered("e1"))
    assert story.carried("queue.connected")["hold"] == 65
    assert story.happens(CallbackAnswered("e1")) == []
    story.happens(TalkEnded("e1"))
    assert left(story) == [("e1", "connected")]


def test_a_customer_who_is_not_reached_is_tried_again_and_then_given_up() -> None:
    story = callback()
    story.ticks(70.0)
    story.answers("ann")
    story.happens(CallbackFailed("e1", "no_answer"))
    assert story.agent("ann").state == "available"
    assert story.rung(story.ticks(99.75)) == []
    story.ticks(100.0)
    story.answers("ann")
    story.happens(CallbackFailed("e1", "busy"))
    assert story.carried("queue.callback_ended") == {"outcome": "busy", "attempts": 2}
    assert left(story) == [("e1", "callback")]
    assert story.happens(CallbackFailed("e1", "busy")) == []


def test_whom_nobody_could_call_for_days_is_not_called_any_more() -> None:
    story = busy(QueueSettings("general", callback=CallbackRules(expires_after=1000.0)))
    story.joins("e1")
    story.happens(CallerLeft("e1", "callback", number="+15555550100"))
    story.at(999.0).happens(TalkEnded("nobody"))
    assert "e1" in story.centre.floor.entries
    story.at(1000.0).happens(TalkEnded("nobody"))
    assert (left(story), story.carried("queue.callback_ended")) == (
        [("e1", "callback")], {"outcome": "expired", "attempts": 0},
    )  # fmt: skip


def test_a_customer_who_declines_is_not_called_again() -> None:
    story = callback()
    story.ticks(70.0)
    story.answers("ann")
    story.happens(CallbackFailed("e1", "declined"))
    assert left(story) == [("e1", "callback")]


def test_the_customer_may_be_called_first_and_is_then_next() -> None:
    story = callback("customer_first", max_wait=100)
    assert CallBackNow("e1", "+15555550100") in story.ticks(70.0)
    assert story.agent("ann").state == "available"
    story.at(200).happens(CallbackAnswered("e1"))
    assert story.rung() == [("e1", "ann")]
    assert story.centre.floor.entries["e1"].enqueued_at == 10


def test_who_is_called_first_does_not_keep_an_agent_from_others() -> None:
    story = callback("customer_first")
    story.at(68).happens(StateAsked("ann", "break", "rest"))
    story.happens(AgentKnown(profile("bob")))
    story.centre.floor.queues["general"] = replace(story.centre.floor.queues["general"], join_empty=True)
    story.at(69).joins("e2")
    story.at(71).happens(StateAsked("ann", "available"))
    assert CallBackNow("e1", "+15555550100") in story.effects
    assert story.rung() == [("e2", "ann")]


def test_a_called_customer_may_hang_up_and_an_agent_may_vanish() -> None:
    story = callback()
    story.ticks(70.0)
    story.answers("ann")
    story.happens(AgentLineLost("e1"))
    assert (story.agent("ann").state, story.centre.floor.entries["e1"].state) == ("available", "calling")
    story.happens(AgentLineLost("e1"))
    story.at(80).happens(CallbackAnswered("e1"))
    assert story.centre.floor.entries["e1"].state == "waiting"
    again = callback()
    again.ticks(70.0)
    again.answers("ann")
    again.happens(CallerLeft("e1"))
    assert (left(again), again.agent("ann").state) == ([("e1", "abandoned")], "available")


def test_one_number_has_one_place_and_it_is_the_older_one() -> None:
    story = callback()
    story.joins("e2", caller="+15555550101", enqueued_at=5.0)
    story.happens(StateAsked("ann", "break", "rest"))
    story.happens(CallerLeft("e2", "callback", number="+15555550100"))
    assert story.carried("queue.callback_ended") == {"outcome": "merged"}
    assert list(story.centre.floor.entries) == ["e1"]
    assert story.centre.floor.entries["e1"].enqueued_at == 5.0


def test_who_waits_for_a_call_and_calls_again_talks_now_at_the_place_they_kept() -> None:
    story = busy(WAITS)
    story.at(10).joins("e1", caller="+15555550101")
    story.happens(CallerLeft("e1", "callback", number="+15555550101"))
    story.at(20).joins("e2", caller="+15555550102")
    story.at(30).joins("e3", caller="+15555550101")
    assert story.carried("queue.callback_ended")["outcome"] == "called_again"
    floor = story.centre.floor
    assert {name: entry.enqueued_at for name, entry in floor.entries.items() if name != "e0"} == {"e2": 20, "e3": 10}
    assert [one.entry_id for one in floor.in_line("general", 30.0)] == ["e3", "e2"]
    assert floor.entries["e3"].callback_number == ""


def test_who_calls_another_queue_keeps_the_place_in_this_one() -> None:
    story = busy(WAITS, replace(WAITS, name="other"))
    story.at(10).joins("e1", caller="+15555550101")
    story.happens(CallerLeft("e1", "callback", number="+15555550101"))
    story.at(20).joins("e2", "other", caller="+15555550101")
    story.joins("e3")
    assert set(story.centre.floor.entries) == {"e0", "e1", "e2", "e3"}


def test_a_callback_outlives_waits_and_empty_queues() -> None:
    story = callback(max_wait=100)
    story.happens(AgentLoggedOut("ann"))
    story.ticks(500.0, every=5.0)
    assert "e1" in story.centre.floor.entries


# -- after a restart


def test_callbacks_go_on_and_callers_find_their_place_by_call_or_by_number() -> None:
    story = Story(WAITS)
    story.at(1_000).comes(profile("ann"))
    story.happens(StateAsked("ann", "break", "rest"))
    story.happens(PlaceRestored(KeptPlace("e1", "c1", "general", "+15555550101", 900.0)))
    story.happens(PlaceRestored(KeptPlace("e2", "c2", "general", "", 910.0)))
    story.happens(PlaceRestored(KeptPlace("e3", "c3", "general", "+15555550103", 920.0, 60, True, "vip", "en", (),
                                          ("bob",), "+15555550103", 1, "complaint")))  # fmt: skip
    entry = story.centre.floor.entries["e3"]
    assert (entry.enqueued_at, entry.class_rank, entry.callback_attempts, entry.avoid) == (920.0, 1, 1, {"bob"})
    assert entry.kept() == KeptPlace("e3", "c3", "general", "+15555550103", 920.0, 60, True, "vip", "en", (),
                                     ("bob",), "+15555550103", 1, "complaint")  # fmt: skip
    story.joins("n1", caller="+15555550101")
    story.joins("n2", call_id="c2")
    assert [story.centre.floor.entries[name].enqueued_at for name in ("n1", "n2")] == [900.0, 910.0]
    assert story.rung(story.happens(StateAsked("ann", "available"))) == [("e3", "ann")]


@pytest.mark.parametrize(("was", "waits"), [("available", True), ("on_call", True), ("break", False)])
def test_after_a_restart_agents_who_were_at_work_are_waited_for_a_minute(was: AgentState, waits: bool) -> None:
    story = Story()
    story.at(1_000).happens(AgentKnown(profile("ann"), KeptState("ann", was)))
    story.joins("e1")
    assert left(story) == ([] if waits else [("e1", "exited_empty")])
    story.at(1_061).joins("e2")
    assert left(story) == [("e2", "exited_empty")]
    if waits:
        story.ticks(1_100.0, every=5.0)
        assert "e1" not in story.centre.floor.entries


def test_an_agent_who_came_back_after_a_restart_and_went_again_is_not_waited_for() -> None:
    story = Story()
    story.at(1_000).happens(AgentKnown(profile("ann"), KeptState("ann", "available")))
    story.happens(AgentLoggedIn("ann", available=True))
    story.happens(AgentLoggedOut("ann"))
    story.joins("e1")
    assert left(story) == [("e1", "exited_empty")]
