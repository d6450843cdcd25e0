"""Pure: which step leads to which."""

from collections.abc import Iterable, Iterator, Mapping

from ivr.flow.schema import AGAIN, FlowFile
from ivr.flow.schema_steps import (
    AnswerStep,
    BranchStep,
    HangUpStep,
    ListeningStep,
    MenuStep,
    MessageStep,
    QueueStep,
    ReturnStep,
    Step,
    SubflowStep,
    SurveyStep,
    TransferStep,
)

Way = tuple[tuple[str, ...], str]
"""Where in the step it is written (path of keys), and the step it leads to."""

_ONE = ("then", "otherwise", "error", "failed", "yes", "no", "dont_know", "on_no_input", "on_no_match",
        "not_found", "knowledge")  # fmt: skip
_MANY = ("intents", "keys", "on", "correct")


def ways(step: Step) -> Iterator[Way]:
    """Every target that is written in a step."""
    for field in _ONE:
        target = getattr(step, field, None)
        if target is not None:
            yield (field,), target
    for field in _MANY:
        for name, target in getattr(step, field, {}).items():
            yield (field, name), target
    if isinstance(step, BranchStep):
        for number, case in enumerate(step.branch):
            yield ("branch", str(number), "then"), case.then
    if isinstance(step, MenuStep):
        for number, choice in enumerate(step.choices):
            yield ("choices", str(number), "then"), choice.then


def entrances(file: FlowFile) -> Iterator[Way]:
    """Every target that is written outside the steps."""
    yield ("start",), file.start
    for field, target in (("agent", file.agent), ("goodbye", file.goodbye)):
        if target is not None:
            yield (field,), target
    for field, leads in (("anywhere", file.anywhere), ("keys", file.keys)):
        for name, target in leads.items():
            yield (field, name), target


def next_steps(file: FlowFile, step: Step) -> set[str]:
    """Where a call can be after a step; the ladder's end of a listening step is the flow's `agent`."""
    found = {target for _, target in ways(step) if target != AGAIN}
    if isinstance(step, ListeningStep) and file.agent and not (step.on_no_input and step.on_no_match):
        found.add(file.agent)
    return found & set(file.steps)


def leads_on(file: FlowFile) -> dict[str, set[str]]:
    """The graph of a file: step to next steps."""
    return {name: next_steps(file, step) for name, step in file.steps.items()}


def reached(graph: Mapping[str, set[str]], starts: Iterable[str]) -> set[str]:
    """Steps that can be reached from `starts`, those included."""
    seen: set[str] = set()
    waiting = [start for start in starts if start in graph]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(graph[name] - seen)
    return seen


def turned_round(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same graph with every arrow the other way."""
    back: dict[str, set[str]] = {name: set() for name in graph}
    for name, targets in graph.items():
        for target in targets:
            back[target].add(name)
    return back


def loops(graph: Mapping[str, set[str]], among: set[str]) -> list[list[str]]:
    """Ways round that stay among the given steps, each as the steps of one round; one loop per knot."""
    left = {name: graph[name] & among for name in among}
    found: list[list[str]] = []
    settled: set[str] = set()
    for start in sorted(among):
        if start in settled:
            continue
        way = way_round(left, start)
        if way:
            found.append(way)
            settled |= reached(left, [start])
    return found


def way_round(graph: Mapping[str, set[str]], start: str) -> list[str]:
    """The shortest way from a place of a graph back to itself, that place first; empty if there is none."""
    came: dict[str, str] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        for target in sorted(graph[name]):
            if target == start:
                way = [name]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if target not in came:
                came[target] = name
                waiting.append(target)
    return []


def ends_call(step: Step) -> bool:
    """Whether a call can be over, or in other hands, after this step."""
    return isinstance(step, HangUpStep | SurveyStep | ReturnStep | QueueStep | TransferStep)


def waits_for_someone(step: Step) -> bool:
    """Whether a loop through this step gives the caller a say, or time with a person. A fetch does not."""
    return isinstance(step, ListeningStep | QueueStep | TransferStep | MessageStep)


def answering_steps(file: FlowFile) -> Iterator[tuple[str, AnswerStep]]:
    for name, step in file.steps.items():
        if isinstance(step, AnswerStep):
            yield name, step


def called_flows(file: FlowFile) -> Iterator[tuple[str, SubflowStep]]:
    for name, step in file.steps.items():
        if isinstance(step, SubflowStep):
            yield name, step
