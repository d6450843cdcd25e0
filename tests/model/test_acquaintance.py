"""What earlier calls of a customer say for this one: who is rung first, who never, and whether they call again."""

import pytest

from ivr.model.acquaintance import Acquaintance, PastCall, PastRules, acquainted
from ivr.model.people import Handoff

DAY = 86_400.0
NOW = 1_000 * DAY


def ago(days: float, matter: str = "card_lost", agent: str = "ann", score: int | None = None) -> PastCall:
    return PastCall(NOW - days * DAY, matter, agent, score)


@pytest.mark.parametrize(
    ("past", "matter", "found"),
    [
        ([], "card_lost", Acquaintance()),
        ([ago(1)], "card_lost", Acquaintance(last_agent="ann", is_repeat=True)),
        ([ago(1)], "loan", Acquaintance()),
        ([ago(5)], "card_lost", Acquaintance(last_agent="ann")),
        ([ago(8)], "card_lost", Acquaintance()),
        ([ago(5, agent="ann"), ago(2, agent="bob")], "card_lost", Acquaintance(last_agent="bob", is_repeat=True)),
        ([ago(2, matter="loan", agent="bob"), ago(5)], "card_lost", Acquaintance(last_agent="ann")),
        ([ago(1, agent="")], "card_lost", Acquaintance(is_repeat=True)),
        # What it was about is not known of one of them: close together it is taken for the same.
        ([ago(2)], "", Acquaintance(last_agent="ann", is_repeat=True)),
        ([ago(4)], "", Acquaintance()),
        ([ago(2, matter="")], "card_lost", Acquaintance(last_agent="ann", is_repeat=True)),
        ([ago(1, score=2)], "card_lost", Acquaintance(avoid=frozenset({"ann"}), is_repeat=True)),
        ([ago(1, score=3)], "card_lost", Acquaintance(last_agent="ann", is_repeat=True)),
        ([ago(60, matter="loan", score=1)], "card_lost", Acquaintance(avoid=frozenset({"ann"}))),
        ([ago(91, score=1)], "card_lost", Acquaintance()),
        ([ago(1, agent="", score=1)], "card_lost", Acquaintance(is_repeat=True)),
        # The low score was bob's; ann is not to blame for it.
        ([ago(1, agent="bob", score=1), ago(2)], "card_lost", Acquaintance(avoid=frozenset({"bob"}), is_repeat=True)),
    ],
)
def test_earlier_calls_say_whom_to_ring_and_whom_not(past: list[PastCall], matter: str, found: Acquaintance) -> None:
    assert acquainted(past, (), matter, NOW) == found


def test_who_a_complaint_was_about_is_not_rung_again() -> None:
    assert acquainted([ago(1)], ["ann", ""], "card_lost", NOW) == Acquaintance(avoid=frozenset({"ann"}), is_repeat=True)


def test_who_gave_up_in_the_queue_gains_nothing_by_calling_again() -> None:
    gave_up = PastCall(NOW - 60.0, "card_lost", was_in_vain=True)
    assert acquainted([gave_up], (), "card_lost", NOW) == Acquaintance()


def test_each_rule_can_be_switched_off() -> None:
    off = PastRules(sticky_days=0.0, repeat_hours=0.0, low_score=0, avoid_days=0.0)
    assert acquainted([ago(1, score=1)], (), "card_lost", NOW, off) == Acquaintance()


@pytest.mark.parametrize(
    ("from_the_flow", "shown"),
    [
        (Handoff("c1"), ("C-7", "vip", 1)),
        (Handoff("c1", customer="C-9", tier="gold", authentication_level=2), ("C-9", "gold", 2)),
        (Handoff("c1", customer="C-9"), ("C-9", "vip", 0)),
    ],
)
def test_what_the_flow_found_out_counts_before_what_was_kept(
    from_the_flow: Handoff, shown: tuple[str, str, int]
) -> None:
    told = Acquaintance(customer="C-7", tier="vip").added_to(from_the_flow)
    assert (told.customer, told.tier, told.authentication_level) == shown
    assert Acquaintance().added_to(from_the_flow) is from_the_flow
