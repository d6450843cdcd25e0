"""Who is asked, and what: each rule of fatigue, and a rotation that is even."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ivr.surveys.offering import FATIGUE, Ending, History, Rules, reason_against, share_of, third_question

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL = Ending("c1", 60.0)


@pytest.mark.parametrize(
    ("rules", "ending", "history", "found"),
    [
        (Rules(), CALL, History(), ""),
        (Rules(sample_rate=0.0), CALL, History(), FATIGUE),
        (Rules(min_days_between=7), CALL, History(last_asked=NOW - timedelta(days=6)), FATIGUE),
        (Rules(min_days_between=7), CALL, History(last_asked=NOW - timedelta(days=7)), ""),
        (Rules(), CALL, History(last_asked=NOW), ""),
        (Rules(min_talk_seconds=61), CALL, History(), FATIGUE),
        (Rules(min_talk_seconds=60), CALL, History(), ""),
        (Rules(most_per_day=5), Ending("c1", 60, "returns"), History(campaign_today=5), FATIGUE),
        (Rules(most_per_day=5), Ending("c1", 60, "returns"), History(campaign_today=4), ""),
        (Rules(most_per_day=5), CALL, History(campaign_today=5), ""),
        (Rules(most_in_all=9), Ending("c1", 60, "returns"), History(campaign_in_all=9), FATIGUE),
        (Rules(most_in_all=9), Ending("c1", 60, "returns"), History(campaign_in_all=8), ""),
    ],
)
def test_each_rule_alone(rules: Rules, ending: Ending, history: History, found: str) -> None:
    assert reason_against(rules, ending, history, NOW) == found


def test_a_sample_of_a_third_is_a_third_and_the_same_call_always_decides_the_same() -> None:
    rules = Rules(sample_rate=1 / 3)
    asked = [reason_against(rules, Ending(f"c{n}", 60), History(), NOW) == "" for n in range(3000)]
    assert asked == [reason_against(rules, Ending(f"c{n}", 60), History(), NOW) == "" for n in range(3000)]
    assert 900 < sum(asked) < 1100


def test_the_third_question_rotates_evenly() -> None:
    found = Counter(third_question(Rules(), Ending(f"c{n}", 60), History(), NOW) for n in range(3000))
    assert found.keys() == {"ces", "nps", "kano_wait"}
    assert all(900 < count < 1100 for count in found.values())


def test_who_was_asked_to_recommend_us_is_left_in_peace_for_ninety_days() -> None:
    calls = [Ending(f"c{n}", 60) for n in range(200)]
    recent, old = History(last_nps=NOW - timedelta(days=89)), History(last_nps=NOW - timedelta(days=90))
    assert "nps" not in {third_question(Rules(), call, recent, NOW) for call in calls}
    assert "nps" in {third_question(Rules(), call, old, NOW) for call in calls}
    assert third_question(Rules(rotation=("nps",)), CALL, recent, NOW) == ""


def test_an_empty_rotation_leaves_two_questions() -> None:
    assert third_question(Rules(rotation=()), CALL, History(), NOW) == ""


def test_shares_lie_between_nought_and_one() -> None:
    assert all(0 <= share_of(str(n)) < 1 for n in range(500))
