"""Rules of the house: read from YAML, and when each of their conditions holds."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.assist.rules import MOST_RULES, Rule, Situation, When, holds, read_rules
from ivr.model.assist import Before
from ivr.model.errors import ConfigError
from ivr.model.people import Handoff

KNOWN = Handoff(
    "c1", "+8613800000001", "en", "general", "misrecognized", "transfer_money",
    {"product": "AC", "empty": ""}, tried=("hotline.greet", "hotline.balance"), tier="vip", authentication_level=1,
    came_from="cards",
)  # fmt: skip
NOW = Situation(KNOWN, Before(2), "amber", 40.0, ("I smell GAS here", "hurry"))


@pytest.mark.parametrize(
    ("when", "is_so"),
    [
        ({}, True),
        ({"intent": "transfer_money"}, True),
        ({"intent": ["a", "transfer_money"]}, True),
        ({"intent": ["a"]}, False),
        ({"queue": "general", "came_from": "cards", "reason": "misrecognized", "tier": "vip", "language": "en"}, True),
        ({"queue": "sales"}, False),
        ({"came_from": "sales"}, False),
        ({"reason": "effort"}, False),
        ({"tier": "gold"}, False),
        ({"language": "zh"}, False),
        ({"verified_below": 2}, True),
        ({"verified_below": 1}, False),
        ({"mood": "amber"}, True),
        ({"mood": "red"}, False),
        ({"knows": ["product"]}, True),
        ({"knows": "product = ac"}, True),
        ({"knows": "product=tv"}, False),
        ({"knows": ["product", "empty"]}, False),
        ({"lacks": ["empty", "other"]}, True),
        ({"lacks": "product"}, False),
        ({"tried": "balance"}, True),
        ({"tried": "hotline.greet"}, True),
        ({"tried": "payment"}, False),
        ({"says": ["smoke", "gas"]}, True),
        ({"says": "smoke"}, False),
        ({"calls_in_7_days": 2}, True),
        ({"calls_in_7_days": 3}, False),
        ({"open_case": False, "waits_for_callback": False}, True),
        ({"open_case": True}, False),
        ({"waits_for_callback": True}, False),
        ({"held_seconds": 40}, True),
        ({"held_seconds": 41}, False),
    ],
)
def test_a_rule_holds_when_all_that_is_written_does(when: dict[str, Any], is_so: bool) -> None:
    assert holds(When.model_validate(when), NOW) is is_so


def test_what_the_customer_waits_for_can_be_asked_for() -> None:
    owed = replace(NOW, before=Before(open_case="k1", open_since=datetime.now(UTC), callback_queue="general"))
    assert holds(When(open_case=True, waits_for_callback=True), owed)
    assert not holds(When(open_case=False), owed)


def test_rules_are_read_with_their_words_and_defaults() -> None:
    (rule,) = read_rules("rules: [{name: hello, when: {queue: general}, say: {zh: 你好}}]", "advice.yaml")
    assert rule == Rule(name="hello", when=When(queue=("general",)), say={"zh": "你好"})
    assert (rule.urgency, rule.tone, rule.words("en"), rule.words("zh")) == (50, "", "你好", "你好")
    assert read_rules("", "advice.yaml") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules: [", "advice.yaml:1: this is no YAML"),
        ("rules: [{name: one, when: {intents: a}, say: {en: x}}]", "advice.yaml: rule one: rules.0.when.intents"),
        ("rules: [{when: {}, say: {en: x}}]", "advice.yaml: rules.0.name"),
        ("rules: [{name: one, when: {}, say: {}}]", "rule one: rules.0.say"),
        ("rules: 7", "advice.yaml: rules"),
        ("7", "advice.yaml: "),
        (
            "rules: [{name: one, when: {}, say: {en: x}}, {name: one, when: {}, say: {en: y}}]",
            "rule one is there twice",
        ),
    ],
)
def test_a_mistake_is_told_with_its_rule_and_place(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told.replace(".", r"\.")):
        read_rules(text, "advice.yaml")


def test_the_shipped_rules_are_sound_and_in_both_languages() -> None:
    path = Path(__file__).parents[2] / "flows" / "advice.yaml"
    rules = read_rules(path.read_text(encoding="utf-8"), str(path))
    assert 0 < len(rules) < MOST_RULES
    assert all({"en", "zh"} <= rule.say.keys() for rule in rules)
