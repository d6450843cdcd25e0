"""Pure: how sure is sure enough. Accept, repeat in passing, ask, or treat as not understood (domain.md 2.9.3)."""

from typing import Literal

from ivr.flow.expecting import mentioned, offers
from ivr.flow.recovery import ask, no_match
from ivr.flow.schema_steps import CollectStep, Confidence, Confirmation, ListeningStep, Severity
from ivr.flow.walk import Question, Walk
from ivr.model.meaning import IntentGuess, Meaning
from ivr.model.unfinished import is_cut_off

Zone = Literal["accept", "implicit", "explicit", "no_match"]
MOST_OPTIONS = 3
"""Things offered when two or more are about as likely (domain.md 2.9.3)."""

_ORDER: tuple[Severity, ...] = ("low", "moderate", "severe")


def zone(confidence: float, severity: Severity, limits: Confidence, confirm: Confirmation = "auto") -> Zone:
    """What to do with something heard with this confidence, 0 to 1 (table in domain.md 2.9.3)."""
    if confidence < limits.explicit:
        return "no_match"
    if confirm == "none":
        return "accept"
    if confirm == "explicit" or severity == "severe" and confirm == "auto":
        return "explicit"
    if confirm == "implicit" or severity == "moderate":
        return "implicit" if confidence >= (limits.implicit if confirm == "implicit" else limits.accept) else "explicit"
    if confidence >= limits.accept:
        return "accept"
    return "implicit" if confidence >= limits.implicit else "explicit"


def worse(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=_ORDER.index)


def limits(walk: Walk) -> Confidence:
    step = walk.step
    own = step.confidence if isinstance(step, ListeningStep) else None
    return own or walk.file.confidence


def rejected(walk: Walk) -> tuple[str, ...]:
    """What the caller said no to at this step: never offered again."""
    found: tuple[str, ...] = walk.state.pending.get("rejected", ())
    return found


def reject(walk: Walk, *what: str) -> None:
    walk.pend(rejected=(*rejected(walk), *what))


def usable(walk: Walk, meaning: Meaning) -> tuple[IntentGuess, ...]:
    """Guesses worth a thought: they lead somewhere from here, were not rejected, and are above the lowest zone."""
    leads = offers(walk.flow, walk.state)
    no, least = rejected(walk), limits(walk).explicit
    return tuple(
        guess
        for guess in meaning.guesses
        if guess.intent in leads and guess.intent not in no and guess.confidence >= least
    )


def strong(walk: Walk, meaning: Meaning) -> bool:
    """Whether an intent was said so clearly that it weighs more than a yes, a no or free words around it."""
    return any(guess.confidence >= limits(walk).accept for guess in usable(walk, meaning))


def believe_intent(walk: Walk, meaning: Meaning) -> bool:
    """Act on the guesses: go, go and repeat, ask, let choose, or ask again."""
    guesses = usable(walk, meaning)
    bounds = limits(walk)
    if not guesses:
        return no_match(walk, "go_on" if is_cut_off(meaning.text, walk.state.language) else "sorry")
    rivals = _rivals(walk, guesses, bounds)
    if len(rivals) > 1:
        return _let_choose(walk, rivals, meaning)
    best = guesses[0]
    known = walk.flow.intent(best.intent)
    what = zone(best.confidence, known.severity if known else "low", bounds)
    if what == "explicit":
        walk.pend(meant=meaning.slots)
        words = "explicit_keys" if best.confidence < bounds.implicit and known and known.severity == "severe" else ""
        text = walk.own(words or "explicit", what=walk.title(best.intent))
        return ask(walk, Question("intent", best.intent), text)
    if what == "implicit":
        walk.pend(implicit=(walk.state.stack, "intent", best.intent))
        walk.say(walk.own("implicit", what=walk.title(best.intent)))
    return follow_intent(walk, best.intent, meaning)


def _rivals(walk: Walk, guesses: tuple[IntentGuess, ...], bounds: Confidence) -> tuple[str, ...]:
    leads = offers(walk.flow, walk.state)
    best = guesses[0]
    near = [guess for guess in guesses if best.confidence - guess.confidence < bounds.margin]
    places = {leads[guess.intent]: guess.intent for guess in reversed(near)}
    return tuple(guess.intent for guess in near if guess.intent in places.values())[:MOST_OPTIONS]


def _let_choose(walk: Walk, options: tuple[str, ...], meaning: Meaning) -> bool:
    titles = [walk.title(option) for option in options]
    what = walk.own("comma").join(titles[:-1]) + walk.own("or") + titles[-1]
    walk.pend(meant=meaning.slots)
    return ask(walk, Question("choose", options=options), walk.own("choose", what=what))


def follow_intent(walk: Walk, intent: str, meaning: Meaning) -> bool:
    """Go where the intent leads, with every value that came along."""
    keep, target = offers(walk.flow, walk.state)[intent]
    walk.intent = intent
    walk.drop("question", "asking", "meant")
    fill_slots(walk, meaning, intent=intent)
    if keep < len(walk.state.stack):
        walk.keep(stack=walk.state.stack[:keep])
        fill_slots(walk, meaning, intent=intent)
    walk.remember({"intent": intent})
    walk.go(target)
    return True


def fill_slots(walk: Walk, meaning: Meaning, *, but: tuple[str, ...] = (), intent: str = "") -> None:
    """Keep every value heard, asked for or not; one that is not quite sure is asked about where it is needed.

    Free words fit everything, so they are kept only where the intent's phrases, or the step, speak of them.
    """
    bounds = limits(walk)
    spoken_of = mentioned(walk.flow, intent, walk.state.language) | set(getattr(walk.step, "also", ()))
    unsure = dict(walk.state.pending.get("unsure", {}))
    values: dict[str, str] = {}
    for value in meaning.slots:
        slot = walk.file.slots.get(value.name)
        if slot is None or slot.secret or value.name in but or (slot.kind == "text" and value.name not in spoken_of):
            continue
        if f"{value.name}={value.value}" in rejected(walk):
            continue
        if value.confidence >= bounds.explicit:
            values[value.name] = value.value
            unsure[value.name] = value.confidence
    if values:
        walk.pend(unsure=unsure)
        walk.remember(values)


def slot_zone(walk: Walk, step: CollectStep, name: str, confidence: float) -> Zone:
    slot = walk.file.slots[name]
    confirm = step.confirm if step.confirm != "auto" else slot.confirm
    return zone(confidence, worse(step.severity, slot.severity), limits(walk), confirm)
