"""Pure: where a call could get lost: targets that are not there, dead ends, loops, no way to a person."""

from ivr.flow.finding import Findings
from ivr.flow.graph import (
    called_flows,
    ends_call,
    entrances,
    leads_on,
    loops,
    reached,
    turned_round,
    waits_for_someone,
    way_round,
    ways,
)
from ivr.flow.problems import did_you_mean
from ivr.flow.queueing import QUEUE_OUTCOMES, TRANSFER_OUTCOMES
from ivr.flow.schema import AGAIN, FlowFile
from ivr.flow.schema_steps import FetchStep, ListeningStep, QueueStep, Step, TransferStep


def check_targets(found: Findings) -> None:
    steps = found.file.steps
    for path, target in entrances(found.file):
        if target not in steps:
            why = f"'{'.'.join(path)}' leads to step '{target}', which is not there."
            found.add(path, why, did_you_mean(target, steps), code="unknown_step")
    for name, step in steps.items():
        for path, target in ways(step):
            if target not in steps and target != AGAIN:
                why = f"leads to step '{target}', which is not there."
                found.add(("steps", name, *path), why, did_you_mean(target, steps), code="unknown_step")


def check_reach(found: Findings) -> None:
    """Steps no call can come to (a warning), and steps no call can leave (an error)."""
    file = found.file
    graph = leads_on(file)
    came = reached(graph, [target for _, target in entrances(file)])
    # Behind a target that is not there everything looks unreachable: one mistake, one message.
    whole = all(target in file.steps or target == AGAIN for step in file.steps.values() for _, target in ways(step))
    for name in file.steps:
        if whole and name not in came:
            found.warn(("steps", name), "no step leads here.", "Lead to it, or remove it.", code="unreachable")
    ends = [name for name, step in file.steps.items() if ends_call(step) or _hands_back(file, step)]
    saved = reached(turned_round(graph), ends)
    lost = [name for name in file.steps if name not in saved]
    for name in lost:
        why = "a call that comes here never ends: no hangup, survey, queue, transfer or return can be reached."
        found.add(("steps", name), why, "Lead on to a step that ends the call.", code="no_way_out")


def _hands_back(file: FlowFile, step: Step) -> bool:
    """Whether a call goes on from here where this file does not show: asked again, or the caller's flow's agent."""
    return AGAIN in {way for _, way in ways(step)} or (file.agent is None and isinstance(step, ListeningStep))


def check_loops(found: Findings) -> None:
    file = found.file
    rushing = {name for name, step in file.steps.items() if not waits_for_someone(step)}
    for loop in loops(leads_on(file), rushing):
        way = " > ".join([*loop, loop[0]])
        why = f"goes round without ever listening to the caller: {way}."
        found.add(("steps", loop[0]), why, "Put an ask, collect, confirm or menu into it.", code="endless_loop")


def check_people(found: Findings) -> None:
    """Every call must be able to reach a person."""
    file = found.file
    if file.kind != "call":
        return
    if file.agent is None:
        why = "there is no path to a human: `agent:` is missing."
        found.add((), why, "Name the step that leads to a queue or a transfer: `agent: to_person`.", code="no_human")
        return
    near = reached(leads_on(file), [file.agent])
    people = [name for name in near if isinstance(file.steps[name], QueueStep | TransferStep)]
    if file.agent in file.steps and not people:
        why = f"there is no path to a human: from '{file.agent}' no queue and no transfer is reached."
        found.add(("agent",), why, "Add a queue or transfer step after it.", code="no_human")


def check_outcomes(found: Findings) -> None:
    """What comes back from outside can always fail."""
    for name, step in found.file.steps.items():
        path = ("steps", name)
        if isinstance(step, FetchStep) and step.failed is None:
            why = "a request can fail, but nothing says what happens then."
            found.add(path, why, "Add `failed: <step>` that says so and goes on.", code="no_error_path")
        if isinstance(step, QueueStep | TransferStep):
            known = QUEUE_OUTCOMES if isinstance(step, QueueStep) else TRANSFER_OUTCOMES
            for outcome in step.on:
                if outcome not in known:
                    why = f"'{outcome}' is nothing that can come of it."
                    found.add((*path, "on", outcome), why, did_you_mean(outcome, known), code="unknown_outcome")
        if isinstance(step, QueueStep | TransferStep) and step.otherwise is None:
            why = "nobody may answer, but nothing says what happens then."
            found.add(path, why, "Add `otherwise: <step>`.", code="no_error_path")


def check_subflows(found: Findings) -> None:
    calls = {
        name: {step.subflow.split("/")[-1] for _, step in called_flows(one.file)} & found.all.keys()
        for name, one in found.all.items()
    }
    for name, step in called_flows(found.file):
        path = ("steps", name)
        other = found.all.get(step.subflow.split("/")[-1])
        if other is None:
            why = f"the file of '{step.subflow}' has another flow in it."
            found.add((*path, "subflow"), why, "Name the file as its `flow:` line says.", code="subflow")
            continue
        missing = set(found.file.languages) - set(other.file.languages)
        if missing:
            why = f"the flow '{step.subflow}' does not speak {', '.join(sorted(missing))}."
            found.add((*path, "subflow"), why, "Add the language there.", code="language")
        if other is found.parsed:
            found.add((*path, "subflow"), "the flow calls itself.", "Use `then: <step>` instead.", code="subflow")
            continue
        way = way_round({**calls, found.file.flow: {other.file.flow}}, found.file.flow)
        if way:
            why = f"the flows call each other without end: {' > '.join([*way, way[0]])}."
            found.add((*path, "subflow"), why, "Let one of them `return:` instead of calling.", code="subflow_cycle")
