"""Pure: what to do next in a call, as the desk shows it: `ivr.assist.next_best` asked with what the desk knows."""

from collections.abc import Sequence

from ivr.assist.next_best import Advice, Found, next_best
from ivr.assist.rules import Rule, Situation
from ivr.console.desk_names import Names, spoken
from ivr.console.desk_talk import Talk
from ivr.console.desk_words import DESK
from ivr.console.words import Say

MOST_SAID = 20
"""Sentences of the caller that rules look at: the latest."""


def advice(talk: Talk, held_for: float = 0.0, rules: Sequence[Rule] = ()) -> list[Advice]:
    """The most urgent first."""
    said = tuple(line.text for line in talk.lines if line.who == "caller")[-MOST_SAID:]
    best = talk.suggestions[0] if talk.suggestions else None
    question, sure = (best.question, best.confidence) if best else ("", 0.0)
    found = Found(question, sure, talk.similar.outcomes)
    return next_best(Situation(talk.handoff, talk.before, talk.mood.level, held_for, said), found, rules)


def worded(one: Advice, say: Say, language: str, names: Names | None = None) -> str:
    """In the agent's language; a rule that is not written in it, in the first that it has."""
    if one.rule:
        return one.words.get(language) or next(iter(one.words.values()))
    known = names or Names()
    return say(one.key, **{name: _worded(name, value, say, known) for name, value in one.places.items()})


def _worded(name: str, value: str, say: Say, names: Names) -> str:
    match name:
        case "reason" | "outcome":
            key = {"reason": f"why_{value}", "outcome": f"out_{value}"}[name]
            return say(key) if key in DESK else spoken(value)
        case "facts":
            return ", ".join(names.label(fact) for fact in value.split(","))
        case "step":
            return names.label(value)
        case "matter":
            return names.intent(value)
        case "queue":
            return names.queue(value)
    return value
