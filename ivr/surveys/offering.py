"""Pure: whether a caller is asked, and what: sampling, fatigue, and the question that rotates (domain.md 2.4.4).

A rule that keeps the survey away is recorded with its reason, so that every contact still has its one record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

FATIGUE = "fatigue_rule"
DISABLED = "disabled_for_flow"
ABANDONED = "abandoned"
SYSTEM_ERROR = "system_error"
NPS = "nps"

REASONS = (
    "customer_hung_up_first", ABANDONED, "wrong_number", "test_call", FATIGUE, DISABLED, "fraud_denied_urgent",
    "minor_or_blocked", SYSTEM_ERROR,
)  # fmt: skip
"""Why a survey was not offered (domain.md 2.4.1)."""

BY_END_REASON = {
    "error": SYSTEM_ERROR,
    "silent_line": ABANDONED,
    "abandoned_in_queue": ABANDONED,
    "blocked": "minor_or_blocked",
    "wrong_number": "wrong_number",
    "test_call": "test_call",
    "fraud_denied": "fraud_denied_urgent",
    "machine": "wrong_number",
}
"""End reason of a call that was not to be followed by a survey, to the reason of the record."""


@dataclass(frozen=True, slots=True)
class Rules:
    """0 switches a rule off."""

    sample_rate: float = 1.0
    """Share of callers who are asked."""

    min_days_between: float = 0.0
    """Of two surveys of one customer."""

    nps_days_between: float = 90.0
    """Of two questions to one customer whether they would recommend us (relational NPS)."""

    most_per_day: int = 0
    """Surveys of one campaign a day."""

    most_in_all: int = 0
    """Surveys of one campaign."""

    min_talk_seconds: float = 0.0
    """Shorter calls are not asked about."""

    rotation: Sequence[str] = ("ces", "nps", "kano_wait")
    """Third questions, one a call; nothing in it: two questions only."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known when the call ends."""

    last_asked: datetime | None = None
    """When this customer was last asked anything."""

    last_nps: datetime | None = None
    campaign_today: int = 0
    campaign_in_all: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """The call that could be asked about."""

    call_id: str
    seconds: float
    """Since it was answered."""

    campaign: str = ""
    """Which campaign placed it; empty: none."""


def reason_against(rules: Rules, ending: Ending, history: History, now: datetime) -> str:
    """Why this caller is not asked; empty: they are."""
    if rules.sample_rate < 1.0 and share_of(f"sample {ending.call_id}") >= rules.sample_rate:
        return FATIGUE
    if _within(history.last_asked, rules.min_days_between, now) or ending.seconds < rules.min_talk_seconds:
        return FATIGUE
    if ending.campaign and _reached(history.campaign_today, rules.most_per_day):
        return FATIGUE
    return FATIGUE if ending.campaign and _reached(history.campaign_in_all, rules.most_in_all) else ""


def third_question(rules: Rules, ending: Ending, history: History, now: datetime) -> str:
    """The step that asks the rotating question; empty: none.

    Chosen by the id of the call: even over many calls, the same after a restart and on every server.
    """
    resting = _within(history.last_nps, rules.nps_days_between, now)
    names = [name for name in rules.rotation if not (resting and name == NPS)]
    return names[int(share_of(f"third {ending.call_id}") * len(names))] if names else ""


def share_of(text: str) -> float:
    """A number from 0 up to 1 that the text alone decides, evenly spread."""
    return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / 2**48


def _within(last: datetime | None, days: float, now: datetime) -> bool:
    return last is not None and days > 0 and now - last < timedelta(days=days)


def _reached(count: int, most: int) -> bool:
    return most > 0 and count >= most
