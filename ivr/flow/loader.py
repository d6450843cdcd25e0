"""Read flow files into a `Flow` that can run, or say everything that is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from ivr.flow.check_surroundings import Surroundings
from ivr.flow.checks import check
from ivr.flow.fill import Wording
from ivr.flow.flow import Flow
from ivr.flow.graph import answering_steps, called_flows
from ivr.flow.knowledge import ParsedKnowledge, parse_knowledge, source_of
from ivr.flow.parsing import Parsed, parse
from ivr.flow.problems import FlowProblems, Problem, did_you_mean

Read = Callable[[Path], str]
"""Gives the text of a file; raises OSError where there is none."""


def _from_disk(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def load_flow(path: Path | str, wording: Mapping[str, Wording] | None = None, read: Read = _from_disk) -> Flow:
    """Read a flow and its subflows (`<name>.yaml` in the same folder, or `<folder>/<name>` beside that folder).

    Raises:
        FlowProblems: anything is wrong that would keep a call from being answered; holds all of it.
    """
    flow, problems = read_flow(path, wording, read)
    errors = [problem for problem in problems if problem.level == "error"]
    if flow is None or errors:
        raise FlowProblems(errors)
    return flow


def flow_of_texts(texts: Mapping[str, str], main: str, wording: Mapping[str, Wording] | None = None) -> Flow:
    """A flow from kept texts by path (`Flow.texts`): a published version, a draft that is not on disk.

    Raises:
        FlowProblems: as `load_flow`.
    """

    def read(path: Path) -> str:
        if str(path) not in texts:
            raise FileNotFoundError(str(path))
        return texts[str(path)]

    return load_flow(main, wording, read)


def read_flow(
    path: Path | str,
    wording: Mapping[str, Wording] | None = None,
    read: Read = _from_disk,
    around: Surroundings | None = None,
) -> tuple[Flow | None, list[Problem]]:
    """A flow and all findings about it, errors and warnings; no flow if a file cannot be understood at all."""
    main = Path(path)
    gathered = _Gathered(read)
    gathered.add(main, _not_there(main))
    problems = sorted(gathered.problems, key=lambda problem: (problem.file, problem.line))
    if problems:
        return None, problems
    first = next(iter(gathered.parsed.values()))
    files = {name: one.file for name, one in gathered.parsed.items()}
    version = sha256("\0".join(gathered.texts.values()).encode()).hexdigest()[:12]
    found = check(gathered.parsed, gathered.knowledge, around)
    warnings = tuple(problem for problem in found if problem.level == "warning")
    knowledge = {source: one.file for source, one in gathered.knowledge.items()}
    return Flow(first.file, files, dict(wording or {}), version, str(main), gathered.texts, warnings, knowledge), found


@dataclass(slots=True)
class _Gathered:
    """A flow and, one after the other, the flows it calls."""

    read: Read
    parsed: dict[str, Parsed] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    knowledge: dict[str, ParsedKnowledge] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Path, if_missing: Problem) -> None:
        if str(place) in self.texts:
            return
        try:
            text = self.read(place)
            self.texts[str(place)] = text
            one = parse(text, str(place))
        except UnicodeDecodeError:
            self.problems.append(_not_text(place))
            return
        except OSError:
            self.problems.append(if_missing)
            return
        except FlowProblems as error:
            self.problems.extend(error.problems)
            return
        other = self.parsed.setdefault(one.file.flow, one)
        if other is not one:
            why = f"the flow is called '{one.file.flow}', as the one in {other.name} is."
            self.problems.append(Problem(str(place), one.line("flow"), "", why, "Rename one.", code="twice"))
        for step, called in called_flows(one.file):
            self._follow(place, one, step, called.subflow)
        for step, answers in answering_steps(one.file):
            self._learn(place, one, step, answers.answer)

    def _follow(self, place: Path, one: Parsed, step: str, subflow: str) -> None:
        *folders, name = subflow.split("/")
        folder = place.parent.parent.joinpath(*folders) if folders else place.parent
        file = folder / f"{name}.yaml"
        near = did_you_mean(name, [path.stem for path in folder.glob("*.yaml")], list_all=False)
        why = f"calls the flow '{subflow}', but {file} cannot be read."
        line = one.line("steps", step, "subflow")
        self.add(file, Problem(str(place), line, step, why, near, code="subflow"))

    def _text(self, file: Path) -> str:
        text = self.texts[str(file)] = self.texts.get(str(file)) or self.read(file)
        return text

    def _learn(self, place: Path, one: Parsed, step: str, written: str) -> None:
        """The knowledge file of an answer step, beside the flow."""
        source, file = source_of(one.file.flow, written), place.parent / written
        if source in self.knowledge:
            return
        try:
            text = self._text(file)
            self.knowledge[source] = parse_knowledge(text, str(file), lambda table: self._text(file.parent / table))
        except UnicodeDecodeError:
            self.problems.append(_not_text(file))
        except OSError:
            near = _near(file) or "Write that file: docs/flows.md, 'answer', says how."
            why = f"answers from '{written}', but {file} cannot be read."
            line = one.line("steps", step, "answer")
            self.problems.append(Problem(str(place), line, step, why, near, code="knowledge"))
        except FlowProblems as error:
            self.problems.extend(error.problems)


def _not_there(place: Path) -> Problem:
    return Problem(str(place), 0, "", "there is no such file that can be read.", _near(place), code="file")


def _not_text(place: Path) -> Problem:
    why, remedy = "the file is not text in UTF-8.", "Save it again, with the encoding UTF-8."
    return Problem(str(place), 0, "", why, remedy, code="file")


def _near(file: Path) -> str:
    """A file of the same kind with nearly the same name; the ending that both have says nothing."""
    others = {path.stem: path.name for path in file.parent.glob(f"*{file.suffix}")}
    near = get_close_matches(file.stem, others, n=1)
    return f"Did you mean '{others[near[0]]}'?" if near and near[0] != file.stem else ""
