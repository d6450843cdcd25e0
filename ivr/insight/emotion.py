"""Pure: a caller's mood as it runs, and when somebody must know (domain.md 2.10.1).

One alert per level per call; a level is left only when the mood has clearly risen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ivr.insight.red_words import hard_word, is_profane

Level = Literal["none", "amber", "red"]
ALPHA = 0.4
AMBER_AT = -0.3
RED_AT = -0.5
RISE_TO_LEAVE = 0.15
SHARP_DROP = 0.5
DROP_TURNS = 3
THIRD_CONTACT = 3


@dataclass(frozen=True, slots=True)
class Alert:
    level: Level
    cause: str
    """mood, drop, keyword, profanity, repeat_contact. Never the words themselves."""

    value: float
    turn: int
    """The caller's turn that raised it, from 1."""


@dataclass(frozen=True, slots=True)
class Mood:
    """What is known after some turns of the caller."""

    value: float | None = None
    """-1 to 1, running: e = 0.4 * s + 0.6 * e before; the first turn counts whole."""

    level: Level = "none"
    turns: int = 0
    recent: tuple[float, ...] = ()
    """The running values of the last three turns, oldest first."""

    is_pinned: bool = False
    """Red for a reason that a friendlier tone does not take back: a threat, abuse, the third contact."""

    alerted: frozenset[Level] = field(default=frozenset())


def heard(mood: Mood, sentiment: float, text: str = "", contacts_in_7_days: int = 1) -> tuple[Mood, Alert | None]:
    """Take in one turn of the caller.

    Args:
        sentiment: of this turn, -1 to 1.
        text: what was said, looked through for hard keywords and abuse; not kept.
        contacts_in_7_days: of this customer, this one included.
    """
    value = sentiment if mood.value is None else ALPHA * sentiment + (1 - ALPHA) * mood.value
    pinned = _pinning_cause(sentiment, text, contacts_in_7_days)
    dropped = bool(mood.recent) and max(mood.recent) - value >= SHARP_DROP
    is_pinned = mood.is_pinned or bool(pinned)
    level = "red" if is_pinned else _level(mood.level, value, dropped)
    turns = mood.turns + 1
    after = replace(
        mood,
        value=value,
        level=level,
        turns=turns,
        recent=(*mood.recent, value)[-DROP_TURNS:],
        is_pinned=is_pinned,
    )
    if level == "none" or level in mood.alerted:
        return after, None
    cause = pinned or ("mood" if value <= (RED_AT if level == "red" else AMBER_AT) else "drop")
    # Who was red and calms down to amber is no news.
    told: frozenset[Level] = frozenset({"amber", level})
    return replace(after, alerted=mood.alerted | told), Alert(level, cause, value, turns)


def _pinning_cause(sentiment: float, text: str, contacts: int) -> str:
    if hard_word(text):
        return "keyword"
    if is_profane(text):
        return "profanity"
    return "repeat_contact" if contacts >= THIRD_CONTACT and sentiment < 0 else ""


def _level(before: Level, value: float, dropped: bool) -> Level:
    if value <= RED_AT or (before == "red" and value < RED_AT + RISE_TO_LEAVE):
        return "red"
    if value <= AMBER_AT or dropped or (before != "none" and value < AMBER_AT + RISE_TO_LEAVE):
        return "amber"
    return "none"


def ends_red(turns: Sequence[tuple[float, str]]) -> bool:
    """Whether the last turn of a caller was the one that made them red: hanging up then says enough.

    Args:
        turns: sentiment and words of each, in order.
    """
    mood, alert = Mood(), None
    for sentiment, words in turns:
        mood, alert = heard(mood, sentiment, words)
    return alert is not None and alert.level == "red"
