"""The words of the console: every sentence that a page says in English has its Chinese."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from ivr.campaigns.ledger import GOALS
from ivr.console import (
    calls,
    campaign,
    campaign_cases,
    campaign_figures,
    campaigns,
    insight,
    insight_figures,
    insight_reasons,
    listening_in,
    moods,
    queues,
    recovery,
    recovery_closing,
    satisfaction,
    satisfaction_index,
    satisfaction_kano,
    sound,
    trainer_audit,
    trainer_bench,
    trainer_dismiss,
    wallboard,
)
from ivr.console.audit_words import DEEDS, DETAILS, KINDS, detail_of
from ivr.console.charts import LATENCIES
from ivr.console.parts import KINDS as TROUBLES
from ivr.console.words_codes import CHINESE as CODES
from ivr.console.words_codes import code_of, worded
from ivr.console.words_console import CHINESE
from ivr.insight.escalation import SUBCODES
from ivr.insight.formulas import CHINESE as FORMULAS
from ivr.insight.reports import ALL
from ivr.model.campaigns import AttemptOutcome, WindowClass
from ivr.model.insight import TrainerSource
from ivr.model.recovery import CaseOutcome
from ivr.model.roles import ROLES

FOLDER = Path(__file__).parents[2] / "ivr" / "console"
NAMES_ONLY = {"Id", "id", "№"}


def said_in(path: Path) -> Iterator[str]:
    """The texts that are given to `t` in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", getattr(node.func, "attr", "")) == "t":
            given = node.args[0]
            ways = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
            yield from (way.value for way in ways if isinstance(way, ast.Constant) and isinstance(way.value, str))


SAID = sorted({(path.name, text) for path in FOLDER.glob("*.py") for text in said_in(path)})


def test_there_is_much_to_say() -> None:
    assert len(SAID) > 150


@pytest.mark.parametrize(("file", "text"), SAID)
def test_every_sentence_has_its_chinese_with_the_same_values(file: str, text: str) -> None:
    chinese = CHINESE.get(text, text if text in NAMES_ONLY else "")
    assert chinese, f"{file} says {text!r}; add it to a table of words"
    assert fields(chinese) == fields(text)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


CHOSEN = [
    *calls.SPANS.values(), *calls.SURVEYS, *queues.STATES.values(), *(words for _, _, words in listening_in.MODES),
    *satisfaction.SPANS.values(), *sound.REASONS, *(words for words, _ in wallboard.STATES.values()),
    *(f"by {who}" for who in wallboard.HANDLED), *(words for words, _ in LATENCIES.values()), *ROLES,
    "Try it", "Tests", "Difference", "Versions", "Caller", "Server", "publish", "rollback", "canary", "canary_off",
    *insight.SPANS.values(), *(words for words, _ in insight.TABS.values()), *insight_figures.SECTIONS,
    *insight_figures.FACETS.values(), *(words for pair in insight_reasons.REASONS.values() for words in pair),
    *moods.CAUSES.values(), "amber", "red", *trainer_audit.WEEKS.values(), *trainer_bench.KINDS.values(),
    *(words for words, _, _ in trainer_audit.LOOKS.values()), *trainer_dismiss.REASONS.values(),
    *recovery.VIEWS.values(), *recovery.REASONS.values(), *recovery.STATES.values(), *recovery_closing.CAUSES.values(),
    *recovery_closing.OUTCOMES.values(), *filter(None, get_args(CaseOutcome)),
    *(words for words, _ in satisfaction_index.BANDS.values()), *satisfaction_kano.CLASSES.values(),
    *(words for pair in satisfaction_index.SEGMENTS.values() for words in pair if words),
    *satisfaction_kano.FAULTS.values(),
    *(words for pair in satisfaction_index.FLAGS.values() for words in pair), *satisfaction_kano.TIERS,
    *get_args(TrainerSource), *campaign.SPANS.values(), *(words for words, _ in campaign.TABS.values()),
    *campaigns.HOW_TO_START, *campaigns.CHIPS, *(words for words, _ in campaigns.WISHES.values()),
    *campaign_cases.STATES, *campaign_figures.STAGES, *get_args(AttemptOutcome), *get_args(WindowClass),
    *(goal.name for goal in GOALS), "event_to_outcome", "urgent", "routine",
    *DEEDS.values(), *KINDS.values(), *DETAILS.values(), *TROUBLES.values(), "This did not work.",
    "publish_untested", "canary_untested", "csat", "resolved", "nps", "ces", "comment",
]  # fmt: skip


@pytest.mark.parametrize("text", CHOSEN)
def test_what_is_chosen_from_a_table_has_its_chinese_too(text: str) -> None:
    assert CHINESE.get(text, "")


def test_every_metric_has_its_formula_in_chinese_and_no_other_name_has_one() -> None:
    assert set(FORMULAS) == set(ALL)
    assert [name for name, text in FORMULAS.items() if "_" in text] == []


ENDS = [
    "self_service_completed", "agent_completed", "abandoned_in_ivr", "abandoned_in_queue", "timeout", "silent_line",
    "closed_hours", "error", "transferred_out", "callback_scheduled", "survey_completed", "blocked",
]  # fmt: skip
"""End reasons of domain.md 3."""


@pytest.mark.parametrize("code", [*ENDS, *SUBCODES, *(one for those in SUBCODES.values() for one in those)])
def test_what_records_and_reasons_hold_has_its_chinese(code: str) -> None:
    assert code in CODES


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("branch_found", "branch found", "已找到网点"), ("self_service_completed", "done by the bot", "自助完成"),
        ("night_desk", "night desk", "night desk"), ("Ann Lee", "Ann Lee", "Ann Lee"), ("", "", ""),
    ],
)  # fmt: skip
def test_codes_are_read_as_words_and_words_that_are_typed_find_their_code(
    code: str, english: str, chinese: str
) -> None:
    assert (worded(code, "en"), worded(code, "zh")) == (english, chinese)
    if "_" in code:
        assert (code_of(f" {english} ", "en"), code_of(chinese, "zh")) == (code, code)


def test_details_of_the_audit_are_read_without_quotes_and_codes() -> None:
    details = {"reason": "complaint", "replay": True, "items": 4, "odd_key": "x"}
    assert detail_of(details, {"reason": "reason", "items": "items"}, "en") == (
        "reason: complaint · replay: yes · items: 4 · odd key: x"
    )
    assert detail_of({"replay": False, "role": "trainer"}, {"replay": "回放"}, "zh") == "回放: 否 · role: 训练师"
