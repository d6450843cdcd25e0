"""Pure: a caller who gets upset while they talk with us (domain.md 2.10.1): one apology, shorter prompts and the way to
a person when they are uneasy; a person offered, or got at once, when they are angry.

Whoever says what they want gets that first, however they say it: nobody who reports a stolen card in anger is asked
whether they would like a person instead.
"""

from dataclasses import replace

from ivr.flow.answering import answered
from ivr.flow.entering import run
from ivr.flow.flow import Flow
from ivr.flow.progress import Answer, FlowState
from ivr.flow.queueing import RED
from ivr.flow.recovery import ask, escape
from ivr.flow.schema_steps import ListeningStep
from ivr.flow.walk import Question, Walk
from ivr.model.commands import Say

AMBER = "amber"
_RANK = {"": 0, "none": 0, AMBER: 1, RED: 2}


def is_upset(flow: Flow, state: FlowState, answer: Answer) -> bool:
    """Whether this answer is angrier than any before, where the flow cares."""
    if flow.main.upset == "ignore" or flow.main.kind == "survey" or state.finished:
        return False
    return _RANK.get(answer.mood, 0) > _RANK[state.pending.get("upset", "")]


def soothed(flow: Flow, state: FlowState, answer: Answer) -> Walk:
    """What the flow does with it."""
    walk = Walk(flow, state)
    if answer.mood == RED and flow.main.upset == "route":
        return _routed(walk)
    walk.pend(upset=answer.mood)
    if answered(walk, answer):
        run(walk)
    if answer.mood == RED and not walk.matched and not walk.state.finished:
        return _offered(Walk(flow, state), walk)
    if walk.state.finished:
        return walk
    if not walk.matched:
        again = walk.own("sorry")  # one apology is enough
        walk.actions = [action for action in walk.actions if not (isinstance(action, Say) and action.text == again)]
    walk.say(walk.own("upset_sorry"))
    walk.actions.insert(0, walk.actions.pop())
    if isinstance(walk.step, ListeningStep) and walk.question is None:
        walk.say(walk.own("upset_invite"))
    return walk


def _routed(walk: Walk) -> Walk:
    walk.pend(upset=RED, heard=True)
    walk.say(walk.own("upset_route"), barge_in=False)
    escape(walk, "emotion")
    run(walk)
    return walk


def _offered(walk: Walk, tried: Walk) -> Walk:
    """They were not understood, and angry: no third re-ask, but the question whether a person may take over."""
    walk.state = replace(walk.state, errors=tried.state.errors)
    walk.pend(upset=RED, heard=True)
    walk.drop("implicit", "hold", "troubles")
    walk.matched = False
    ask(walk, Question("person"), f"{walk.own('upset_sorry')} {walk.own('upset_offer')}")
    return walk
