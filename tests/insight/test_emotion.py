"""A caller's mood, and when somebody must know; vectors of domain.md App. B."""

import pytest

from ivr.insight.emotion import Alert, Level, Mood, ends_red, heard
from ivr.insight.red_words import hard_word, is_profane


def run(*turns: float, text: str = "", contacts: int = 1) -> tuple[list[float], list[Level], list[Alert]]:
    """Running values, levels and alerts; `text` is said in the first turn."""
    mood, values, levels, alerts = Mood(), [], [], []
    for number, turn in enumerate(turns):
        mood, alert = heard(mood, turn, "" if number else text, contacts)
        assert mood.value is not None
        values.append(mood.value)
        levels.append(mood.level)
        alerts += [alert] if alert else []
    return values, levels, alerts


def test_the_running_value() -> None:
    values, levels, alerts = run(0.2, 0.1, -0.4, -0.7, -0.8)
    assert values == pytest.approx([0.2, 0.16, -0.064, -0.318, -0.511], abs=1e-3)
    assert levels == ["none", "none", "none", "amber", "red"]
    assert [(alert.level, alert.cause, alert.turn) for alert in alerts] == [("amber", "mood", 4), ("red", "mood", 5)]


def test_a_sharp_drop_is_amber_before_the_mood_is_bad() -> None:
    _, levels, alerts = run(0.9, -0.5)
    assert levels == ["none", "amber"]
    assert [alert.cause for alert in alerts] == ["drop"]


def test_a_level_is_left_only_well_above_its_threshold_and_told_once() -> None:
    _, levels, alerts = run(-0.4, -0.1, 0.0, -0.5, -0.4)
    assert levels == ["amber", "amber", "amber", "amber", "amber"]
    _, levels, alerts = run(-0.4, 0.3, -0.8, 0.9)
    assert levels == ["amber", "none", "amber", "none"]
    assert len(alerts) == 1


def test_who_calms_down_from_red_is_no_news() -> None:
    _, levels, alerts = run(-0.6, -0.2, 0.0, 0.3)
    assert levels == ["red", "red", "amber", "none"]
    assert [alert.level for alert in alerts] == ["red"]


@pytest.mark.parametrize(
    ("text", "cause"), [("I want to complain", "keyword"), ("我要投诉", "keyword"), ("this is bullshit", "profanity")]
)
def test_hard_words_are_red_at_once_and_stay_so(text: str, cause: str) -> None:
    _, levels, alerts = run(0.3, 0.9, 0.9, text=text)
    assert levels == ["red", "red", "red"]
    assert alerts == [Alert("red", cause, 0.3, 1)]


def test_the_third_contact_in_a_week_and_a_negative_turn_are_red() -> None:
    assert run(0.1, -0.1, contacts=3)[1] == ["none", "red"]
    assert run(0.1, -0.1, contacts=2)[1] == ["none", "none"]


@pytest.mark.parametrize(
    "text",
    ["I'll sue you", "my LAWYER will call", "打12315", "我要找律师", "cancel everything", "去微博曝光你们", "call 315"],
)
def test_hard_words(text: str) -> None:
    assert hard_word(text)


@pytest.mark.parametrize(
    "text", ["there is an issue", "my name is Sue", "card number 6231500", "cancel my visit", "reported it", "满意"]
)
def test_what_only_looks_like_a_hard_word(text: str) -> None:
    assert not hard_word(text)


def test_abuse() -> None:
    assert is_profane("你他妈的")
    assert not is_profane("the shirt is assessed in Scunthorpe")


@pytest.mark.parametrize(
    ("turns", "red"),
    [
        ([], False),
        ([(0.2, "hello"), (-0.9, "you are useless")], False),
        ([(-0.9, "you are useless"), (-0.9, "useless")], False),
        ([(0.0, "hello"), (-0.2, "I will call my lawyer")], True),
        ([(0.0, "I will call my lawyer"), (0.2, "thanks, bye")], False),
    ],
)
def test_who_hangs_up_right_after_a_red_alert_is_told_from_who_calmed_down(
    turns: list[tuple[float, str]], red: bool
) -> None:
    assert ends_red(turns) == red
