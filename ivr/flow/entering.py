"""Pure: walk on through steps until one listens, waits for an outcome, or ends the call."""

from collections.abc import Mapping
from hashlib import sha256

from ivr.flow.believing import slot_zone
from ivr.flow.collecting import ask_value, keep_value
from ivr.flow.expecting import wanted
from ivr.flow.expressions import BadExpression, evaluate
from ivr.flow.fill import as_text, fill_any, fill_url
from ivr.flow.flow import variables_of
from ivr.flow.progress import Frame
from ivr.flow.queueing import requirements, routing_steps, with_complaint
from ivr.flow.recovery import escape, say_prompt
from ivr.flow.schema_steps import (
    AnswerStep,
    BranchStep,
    CollectStep,
    FetchStep,
    HangUpStep,
    ListeningStep,
    MessageStep,
    NoteStep,
    QueueStep,
    ReturnStep,
    SayStep,
    SetStep,
    SubflowStep,
    SurveyStep,
    TransferStep,
)
from ivr.flow.telling import tell
from ivr.flow.walk import LONGEST_BACK, Walk
from ivr.model.commands import Fetch, HangUp, JoinQueue, Say, TakeMessage, Transfer
from ivr.model.errors import EndlessLoop

LONGEST_RUN = 100
"""Steps walked without listening or waiting; more is a loop."""

DEEPEST = 10
"""Subflows inside subflows."""


def run(walk: Walk) -> None:
    """Enter the step the walk stands at, and those after it.

    Raises:
        EndlessLoop: `LONGEST_RUN` steps passed and nothing was waited for.
    """
    for _ in range(LONGEST_RUN):
        walk.path.append(f"{walk.frame.flow}.{walk.frame.step}")
        if not _enter(walk):
            said = tuple(action.text for action in walk.actions if isinstance(action, Say))
            if said:
                walk.pend(last=said)
            return
    raise EndlessLoop(f"{walk.flow.source or walk.flow.name}: {' > '.join(walk.path[:6])} … never waits for the caller")


def _enter(walk: Walk) -> bool:
    step = walk.step
    match step:
        case SayStep():
            walk.say(walk.words(step.say), barge_in=step.barge_in, voice=step.voice)
            walk.go(step.then)
        case BranchStep():
            return _branch(walk, step)
        case SetStep():
            return _set(walk, step)
        case NoteStep():
            for name, text in step.note.items():
                walk.note(name, walk.filled(text))
            walk.go(step.then)
        case AnswerStep():
            return tell(walk, step)
        case SubflowStep():
            return _call(walk, step)
        case ReturnStep():
            return _return(walk, step)
        case HangUpStep():
            return end_call(walk, step.hangup, step.survey)
        case SurveyStep():
            return end_call(walk, step.survey, survey=True)
        case _:
            return _wait(walk)
    return True


def _wait(walk: Walk) -> bool:
    """Steps after which something has to come from outside."""
    step = walk.step
    match step:
        case FetchStep():
            return _fetch(walk, step)
        case QueueStep():
            walk.actions.append(_join(walk, step))
        case TransferStep():
            reason, facts = _reason(walk, step.reason), _facts(walk, step)
            walk.actions.append(Transfer(walk.filled(step.transfer), reason, facts, step.timeout_seconds))
        case MessageStep():
            walk.actions.append(TakeMessage(step.message, step.longest_seconds))
        case _:
            assert isinstance(step, ListeningStep)
            return _listen(walk, step)
    return False


def _listen(walk: Walk, step: ListeningStep) -> bool:
    if isinstance(step, CollectStep):
        if step.always and walk.state.pending.get("asked") != _here(walk):
            walk.remember(dict.fromkeys(step.collect, ""))
        if not wanted(step, walk.state) and not _doubtful(walk, step):
            walk.go(step.then)
            return True
    here = _here(walk)
    if walk.state.pending.get("asked") != here:
        walk.pend(rejected=(), asked=here)
    walk.drop("question", "asking", "hold", "meant")
    back = (*walk.state.back, walk.state.stack)[-LONGEST_BACK:]
    walk.keep(no_inputs=0, no_matches=0, back=back)
    doubtful = _doubtful(walk, step) if isinstance(step, CollectStep) and not wanted(step, walk.state) else None
    if doubtful:
        return ask_value(walk, doubtful, as_text(walk.variables[doubtful]))
    say_prompt(walk, step)
    return False


def _here(walk: Walk) -> str:
    return f"{walk.frame.flow}.{walk.frame.step}"


def _doubtful(walk: Walk, step: CollectStep) -> str | None:
    """A value given unasked that this step has to ask about; those repeated in passing are said at once."""
    unsure: Mapping[str, float] = walk.state.pending.get("unsure", {})
    for name in step.collect:
        if name not in unsure:
            continue
        what = slot_zone(walk, step, name, unsure[name])
        if what == "explicit":
            return name
        value = as_text(walk.variables.get(name))
        if what == "implicit":
            walk.pend(implicit=(walk.state.stack, "slot", name))
            walk.say(walk.own("implicit", what=walk.spoken(name, value)))
        keep_value(walk, name, value)
    return None


def _branch(walk: Walk, step: BranchStep) -> bool:
    try:
        chosen = next((case.then for case in step.branch if evaluate(case.when, walk.variables) is True), None)
    except BadExpression:
        return failed(walk, step.error)
    walk.go(chosen or step.otherwise)
    return True


def _set(walk: Walk, step: SetStep) -> bool:
    try:
        values = {name: fill_any(value, walk.variables) for name, value in step.set.items()}
    except BadExpression:
        return failed(walk, step.error)
    walk.remember(values)
    if step.language:
        walk.keep(language=step.language)
    walk.go(step.then)
    return True


def failed(walk: Walk, target: str | None) -> bool:
    """Something of ours did not work: the step's own way out, else a person."""
    if target is None:
        return escape(walk, "system")
    walk.go(target)
    return True


def _fetch(walk: Walk, step: FetchStep) -> bool:
    number = walk.state.pending.get("fetches", 0) + 1
    walk.pend(fetches=number)
    try:
        body = fill_any(step.body, walk.variables)
    except BadExpression:
        return failed(walk, step.failed)
    filler = walk.words(step.filler)
    if step.filler_always:
        walk.say(filler)
    key = ""
    if step.method != "GET":
        call = as_text(walk.state.pending["facts"].get("call_id"))
        key = sha256(f"{call} {_here(walk)} {number}".encode()).hexdigest()[:32]
    headers = {name: walk.filled(text) for name, text in step.headers.items()}
    url = fill_url(step.fetch, walk.variables)
    filler = "" if step.filler_always else filler
    name = _here(walk)
    walk.actions.append(Fetch(name, url, step.method, body, headers, step.timeout_seconds, step.retries, key, filler))
    return False


def _call(walk: Walk, step: SubflowStep) -> bool:
    file = walk.flow.files[step.subflow]
    shared = {name: walk.variables[name] for name in file.needs if name in walk.variables}
    try:
        given = {name: fill_any(value, walk.variables) for name, value in step.give.items()}
    except BadExpression:
        return escape(walk, "system")
    if len(walk.state.stack) >= DEEPEST:
        return escape(walk, "system")
    first = Frame(file.flow, file.start, {**variables_of(file), **shared, **given})
    walk.keep(stack=(*walk.state.stack, first))
    return True


def _return(walk: Walk, step: ReturnStep) -> bool:
    if len(walk.state.stack) == 1:
        return end_call(walk, "self_service_completed", survey=True)
    inner = walk.variables
    walk.keep(stack=walk.state.stack[:-1])
    caller = walk.step
    assert isinstance(caller, SubflowStep)
    walk.remember({ours: inner.get(theirs, "") for ours, theirs in caller.take.items()})
    walk.go(caller.on.get(step.back_to_caller, caller.then))
    return True


def end_call(walk: Walk, reason: str, survey: bool) -> bool:
    walk.actions.append(HangUp(walk.filled(reason), survey))
    walk.keep(finished=True)
    return False


def _join(walk: Walk, step: QueueStep) -> JoinQueue:
    language = walk.state.language
    return JoinQueue(
        walk.filled(step.queue),
        _reason(walk, step.reason),
        _facts(walk, step),
        with_complaint(requirements(step.skills, language), walk.state.pending.get("upset", "")),
        language,
        step.emergency,
        step.priority,
        routing_steps(step.steps, language),
    )


def _facts(walk: Walk, step: QueueStep | TransferStep) -> dict[str, str]:
    facts = walk.facts(step.handoff)
    return {**facts, "summary": walk.words(step.summary) or walk.summary(facts)}


def _reason(walk: Walk, own: str) -> str:
    return walk.filled(own) or as_text(walk.variables.get("escalation_reason"))
