"""Solved calls in memory: found by meaning, intent and facts, in their language and flow, and let go of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from ivr.assist.cases import Alike, CaseIndex, Matter, marks_of, outcomes_of, wording
from ivr.model.assist import SolvedCase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EAST, NORTH = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
BETWEEN = np.array([0.6, 0.8], np.float32)


def case(call_id: str, **changes: object) -> SolvedCase:
    plain = SolvedCase(call_id, NOON, "bank/hotline", "en", "lost_card", "resolved", ("I lost my card",))
    return replace(plain, **changes)  # type: ignore[arg-type]


def matter(**changes: object) -> Matter:
    return replace(Matter("bank/hotline", "en", "", EAST[None]), **changes)  # type: ignore[arg-type]


def learned(*cases: SolvedCase, vectors: list[np.ndarray] | None = None, most: int = 2_000) -> CaseIndex:
    index = CaseIndex(most)
    index.learn(cases, np.stack(vectors or [EAST] * len(cases)))
    return index


def test_the_most_alike_comes_first_and_what_is_not_alike_is_left_out() -> None:
    index = learned(case("a"), case("b"), case("c"), vectors=[BETWEEN, EAST, NORTH])
    assert index.alike(matter(), 0.4, 9) == [Alike("b", 0.8, "resolved"), Alike("a", 0.48, "resolved")]
    assert index.alike(matter(), 0.4, 1) == [Alike("b", 0.8, "resolved")]


def test_of_all_that_was_said_the_nearest_counts() -> None:
    index = learned(case("a"), case("b"), vectors=[EAST, BETWEEN])
    both = matter(vectors=np.stack([NORTH, EAST]))
    assert [(one.call_id, one.likeness) for one in index.alike(both, 0.4, 9)] == [("a", 0.8), ("b", 0.64)]


def test_the_same_intent_and_the_same_facts_make_cases_more_alike() -> None:
    index = learned(case("a", facts={"product": "AC", "intent": "x"}), case("b", intent=""))
    mine = matter(intent="lost_card", marks=marks_of({"product": "ac", "town": "Beijing"}))
    assert index.alike(mine, 0.0, 9) == [Alike("a", 0.96, "resolved"), Alike("b", 0.8, "resolved")]


def test_other_languages_other_flows_and_the_call_itself_are_no_cases() -> None:
    index = learned(case("a", language="zh"), case("b", flow="shop/hotline"), case("c"))
    assert index.alike(matter(call_id="c"), 0.0, 9) == []
    assert [one.call_id for one in index.alike(matter(language="zh"), 0.0, 9)] == ["a"]
    assert index.alike(matter(language="ko"), 0.0, 9) == []


def test_what_is_erased_or_too_old_is_gone_and_the_oldest_make_room() -> None:
    index = learned(case("a"), case("b", at=NOON - timedelta(days=9)), case("c", at=NOON - timedelta(days=5)))
    assert len(index.alike(matter(), 0.0, 9)) == 3
    index.forget(["a", "nobody"])
    assert index.known == {"b", "c"}
    index.forget_before(NOON - timedelta(days=7))
    assert index.known == {"c"}
    assert [one.call_id for one in index.alike(matter(), 0.0, 9)] == ["c"]
    crowded = learned(case("new"), case("old", at=NOON - timedelta(days=1)), most=1)
    assert crowded.known == {"new"}
    assert len(crowded) == 1


def test_a_call_that_is_learned_again_is_one_case() -> None:
    index = learned(case("a"))
    index.learn([case("a", disposition="follow_up")], np.stack([EAST]))
    assert index.alike(matter(), 0.0, 9) == [Alike("a", 0.8, "follow_up")]


def test_of_what_was_said_only_what_tells_the_matter_is_compared() -> None:
    assert wording(["yes", "I lost my card", "no", "it was on the train"]) == "I lost my card it was on the train"
    assert wording(["是的", "我的银行卡丢了"]) == "我的银行卡丢了"
    assert wording(["yes", "no"]) == ""
    assert len(wording(["word " * 200])) == 400
    assert wording(f"this is turn {number}" for number in range(20)).endswith("turn 5")


def test_facts_are_kept_as_marks_that_cannot_be_read() -> None:
    assert marks_of({"product": "AC"}) == marks_of({"product": "ac", "empty": "", "language": "en"})
    assert marks_of({"product": "AC"}) != marks_of({"product": "TV"})
    assert marks_of({}) == frozenset()


def test_outcomes_are_counted_the_most_frequent_first() -> None:
    alike = [Alike("a", 0.9, "follow_up"), Alike("b", 0.8, "resolved"), Alike("c", 0.7, "resolved")]
    assert list(outcomes_of(alike).items()) == [("resolved", 2), ("follow_up", 1)]
