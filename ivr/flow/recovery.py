"""Pure: when a turn fails, and the commands that work at every step (domain.md 2.9.4, 2.9.5).

Every function changes the walk and says whether a step is to be entered now (True) or the step goes on
listening (False).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ivr.flow.expecting import wanted
from ivr.flow.flow import variables_of, words_in
from ivr.flow.progress import Frame
from ivr.flow.schema_steps import AskStep, CollectStep, ConfirmStep, ListeningStep, Words
from ivr.flow.walk import Question, Walk
from ivr.model.commands import HangUp

TRIES = 3
"""The failure at one step that leads to a person."""

SEVERE_TRIES = 2
"""The same where a mistake would be severe (domain.md 2.9.4)."""

_FOR_THE_CALL = ("facts", "heard", "fetches", "upset")
"""What the engine keeps when a caller starts over."""

_PLACE = re.compile(r"\{(\w+)")

MOST_ERRORS = 4
"""Failures in the whole call that lead to a person (domain.md 2.9.4)."""

MOST_RESCUES = 2
"""Times a call is sent to a person because it failed; after that it is ended, so that it cannot run for ever."""


def prompt_of(step: ListeningStep) -> Words:
    match step:
        case AskStep():
            return step.ask
        case CollectStep():
            return step.prompt
        case ConfirmStep():
            return step.confirm
        case _:
            return step.menu


def say_prompt(walk: Walk, step: ListeningStep, nth: int = 0) -> None:
    """Ask, the nth way; for a value still missing after others were given, in that value's own words."""
    words = prompt_of(step)
    if isinstance(step, CollectStep):
        missing = wanted(step, walk.state)
        own = step.each.get(missing[0], {}) if missing else {}
        if words_in(own, walk.state.language) and (len(missing) < len(step.collect) or not words):
            words = own
    if nth == 0 and walk.state.pending.get("upset") and not isinstance(step, ConfirmStep):
        nth = _shorter(words_in(words, walk.state.language))
    walk.say(walk.words(words, nth), barge_in=step.barge_in)


def _shorter(texts: Sequence[str]) -> int:
    """Which of the tapered texts an upset caller hears first: the second, if it is shorter and tells all the first
    does."""
    if len(texts) < 2 or len(texts[1]) >= len(texts[0]):
        return 0
    return int(set(_PLACE.findall(texts[0])) <= set(_PLACE.findall(texts[1])))


def ask(walk: Walk, question: Question, text: str) -> bool:
    """Ask something of the engine's own before going on."""
    walk.pend(question=question, asking=text, last=(text,))
    walk.say(text)
    return False


def _ask_again(walk: Walk, step: ListeningStep, own: Words, nth: int, lead: str) -> bool:
    """The nth re-ask: the ladder's own words, else the tapered prompt, else the question under way."""
    asking: str = walk.state.pending.get("asking", "")
    if walk.question is not None:
        walk.say(f"{lead} {asking}")
    elif words_in(own, walk.state.language):
        walk.say(walk.words(own, nth - 1), barge_in=step.barge_in)
    else:
        if nth == 1:
            walk.say(lead)
        say_prompt(walk, step, nth)
    return False


def _tries(walk: Walk, step: ListeningStep) -> int:
    asked = walk.question
    severe = step.severity == "severe" or (asked is not None and asked.kind == "intent" and _severe(walk, asked.name))
    return step.tries or (SEVERE_TRIES if severe else TRIES)


def _severe(walk: Walk, intent: str) -> bool:
    known = walk.flow.intent(intent)
    return known is not None and known.severity == "severe"


def no_match(walk: Walk, lead: str = "sorry") -> bool:
    """What was said fits nothing here."""
    step = walk.step
    assert isinstance(step, ListeningStep)
    walk.matched = False
    state = walk.state
    walk.keep(no_matches=state.no_matches + 1, errors=state.errors + 1)
    if walk.state.no_matches >= _tries(walk, step):
        return _out_of_tries(walk, step.on_no_match, "misrecognized")
    if walk.state.errors >= MOST_ERRORS:
        return escape(walk, "misrecognized")
    return _ask_again(walk, step, step.no_match, walk.state.no_matches, walk.own(lead))


def silent(walk: Walk) -> bool:
    """Nobody said anything for as long as the step waits."""
    step = walk.step
    if not isinstance(step, ListeningStep):
        return False
    if walk.state.pending.get("hold"):
        walk.drop("hold")
        walk.say(walk.own("still_there"))
        return False
    asked = walk.question
    if asked is not None and asked.kind == "need":
        return escape(walk, "direct_request")
    state = walk.state
    walk.keep(no_inputs=state.no_inputs + 1, errors=state.errors + 1)
    if walk.state.no_inputs >= _tries(walk, step):
        if step.on_no_input is None and not walk.state.pending.get("heard"):
            return end(walk, "silent_line", "silent_line", survey=False)
        return _out_of_tries(walk, step.on_no_input, "no_input")
    if walk.state.errors >= MOST_ERRORS and walk.state.pending.get("heard"):
        return escape(walk, "no_input")
    return _ask_again(walk, step, step.no_input, walk.state.no_inputs, "")


def _out_of_tries(walk: Walk, target: str | None, reason: str) -> bool:
    walk.drop("question", "asking", "hold")
    if target is None:
        return escape(walk, reason)
    walk.go(target)
    return True


def trouble(walk: Walk) -> bool:
    """We failed the caller: apologise and keep the place; the second time in a row, a person."""
    step = walk.step
    assert isinstance(step, ListeningStep)
    times = walk.state.pending.get("troubles", 0) + 1
    walk.pend(troubles=times)
    if times > 1:
        return escape(walk, "system")
    walk.say(walk.own("trouble"))
    if walk.question is not None:
        walk.say(walk.state.pending.get("asking", ""))
    else:
        say_prompt(walk, step)
    return False


def escape(walk: Walk, reason: str) -> bool:
    """On to a person: the `agent` step of the nearest flow that has one."""
    walk.drop("question", "asking", "hold", "implicit")
    stack = walk.state.stack
    while stack and not walk.flow.file(stack[-1]).agent:
        stack = stack[:-1]
    rescues = walk.state.pending.get("rescues", 0) + (reason != "direct_request")
    if not stack or rescues > MOST_RESCUES:
        return end(walk, "no_way_on", "error")
    file = walk.flow.file(stack[-1])
    intent = next((frame.variables["intent"] for frame in reversed(walk.state.stack) if frame.variables["intent"]), "")
    walk.pend(rescues=rescues)
    walk.keep(stack=stack, errors=0, no_inputs=0, no_matches=0)
    walk.remember({"escalation_reason": reason, "intent": intent})
    walk.note("escalation_reason", reason)
    assert file.agent
    walk.go(file.agent)
    return True


def end(walk: Walk, words: str, reason: str, *, survey: bool = False) -> bool:
    """Say a last sentence of the engine's own and hang up."""
    walk.say(walk.own(words), barge_in=False)
    walk.actions.append(HangUp(reason, survey))
    walk.keep(finished=True)
    return False


def command(walk: Walk, control: str) -> bool:
    """Carry out a universal command."""
    step = walk.step
    assert isinstance(step, ListeningStep)
    match control:
        case "agent":
            return request_agent(walk)
        case "help":
            walk.say(_help(walk, step))
            return _ask_again(walk, step, {}, 0, "")
        case "back":
            return _back(walk, step)
        case "start_over":
            return _start_over(walk)
        case "goodbye":
            return _goodbye(walk)
        case "hold_on":
            walk.pend(hold=True)
            walk.say(walk.own("hold_on"))
            return False
        case _:
            return repeat(walk, step)


def repeat(walk: Walk, step: ListeningStep) -> bool:
    """Say again what was said last; louder and slower get the same, for a line has no volume knob."""
    for text in walk.state.pending.get("last", ()):
        walk.say(text, barge_in=step.barge_in)
    return False


def request_agent(walk: Walk) -> bool:
    """The caller wants a person. At most one question first, and only if nothing is known yet and nothing failed."""
    state = walk.state
    failed = state.no_matches > 0 or bool(state.pending.get("rejected"))
    reason = "misrecognized" if failed else "direct_request"
    needless = any(frame.variables["intent"] for frame in state.stack) or state.errors or state.pending.get("needed")
    has_agent = any(walk.flow.file(frame).agent for frame in state.stack)
    if walk.file.agent_request == "soft_once" and has_agent and not needless:
        walk.pend(needed=True)
        return ask(walk, Question("need"), walk.own("need"))
    return escape(walk, reason)


def _help(walk: Walk, step: ListeningStep) -> str:
    return walk.words(step.help) or walk.words(walk.file.help) or walk.words(walk.flow.main.help) or walk.own("help")


def _back(walk: Walk, step: ListeningStep) -> bool:
    back = walk.state.back
    asked = walk.question is not None
    if len(back) < 2 and not asked:
        walk.say(walk.own("at_start"))
        say_prompt(walk, step)
        return False
    walk.drop("question", "asking")
    keep = len(back) - (1 if asked else 2)
    walk.keep(stack=back[keep], back=back[:keep])
    return True


def _start_over(walk: Walk) -> bool:
    main = walk.flow.main
    kept = {name: value for name, value in walk.state.pending.items() if name in _FOR_THE_CALL}
    first = Frame(main.flow, main.start, {**variables_of(main), **kept["facts"]})
    walk.keep(stack=(first,), back=(), pending=kept, no_inputs=0, no_matches=0)
    return True


def _goodbye(walk: Walk) -> bool:
    stack = walk.state.stack
    while stack and not walk.flow.file(stack[-1]).goodbye:
        stack = stack[:-1]
    target = walk.flow.file(stack[-1]).goodbye if stack else None
    if target is None:
        return end(walk, "goodbye", "self_service_completed", survey=True)
    walk.drop("question", "asking")
    walk.keep(stack=(*stack[:-1], replace(stack[-1], step=target)))
    return True
