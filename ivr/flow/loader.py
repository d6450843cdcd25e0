"""Read flow files into a `Flow` that can run, or say everything that is wrong with them."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from ivr.flow.checks import check
from ivr.flow.fill import Wording
from ivr.flow.flow import Flow
from ivr.flow.parsing import Parsed, parse
from ivr.flow.problems import FlowProblems, Problem, did_you_mean
from ivr.flow.schema_steps import SubflowStep


def load_flow(path: Path | str, wording: Mapping[str, Wording] | None = None) -> Flow:
    """Read a flow and its subflows (`<name>.yaml` in the same folder, or `<folder>/<name>` beside it).

    Raises:
        FlowProblems: anything is wrong that would keep a call from being answered; holds all of it.
    """
    flow, problems = read_flow(path, wording)
    errors = [problem for problem in problems if problem.level == "error"]
    if flow is None or errors:
        raise FlowProblems(errors)
    return flow


def read_flow(path: Path | str, wording: Mapping[str, Wording] | None = None) -> tuple[Flow | None, list[Problem]]:
    """A flow and all findings about it, errors and warnings; no flow if a file cannot be understood at all."""
    main = Path(path)
    parsed: dict[str, Parsed] = {}
    problems: list[Problem] = []
    texts: list[str] = []
    waiting: list[tuple[Path, Problem | None]] = [(main, None)]
    seen: set[Path] = set()
    while waiting:
        place, asked_by = waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        try:
            text = place.read_text(encoding="utf-8")
            one = parse(text, str(place))
        except (OSError, UnicodeDecodeError):
            problems.append(asked_by or _not_there(place))
            continue
        except FlowProblems as error:
            problems.extend(error.problems)
            continue
        texts.append(text)
        parsed.setdefault(one.file.flow, one)
        waiting.extend(_subflows(place, one))
    if problems:
        return None, sorted(problems, key=lambda problem: (problem.file, problem.line))
    first = next(iter(parsed.values()))
    files = {name: one.file for name, one in parsed.items()}
    version = sha256("\0".join(texts).encode()).hexdigest()[:12]
    found = check(parsed)
    warnings = tuple(problem for problem in found if problem.level == "warning")
    return Flow(first.file, files, dict(wording or {}), version, str(main), warnings), found


def _not_there(place: Path) -> Problem:
    near = did_you_mean(place.name, [path.name for path in place.parent.glob("*.yaml")])
    return Problem(str(place), 0, "", "there is no such file that can be read.", near, code="file")


def _subflows(place: Path, one: Parsed) -> list[tuple[Path, Problem]]:
    found = []
    for name, step in one.file.steps.items():
        if isinstance(step, SubflowStep):
            *folders, flow = step.subflow.split("/")
            folder = place.parent.parent.joinpath(*folders) if folders else place.parent
            file = folder / f"{flow}.yaml"
            line = one.line("steps", name, "subflow")
            near = did_you_mean(flow, [path.stem for path in folder.glob("*.yaml")])
            why = f"calls the flow '{step.subflow}', but {file} cannot be read."
            found.append((file, Problem(str(place), line, name, why, near, code="subflow")))
    return found
