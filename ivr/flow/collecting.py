"""Pure: values the caller gives: believed, checked, read back, corrected."""

from ivr.flow.believing import fill_slots, reject, rejected, slot_zone
from ivr.flow.expecting import wanted
from ivr.flow.expressions import BadExpression, evaluate
from ivr.flow.recovery import ask, no_match
from ivr.flow.schema_steps import CollectStep
from ivr.flow.walk import Question, Walk
from ivr.model.meaning import Meaning, SlotValue


def collected(walk: Walk, step: CollectStep, meaning: Meaning) -> bool | None:
    """Take what was said for the values this step wants; None if there was nothing of the kind."""
    given = [meaning.slot(name) for name in (*wanted(step, walk.state), *step.collect)]
    values = list(dict.fromkeys(value for value in given if value is not None))
    if not values and meaning.control in ("yes", "no"):
        values = [SlotValue(name, meaning.control) for name in step.collect if walk.file.slots[name].kind == "yes_no"]
    values = [value for value in values if f"{value.name}={value.value}" not in rejected(walk)]
    if not values:
        return None
    fill_slots(walk, meaning, but=step.collect)
    return take_values(walk, step, values)


def take_values(walk: Walk, step: CollectStep, values: list[SlotValue]) -> bool:
    """Keep each value that is sure enough and passes the step's check; ask about the first that is not."""
    doubtful: SlotValue | None = None
    for value in values:
        what = slot_zone(walk, step, value.name, value.confidence)
        if what == "no_match" or not _fits(walk, value):
            continue
        if not _passes(walk, step, value):
            return _failed_check(walk, step)
        if what == "explicit":
            doubtful = doubtful or value
            continue
        if what == "implicit":
            walk.pend(implicit=(walk.state.stack, "slot", value.name))
            walk.say(walk.own("implicit", what=walk.spoken(value.name, value.value)))
        keep_value(walk, value.name, value.value)
        walk.matched = True
        doubtful = None if doubtful and doubtful.name == value.name else doubtful
    if doubtful is not None:
        return ask_value(walk, doubtful.name, doubtful.value)
    if not any(walk.variables.get(value.name) == value.value for value in values):
        return no_match(walk)
    return collected_enough(walk, step)


def ask_value(walk: Walk, name: str, value: str) -> bool:
    text = walk.own("explicit_value", what=walk.spoken(name, value))
    return ask(walk, Question("slot", name, value), text)


def keep_value(walk: Walk, name: str, value: str) -> None:
    """The value is settled."""
    unsure = {slot: sure for slot, sure in walk.state.pending.get("unsure", {}).items() if slot != name}
    walk.pend(unsure=unsure)
    walk.drop("question", "asking")
    walk.remember({name: value})


def collected_enough(walk: Walk, step: CollectStep) -> bool:
    """On to the next step, or to the next missing value of this one."""
    walk.drop("question", "asking")
    if not wanted(step, walk.state):
        walk.go(step.then)
    return True


def refuse_value(walk: Walk, name: str, value: str) -> bool:
    """The caller said no to a value: forget it and ask again."""
    reject(walk, f"{name}={value}")
    walk.drop("question", "asking")
    walk.remember({name: ""})
    return no_match(walk)


def _fits(walk: Walk, value: SlotValue) -> bool:
    span = walk.file.slots[value.name].span
    return span is None or span[0] <= len(value.value) <= span[1]


def _passes(walk: Walk, step: CollectStep, value: SlotValue) -> bool:
    if not step.check:
        return True
    try:
        return evaluate(step.check, {**walk.variables, value.name: value.value}) is True
    except BadExpression:
        return False


def _failed_check(walk: Walk, step: CollectStep) -> bool:
    """Understood, but not a value that can be used: says why, and counts as a failure."""
    why = walk.words(step.check_failed)
    before = len(walk.actions)
    moved = no_match(walk)
    if why and not moved and not walk.state.finished:
        del walk.actions[before:]
        walk.say(why)
    return moved
