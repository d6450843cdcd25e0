"""Pure: the next-best action in a call: rules of the house first where they are urgent, then what is always sensible.

Mood first, then what is owed to the customer, then who it is, then what they want (domain.md 2.10.6).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.assist.rules import Rule, Situation, Tone, holds
from ivr.model.people import Handoff

LONG_HOLD = 45.0
"""Seconds of music after which somebody should say how it goes."""

SURE = 0.6
"""Confidence from which a suggested answer is worth reading out (`ivr.nlu.knowledge.ANSWERED_FROM`)."""

VERIFIED = 2
"""Authentication level from which a customer is verified (domain.md 2.11)."""

MOST = 4
"""A list that is longer is not read while somebody speaks."""

SHOWN_FACTS = ("intent", "language", "chosen")
"""Facts of a handoff that have a place of their own on the desk."""

FAILED_WHY = ("misrecognized", "no_match", "answer_not_solving", "system", "effort")
"""Reasons that mean: the bot tried, and it did not work out."""

FEWEST_ALIKE, MAJORITY = 3, 0.6
"""Of so many similar cases so large a share closed in one way is worth telling."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do. A rule of the house has its own words; others have a `key` of the desk's."""

    key: str
    tone: Tone = ""
    urgency: int = 50
    """0 to 100; the most urgent is shown first."""

    places: Mapping[str, str] = field(default_factory=dict)
    """What the words name: `reason`, `outcome`, `matter` (an intent), `step`, `queue` and `facts` (with commas between)
    are as they are kept, to be worded as well; others are as they are read."""

    rule: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """Of a rule, by language."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up for this call."""

    question: str = ""
    """That the best answer of the knowledge base is for, and how sure it is."""

    sure: float = 0.0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Of similar cases, by disposition."""


def next_best(now: Situation, found: Found, rules: Sequence[Rule] = (), most: int = MOST) -> list[Advice]:
    """The most urgent first. Of equals, rules of the house come before what is built in."""
    written = [
        Advice("", rule.tone, rule.urgency, rule=rule.name, words=rule.say) for rule in rules if holds(rule.when, now)
    ]
    built_in = [advice for part in BUILT_IN for advice in part(now, found)]
    return sorted([*written, *built_in], key=lambda one: -one.urgency)[:most]


def _mood(now: Situation, found: Found) -> Iterable[Advice]:
    if now.mood == "red":
        yield Advice("advise_red", "red", 100)
    elif now.mood == "amber":
        yield Advice("advise_amber", "amber", 80)


def _hold(now: Situation, found: Found) -> Iterable[Advice]:
    if now.held_for >= LONG_HOLD:
        yield Advice("advise_hold", "amber", 78)


def _owed(now: Situation, found: Found) -> Iterable[Advice]:
    """What the customer still waits for from us: offered to be settled in this call."""
    before = now.before
    if before.open_case:
        since = before.open_since.date().isoformat() if before.open_since else ""
        yield Advice("advise_open_case", "amber", 76, {"since": since})
    if before.callback_queue:
        yield Advice("advise_callback", "amber", 74, {"queue": before.callback_queue})


def _who(now: Situation, found: Found) -> Iterable[Advice]:
    known = now.known
    if not known.customer and known.authentication_level == 0:
        yield Advice("advise_identify", "", 66)
    elif known.authentication_level < VERIFIED:
        yield Advice("advise_verify", "", 64)


def _again(now: Situation, found: Found) -> Iterable[Advice]:
    before = now.before
    if before.calls and before.last_at:
        told = {"calls": str(before.calls), "when": before.last_at.date().isoformat()}
        matter = before.last_intent
        if matter and before.last_disposition:
            yield Advice("advise_again_closed", "", 60, {**told, "matter": matter, "outcome": before.last_disposition})
        elif matter:
            yield Advice("advise_again_about", "", 60, {**told, "matter": matter})
        else:
            yield Advice("advise_again", "", 60, told)


def _started(now: Situation, found: Found) -> Iterable[Advice]:
    """The bot began, and did not get through: go on from there."""
    known = now.known
    if known.reason in FAILED_WHY and (tried := last_tried(known)):
        yield Advice("advise_started", "", 56, {"step": tried, "reason": known.reason})
    if known.reason in ("misrecognized", "answer_not_solving", "no_match"):
        yield Advice("advise_apologize", "", 30)


def _known(now: Situation, found: Found) -> Iterable[Advice]:
    if facts := sorted(name for name in now.known.facts if name not in SHOWN_FACTS):
        yield Advice("advise_known", "", 50, {"facts": ",".join(facts)})


def _answer(now: Situation, found: Found) -> Iterable[Advice]:
    if found.sure >= SURE:
        yield Advice("advise_answer", "accent", 46, {"about": found.question})


def _outcome(now: Situation, found: Found) -> Iterable[Advice]:
    total = sum(found.outcomes.values())
    if total >= FEWEST_ALIKE:
        most = max(found.outcomes, key=lambda name: found.outcomes[name])
        if found.outcomes[most] / total >= MAJORITY:
            yield Advice(
                "advise_outcome", "", 34,
                {"outcome": most, "count": str(found.outcomes[most]), "total": str(total)},
            )  # fmt: skip


BUILT_IN: tuple[Callable[[Situation, Found], Iterable[Advice]], ...] = (
    _mood, _hold, _owed, _who, _again, _started, _known, _answer, _outcome,
)  # fmt: skip


def last_tried(known: Handoff) -> str:
    """The step that the bot came to before it gave the caller on, as it is read; the step that gives on is none."""
    steps = [step.rpartition(".")[2] for step in known.tried]
    return steps[-2] if len(steps) > 1 else ""
