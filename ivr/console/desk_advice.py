"""Pure: what to do next in a call, as the desk shows it: `ivr.assist.next_best` asked with what the desk knows."""

from collections.abc import Sequence

<<<<<<< HEAD
from ivr.assist.next_best import Advice, Found, next_best
from ivr.assist.rules import Rule, Situation
from ivr.console.desk_talk import Talk
from ivr.console.desk_words import DESK
from ivr.console.words import Say
=======
from ivr.console.desk_names import Names
from ivr.console.desk_talk import SHOWN, Suggestion, Talk
from ivr.insight.emotion import Level
>>>>>>> main

MOST_SAID = 20
"""Sentences of the caller that rules look at: the latest."""


def advice(talk: Talk, held_for: float = 0.0, rules: Sequence[Rule] = ()) -> list[Advice]:
    """The most urgent first."""
    said = tuple(line.text for line in talk.lines if line.who == "caller")[-MOST_SAID:]
    best = talk.suggestions[0] if talk.suggestions else None
    question, sure = (best.question, best.confidence) if best else ("", 0.0)
    found = Found(question, sure, talk.similar.outcomes)
    return next_best(Situation(talk.handoff, talk.before, talk.mood.level, held_for, said), found, rules)


<<<<<<< HEAD
def worded(one: Advice, say: Say, language: str) -> str:
    """In the agent's language; a rule that is not written in it, in the first that it has."""
    if one.rule:
        return one.words.get(language) or next(iter(one.words.values()))
    return say(one.key, **{name: _worded(name, value, say) for name, value in one.places.items()})
=======
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
>>>>>>> main


def _worded(name: str, value: str, say: Say) -> str:
    key = {"reason": f"why_{value}", "outcome": f"out_{value}"}.get(name, "")
    return say(key) if key in DESK else value.replace("_", " ") if name in ("reason", "outcome") else value
