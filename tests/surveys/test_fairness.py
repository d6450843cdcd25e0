"""Who hung up first, asking for good marks, and agents whose callers are never asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.model.calls import CallRecord, Turn
from ivr.surveys.fairness import HungUp, Reach, outliers, reach_by_agent, solicits, steering_flags, who_hung_up
from tests.store.samples import ended_call

TALK = Turn(3, "with_agent", heard="thanks", said=("Goodbye.",), began_at=9.0, ended_at=10.0)


def talked(*turns: Turn, seconds: float = 12.0, **changes: object) -> CallRecord:
    call = ended_call("c1", turns=turns, stats={"agents": ["ann"], "queues": ["desk"]}, disconnect_by="customer")
    assert call.answered_at
    return replace(call, ended_at=call.answered_at + timedelta(seconds=seconds), **changes)  # type: ignore[arg-type]


def test_the_gap_is_from_the_last_words_of_the_agent_to_the_end() -> None:
    assert who_hung_up(talked(TALK)) == HungUp("customer", 2.0)


def test_without_an_agent_it_is_from_our_last_words() -> None:
    bot = Turn(1, "bye", said=("Goodbye.",), ended_at=3.0, answered_at=4.0)
    assert who_hung_up(talked(bot, seconds=5.0)) == HungUp("customer", 1.0)


def test_a_call_in_which_nothing_was_said_has_no_gap() -> None:
    assert who_hung_up(talked()).gap is None
    assert who_hung_up(replace(talked(TALK), ended_at=None)).gap is None


@pytest.mark.parametrize(
    "words",
    [
        "please give me a five", "could you press 5 for me", "leave a good rating please", "a five star rating please",
        "麻烦给个五分", "请给个满意", "您给个好评吧", "打5分可以吗", "按五就行", "求好评",
    ],
)  # fmt: skip
def test_asking_for_a_good_mark_is_noticed(words: str) -> None:
    assert solicits(words)


@pytest.mark.parametrize(
    "words",
    [
        "it takes five days", "your branch opens at five", "are you satisfied with that", "there is a survey now",
        "五天以后到", "您对这个方案满意吗", "五号楼在左边", "接下来有一个评价",
    ],
)  # fmt: skip
def test_other_words_are_not(words: str) -> None:
    assert not solicits(words)


def test_flags_of_one_call() -> None:
    asks = replace(TALK, said=("Please give me a five.",))
    assert steering_flags(talked(asks)) == {"survey_solicitation"}
    assert steering_flags(talked(TALK, disconnect_by="agent")) == {"agent_first_disconnect"}
    assert steering_flags(talked(TALK, seconds=31.0)) == {"dead_air_before_end"}
    moved = talked(TALK, stats={"queues": ["a", "b"]}, end_reason="abandoned_in_queue")
    assert steering_flags(moved) == {"transfer_before_end"}
    assert steering_flags(talked(TALK)) == frozenset()
    assert steering_flags(ended_call()) == frozenset()


def test_an_agent_whose_callers_are_rarely_asked_stands_out() -> None:
    reaches = reach_by_agent({"ann": (180, 200), "ben": (175, 200), "eve": (120, 200), "few": (0, 10), "new": (0, 0)})
    assert [reach.agent for reach in outliers(reaches)] == ["eve"]


def test_one_agent_alone_is_compared_with_nobody() -> None:
    assert outliers([Reach("ann", 1, 100)]) == []
