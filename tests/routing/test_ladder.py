"""What is asked of agents gets less with time, but never the language and never the authority to decide."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.people import Requirement
from ivr.model.routing import QueueSettings, RoutingStep
from ivr.routing.ladder import default_ladder, needs_of, sticky_step, vip_step
from ivr.routing.priority import capped, head_start
from ivr.routing.why import in_words

CARD, LOAN, PRODUCT = Requirement("card", 3), Requirement("loan", 2, mandatory=False), Requirement("product:ac", 2)
ENGLISH, REFUND = Requirement("lang:en"), Requirement("authority:refund_500", 2)
QUEUE = QueueSettings("cards", skills=(ENGLISH,))


def test_the_default_ladder_relaxes_levels_then_wishes_then_all_but_domain_and_language() -> None:
    steps = default_ladder(needs_of(QUEUE, (CARD, LOAN, PRODUCT, REFUND), "en"), QUEUE)
    assert [in_words(step) for step in steps] == [
        "card>=3, loan>=2 (optional), product:ac>=2, authority:refund_500>=2, lang:en>=1 for 20 s",
        "card>=2, loan>=1 (optional), product:ac>=1, authority:refund_500>=2, lang:en>=1 for 20 s",
        "card>=2, product:ac>=1, authority:refund_500>=2, lang:en>=1 for 30 s",
        "card>=1, authority:refund_500>=2, lang:en>=1",
    ]


def test_steps_that_ask_the_same_are_one_that_lasts_as_long_as_both() -> None:
    steps = default_ladder((Requirement("card", 2),), QUEUE)
    assert [(step.all_of[0].min_level, step.expires_after) for step in steps] == [(2, 20.0), (1, None)]


def test_a_queue_may_open_to_anybody_at_last_who_speaks_the_language() -> None:
    steps = default_ladder((Requirement("card", 2), ENGLISH), replace(QUEUE, on_exhausted="any_in_queue"))
    assert steps[-1] == RoutingStep((ENGLISH,))
    assert steps[-2].expires_after == 80.0


def test_where_a_queue_overflows_at_last_its_last_step_ends() -> None:
    steps = default_ladder((CARD,), replace(QUEUE, on_exhausted="overflow", overflow="rest"))
    assert [step.expires_after for step in steps] == [20.0, 50.0, 30.0]


def test_a_language_the_flow_asks_for_is_the_one_that_counts() -> None:
    assert needs_of(QueueSettings("q"), (Requirement("lang:fr"),), "en") == (Requirement("lang:fr"),)
    assert needs_of(QueueSettings("q", skills=(Requirement("card", 1),)), (CARD,), "") == (CARD,)


@given(
    st.lists(
        st.builds(
            Requirement, st.sampled_from(["card", "product:ac", "lang:en", "authority:x"]), st.integers(1, 5),
            mandatory=st.booleans(), relaxable=st.sampled_from([None, None, True, False]),
        ),
        unique_by=lambda need: need.skill,
    ),
    st.sampled_from(["keep_last", "any_in_queue", "overflow"]),
)  # fmt: skip
def test_no_step_asks_more_than_the_one_before_and_what_may_not_relax_never_does(
    needs: list[Requirement], on_exhausted: str
) -> None:
    steps = default_ladder(tuple(needs), replace(QUEUE, on_exhausted=on_exhausted))  # type: ignore[arg-type]
    for need in needs:
        asked = [next((one.min_level for one in step.all_of if one.skill == need.skill), 0) for step in steps]
        assert asked == sorted(asked, reverse=True)
        assert need.may_relax or set(asked) == {need.min_level}


def test_vips_and_those_who_know_somebody_get_a_step_of_their_own() -> None:
    assert in_words(vip_step(RoutingStep((CARD,)), 30.0)) == "card>=3, team:vip>=1 for 30 s"
    assert in_words(sticky_step("ann", 30.0)) == "only ann for 30 s"
    assert in_words(RoutingStep(any_of=(CARD, LOAN))) == "one of card>=3|loan>=2"
    assert in_words(RoutingStep()) == "anybody"


@pytest.mark.parametrize(
    ("asked", "tier", "mood", "repeat", "expected"),
    [(0, "", None, False, 0), (0, "vip", None, False, 120), (10, "gold", -0.4, True, 115), (0, "vip", -0.5, True, 285),
     (200, "vip", None, False, 300)],
)  # fmt: skip
def test_head_starts_add_up_to_at_most_300(
    asked: int, tier: str, mood: float | None, repeat: bool, expected: int
) -> None:
    assert head_start(asked, tier, mood, is_repeat=repeat) == expected
    assert capped(-999) == -300
