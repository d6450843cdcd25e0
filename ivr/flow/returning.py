"""Pure: what a fetch, a queue, a transfer or a message came to, and where the flow goes on."""

from dataclasses import replace
from typing import Any

from ivr.flow.entering import end_call, failed
from ivr.flow.fill import as_text, take
from ivr.flow.flow import variables_of
from ivr.flow.progress import Frame, Outcome
from ivr.flow.schema_steps import FetchStep, MessageStep, QueueStep, TransferStep
from ivr.flow.walk import Walk

ENDED = {"connected": "agent_completed", "completed": "transferred_out"}
"""End reasons where a flow does not say what comes after a person was reached."""


def came_back(walk: Walk, outcome: Outcome) -> bool:
    """What a fetch, queue, transfer or message came to. True: a step is to be entered now."""
    step = walk.step
    match step:
        case FetchStep():
            return _fetched(walk, step, outcome)
        case QueueStep() | TransferStep():
            return _left(walk, step, outcome.name)
        case MessageStep():
            taken = outcome.name == "ok"
            walk.remember({step.message: as_text(outcome.value) if taken else ""})
            walk.go(step.then if taken else step.otherwise or step.then)
            return True
        case _:
            return False


def _fetched(walk: Walk, step: FetchStep, outcome: Outcome) -> bool:
    status = outcome.facts.get("status", "")
    found: dict[str, Any] = {name: take(outcome.value, path) for name, path in step.remember.items()}
    walk.remember({**found, "status": status})
    if outcome.name == "ok" and step.method != "GET":
        walk.keep(back=())
        walk.drop("implicit")
    if status in step.on:
        walk.go(step.on[status])
        return True
    if outcome.name != "ok":
        return failed(walk, step.failed)
    walk.go(step.then)
    return True


def _left(walk: Walk, step: QueueStep | TransferStep, outcome: str) -> bool:
    target = step.on.get(outcome)
    if target is None and outcome in ENDED:
        return end_call(walk, ENDED[outcome], survey=True)
    if target is None and outcome == "callback":
        walk.say(walk.own("callback_goodbye"), barge_in=False)
        return end_call(walk, "callback_requested", survey=True)
    if target is None and outcome == "exited_with_key":
        return _back_to_the_bot(walk)
    target = target or step.otherwise
    if target is None:
        walk.say(walk.own("no_way_on"), barge_in=False)
        return end_call(walk, "error", survey=False)
    walk.keep(stack=(*walk.state.stack[:-1], replace(walk.frame, step=target)))
    return True


def _back_to_the_bot(walk: Walk) -> bool:
    """The caller did not want to wait: the first question of the call again, with nothing remembered of the errand;
    a flow that has asked nothing yet begins anew."""
    main = walk.flow.main
    first = Frame(main.flow, main.start, {**variables_of(main), **walk.state.pending["facts"]})
    stack = walk.state.back[0] if walk.state.back else (first,)
    walk.drop("question", "asking", "hold", "implicit", "asked", "needed")
    walk.keep(stack=stack, back=(), errors=0, no_inputs=0, no_matches=0)
    return True
