"""The next-best action: what is built in, in its order, and rules of the house among it."""

from dataclasses import replace
from datetime import UTC, datetime

from ivr.assist.next_best import Advice, Found, last_tried, next_best
from ivr.assist.rules import Rule, Situation, When
from ivr.model.assist import Before
from ivr.model.people import Handoff

WHO = Handoff("c1", customer="Mei Lin", authentication_level=2)
DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def keys(found: list[Advice]) -> list[str]:
    return [one.key or one.rule for one in found]


def test_of_a_calm_customer_who_is_known_nothing_is_to_be_said() -> None:
    assert next_best(Situation(WHO), Found()) == []


def test_the_most_pressing_comes_first_and_four_are_enough() -> None:
    known = Handoff("c1", reason="misrecognized", facts={"card_type": "debit", "intent": "x"})
    now = Situation(known, Before(open_case="k1", open_since=DAY, callback_queue="card_emergency"), "red", 60.0)
    assert next_best(now, Found()) == [
        Advice("advise_red", "red", 100), Advice("advise_hold", "amber", 78),
        Advice("advise_open_case", "amber", 76, {"since": "2026-11-20"}),
        Advice("advise_callback", "amber", 74, {"queue": "card_emergency"}),
    ]  # fmt: skip
    assert keys(next_best(now, Found(), most=9)[4:]) == ["advise_identify", "advise_known", "advise_apologize"][:1] + [
        "advise_known", "advise_apologize",
    ]  # fmt: skip


def test_a_case_whose_opening_is_not_known_is_still_owed() -> None:
    assert next_best(Situation(WHO, Before(open_case="k1")), Found())[0].places == {"since": ""}


def test_who_is_known_and_not_verified_is_verified_and_who_is_upset_is_heard() -> None:
    now = Situation(replace(WHO, authentication_level=1), mood="amber")
    assert keys(next_best(now, Found())) == ["advise_amber", "advise_verify"]


def test_who_calls_again_is_told_that_we_know() -> None:
    before = Before(2, DAY, "lost_card", "follow_up")
    told = {"calls": "2", "when": "2026-11-20"}
    closed = {**told, "matter": "lost_card", "outcome": "follow_up"}
    assert next_best(Situation(WHO, before), Found()) == [Advice("advise_again_closed", "", 60, closed)]
    about = {**told, "matter": "lost_card"}
    assert next_best(Situation(WHO, replace(before, last_disposition="")), Found()) == [
        Advice("advise_again_about", "", 60, about)
    ]
    assert next_best(Situation(WHO, replace(before, last_intent="")), Found()) == [Advice("advise_again", "", 60, told)]


def test_where_the_bot_failed_the_agent_goes_on_from_there() -> None:
    known = replace(WHO, reason="system", tried=("hotline.greet", "hotline.freeze_card", "hotline.person"))
    failed = Advice("advise_started", "", 56, {"step": "freeze_card", "reason": "system"})
    assert next_best(Situation(known), Found()) == [failed]
    assert next_best(Situation(replace(known, reason="direct_request")), Found()) == []
    assert keys(next_best(Situation(replace(known, reason="no_match")), Found())) == [
        "advise_started", "advise_apologize",
    ]  # fmt: skip
    assert last_tried(replace(known, tried=("hotline.person",))) == ""
    assert keys(next_best(Situation(replace(known, tried=())), Found())) == []


def test_a_sure_answer_and_how_cases_alike_were_closed_are_told() -> None:
    sure = Found("what are your fees", 0.7, {"resolved": 3, "follow_up": 1})
    assert next_best(Situation(WHO), sure) == [
        Advice("advise_answer", "accent", 46, {"about": "what are your fees"}),
        Advice("advise_outcome", "", 34, {"outcome": "resolved", "count": "3", "total": "4"}),
    ]
    assert next_best(Situation(WHO), Found("?", 0.5, {"resolved": 2})) == []
    assert next_best(Situation(WHO), Found("", 0.0, {"resolved": 2, "follow_up": 2})) == []


def test_rules_of_the_house_stand_where_their_urgency_puts_them_and_before_equals() -> None:
    rules = (
        Rule(name="low", when=When(), say={"en": "Low."}, urgency=10),
        Rule(name="equal", when=When(), say={"en": "Equal."}, urgency=80, tone="accent"),
        Rule(name="not_now", when=When(queue=("sales",)), say={"en": "No."}, urgency=99),
    )
    found = next_best(Situation(WHO, mood="amber"), Found(), rules)
    assert keys(found) == ["equal", "advise_amber", "low"]
    assert (found[0].words, found[0].tone) == ({"en": "Equal."}, "accent")
