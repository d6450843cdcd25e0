"""Pure: a flow as a Mermaid graph, for people."""

from ivr.flow.graph import entrances, ways
from ivr.flow.schema import AGAIN, FlowFile
from ivr.flow.schema_steps import (
    VERBS,
    BranchStep,
    FetchStep,
    HangUpStep,
    ListeningStep,
    MenuStep,
    QueueStep,
    Step,
    SurveyStep,
    TransferStep,
)


def draw(file: FlowFile) -> str:
    """Mermaid text: listening steps round, requests as cylinders, ends as hexagons; arrows carry what leads on."""
    number = {name: f"s{place}" for place, name in enumerate(file.steps)}
    lines = ["flowchart TD", f"  begin((call)) --> {number.get(file.start, file.start)}"]
    lines += [f"  {number[name]}{_shaped(name, step)}" for name, step in file.steps.items()]
    for path, target in entrances(file):
        if path[0] in ("agent", "goodbye", "anywhere", "keys") and target in number:
            lines.append(f"  any((at any step)) -. {_safe(path[-1])} .-> {number[target]}")
    for name, step in file.steps.items():
        lines += _arrows(number, name, step)
    return "\n".join(lines) + "\n"


def _arrows(number: dict[str, str], name: str, step: Step) -> list[str]:
    found: dict[tuple[str, str], list[str]] = {}
    for path, target in ways(step):
        if target != AGAIN and target in number:
            found.setdefault((number[name], number[target]), []).append(_label(step, path))
    lines = []
    for (here, there), labels in found.items():
        said = ", ".join(dict.fromkeys(label for label in labels if label))
        lines.append(f'  {here} -->|"{_safe(said)}"| {there}' if said else f"  {here} --> {there}")
    return lines


def _label(step: Step, path: tuple[str, ...]) -> str:
    if isinstance(step, BranchStep) and path[0] == "branch":
        return step.branch[int(path[1])].when
    if isinstance(step, MenuStep) and path[0] == "choices":
        choice = step.choices[int(path[1])]
        return choice.name or choice.key or ""
    return "" if path == ("then",) else path[-1].replace("_", " ")


def _shaped(name: str, step: Step) -> str:
    verb = next(verb for verb, shape in VERBS.items() if isinstance(step, shape))
    text = f'"{_safe(name)}<br/>{verb}"'
    match step:
        case HangUpStep() | SurveyStep() | QueueStep() | TransferStep():
            return "{{" + text + "}}"
        case FetchStep():
            return f"[({text})]"
        case _ if isinstance(step, ListeningStep):
            return f"([{text}])"
        case _:
            return f"[{text}]"


def _safe(text: str) -> str:
    return text.replace('"', "'").replace("|", "/").replace("&", "and").replace("<", "&lt;").replace(">", "&gt;")
