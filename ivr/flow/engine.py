"""Pure: walk a flow. The same inputs give the same outputs.

`begin` starts a call, `advance` takes one reply. Both return everything the step did as one `Progress`; nothing
is performed here, and nothing is forgotten but what the returned state holds.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from ivr.flow.answering import answered
from ivr.flow.entering import run
from ivr.flow.expecting import expecting
from ivr.flow.flow import Flow, variables_of
from ivr.flow.progress import Answer, FlowState, Frame, Outcome, Progress, Reply, Silence, Trouble
from ivr.flow.recovery import escape, silent, trouble
from ivr.flow.returning import came_back
from ivr.flow.schema_steps import FetchStep, ListeningStep
from ivr.flow.upset import is_upset, soothed
from ivr.flow.walk import Walk


def begin(flow: Flow, facts: Mapping[str, Any] | None = None, language: str = "") -> Progress:
    """Start a call.

    Args:
        facts: Values the flow may use: what its `needs:` name (`bank_url` …), `caller`, `called`, `call_id`.
        language: One of the flow's; else its first.

    Raises:
        EndlessLoop: the flow never comes to listen.
    """
    known = dict(facts or {})
    spoken = language if language in flow.languages else flow.languages[0]
    first = Frame(flow.name, flow.main.start, {**variables_of(flow.main), **known})
    walk = Walk(flow, FlowState((first,), spoken, pending={"facts": known}))
    run(walk)
    return _done(walk)


def advance(flow: Flow, state: FlowState, reply: Reply) -> Progress:
    """Take one reply. One that does not fit where the flow stands does nothing.

    Raises:
        EndlessLoop: the flow never comes to listen.
    """
    if isinstance(reply, Answer) and is_upset(flow, state, reply):
        return _done(soothed(flow, state, reply))
    walk = Walk(flow, state)
    if not state.finished and _took(walk, reply):
        run(walk)
    return _done(walk)


def _took(walk: Walk, reply: Reply) -> bool:
    match reply:
        case Answer():
            return answered(walk, reply)
        case Silence():
            return silent(walk)
        case Outcome():
            return came_back(walk, reply)
        case Trouble():
            return _troubled(walk)
        case _:
            assert_never(reply)


def _troubled(walk: Walk) -> bool:
    """Trouble while something of ours is under way means that it failed."""
    if isinstance(walk.step, ListeningStep):
        return trouble(walk)
    if isinstance(walk.step, FetchStep):
        return came_back(walk, Outcome("failed"))
    if walk.state.pending.get("rescues", 0):
        return came_back(walk, Outcome("failed"))
    return escape(walk, "system")


def _done(walk: Walk) -> Progress:
    if not walk.path and walk.state.stack:
        walk.path.append(f"{walk.frame.flow}.{walk.frame.step}")
    return replace(walk.progress(), expect=expecting(walk.flow, walk.state))
