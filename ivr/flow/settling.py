"""Pure: answers to what the engine itself asked: did you mean this, which of these, is this the value."""

from ivr.flow.believing import believe_intent, follow_intent, limits, reject, strong, usable
from ivr.flow.collecting import collected_enough, keep_value, refuse_value, take_values
from ivr.flow.expecting import CHOICE
from ivr.flow.recovery import escape, no_match, say_prompt
from ivr.flow.schema_steps import CollectStep, ListeningStep
from ivr.flow.walk import Question, Walk
from ivr.model.meaning import Meaning, SlotValue


def settled(walk: Walk, asked: Question, meaning: Meaning) -> bool:
    """An answer to the engine's own question."""
    match asked.kind:
        case "slot":
            return _settle_value(walk, asked, meaning)
        case "choose":
            return _settle_choice(walk, asked, meaning)
        case "person":
            return _settle_person(walk, meaning)
        case _:
            return _settle_intent(walk, asked, meaning)


def _settle_person(walk: Walk, meaning: Meaning) -> bool:
    """Yes or no; anything else never comes here, but answers the step itself."""
    if meaning.control == "yes":
        return escape(walk, "emotion")
    walk.drop("question", "asking")
    step = walk.step
    assert isinstance(step, ListeningStep)
    say_prompt(walk, step, 1)
    return False


def _settle_intent(walk: Walk, asked: Question, meaning: Meaning) -> bool:
    meant: tuple[SlotValue, ...] = walk.state.pending.get("meant", ())
    if meaning.control == "yes" or meaning.intent == asked.name:
        return follow_intent(walk, asked.name, Meaning(slots=(*meaning.slots, *meant)))
    if meaning.control == "no":
        reject(walk, asked.name)
    other = [guess for guess in usable(walk, meaning) if guess.intent != asked.name]
    if other:
        walk.drop("question", "asking", "meant")
        return believe_intent(walk, Meaning(meaning.text, tuple(other), meaning.slots))
    if meaning.control == "no":
        walk.drop("question", "asking", "meant")
    return no_match(walk)


def _settle_choice(walk: Walk, asked: Question, meaning: Meaning) -> bool:
    meant: tuple[SlotValue, ...] = walk.state.pending.get("meant", ())
    value = meaning.slot(CHOICE)
    picked = value.value if value else meaning.intent
    if picked in asked.options:
        return follow_intent(walk, picked, Meaning(slots=(*meaning.slots, *meant)))
    if meaning.control == "no":
        reject(walk, *asked.options)
        walk.drop("question", "asking", "meant")
    elif usable(walk, meaning):
        walk.drop("question", "asking", "meant")
        return believe_intent(walk, meaning)
    return no_match(walk)


def _settle_value(walk: Walk, asked: Question, meaning: Meaning) -> bool:
    step = walk.step
    assert isinstance(step, CollectStep)
    other = meaning.slot(asked.name)
    if other is not None and other.value != asked.value:
        reject(walk, f"{asked.name}={asked.value}")
        walk.drop("question", "asking")
        sure = SlotValue(other.name, other.value, other.said, max(other.confidence, limits(walk).implicit))
        return take_values(walk, step, [sure])
    if meaning.control == "yes" or other is not None:
        keep_value(walk, asked.name, asked.value)
        return collected_enough(walk, step)
    if meaning.control == "no":
        return refuse_value(walk, asked.name, asked.value)
    if strong(walk, meaning):
        walk.drop("question", "asking")
        return believe_intent(walk, meaning)
    return no_match(walk)
