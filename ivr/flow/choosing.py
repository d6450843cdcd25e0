"""Pure: what a caller chose without words: a key says as much as the intent that leads to the same place."""

from ivr.flow.expecting import offers
from ivr.flow.schema_steps import AskStep, MenuStep
from ivr.flow.walk import Walk

CHOSEN = "chosen"
"""Kept between replies: the last choice of a menu, by its name; or the step that a key of a question led to. Handed
over as a fact, so that whoever takes the call knows what a caller wants who never said it."""


def chose(walk: Walk, name: str, target: str) -> None:
    """The caller chose `name`, which leads to `target`; it is what they want now, if one intent leads there too."""
    walk.pend(**{CHOSEN: name})
    depth = len(walk.state.stack)
    led = [intent for intent, place in offers(walk.flow, walk.state).items() if place == (depth, target)]
    known = walk.flow.intent(led[0]) if len(led) == 1 else None
    if known is not None and known.kind != "control":
        walk.intent = led[0]
        walk.remember({"intent": walk.intent})


def keyed(walk: Walk, digits: str, target: str) -> None:
    """A key led to `target`. Keys that work everywhere, and those that help where a value is asked, choose nothing."""
    step = walk.step
    if isinstance(step, AskStep | MenuStep) and step.keys.get(digits) == target:
        chose(walk, target, target)
