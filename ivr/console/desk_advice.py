"""Pure: what to do next in a call, as far as rules can say: mood first, then who it is, then what they want."""

from dataclasses import dataclass
from typing import Literal

from ivr.console.desk_names import Names
from ivr.console.desk_talk import SHOWN, Suggestion, Talk
from ivr.insight.emotion import Level

Tone = Literal["red", "amber", "accent", ""]
LONG_HOLD = 45.0
"""Seconds of music after which somebody should say how it goes."""

SURE = 0.6
"""Confidence from which a suggested answer is worth reading out (`ivr.nlu.knowledge.ANSWERED_FROM`)."""

ASKED_AGAIN = 2
"""Steps of the bot that show that it was tried more than once."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do; `key` is of the desk's words."""

    key: str
    tone: Tone = ""
    about: str = ""


def advice(talk: Talk, held_for: float = 0.0, names: Names | None = None) -> list[Advice]:
    """At most three, the most pressing first."""
    label = (names or Names()).label
    known = talk.handoff
    found = [*_mood(talk.mood.level)]
    if held_for >= LONG_HOLD:
        found.append(Advice("advise_hold", "amber"))
    if not known.customer and known.authentication_level == 0:
        found.append(Advice("advise_identify"))
    elif known.authentication_level < ASKED_AGAIN:
        found.append(Advice("advise_verify"))
    if facts := sorted(label(name) for name in known.facts if name not in SHOWN):
        found.append(Advice("advise_known", about=", ".join(facts)))
    found += _answer(talk.suggestions)
    if known.reason in ("misrecognized", "answer_not_solving", "no_match"):
        found.append(Advice("advise_apologize"))
    return found[:3]


def _mood(level: Level) -> list[Advice]:
    match level:
        case "red":
            return [Advice("advise_red", "red")]
        case "amber":
            return [Advice("advise_amber", "amber")]
        case _:
            return []


def _answer(suggestions: tuple[Suggestion, ...]) -> list[Advice]:
    if suggestions and suggestions[0].confidence >= SURE:
        return [Advice("advise_answer", "accent", suggestions[0].question)]
    return []
