"""Pure: one flow file from text to typed steps, with every mistake told in plain words at its line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ivr.flow.problems import FlowProblems, Problem, did_you_mean
from ivr.flow.schema import FlowFile, Intent, Slot
from ivr.flow.schema_steps import VERBS, Case, Choice, Confidence, Part
from ivr.flow.yaml_lines import Document, read_yaml

_PLAIN = {
    "missing": "needs '{field}:', which is missing.",
    "string_type": "'{field}' has to be text.",
    "string_pattern_mismatch": "'{field}' has a value that is not allowed: {value}.",
    "bool_parsing": "'{field}' has to be true or false.",
    "bool_type": "'{field}' has to be true or false.",
    "float_parsing": "'{field}' has to be a number.",
    "int_parsing": "'{field}' has to be a whole number.",
    "dict_type": "'{field}' has to be a list of `name: value` lines.",
    "mapping_type": "'{field}' has to be a list of `name: value` lines.",
    "tuple_type": "'{field}' has to be a list.",
    "too_short": "'{field}' is empty.",
    "greater_than": "'{field}' has to be more than {gt}.",
    "greater_than_equal": "'{field}' has to be {ge} or more.",
    "less_than": "'{field}' has to be less than {lt}.",
    "less_than_equal": "'{field}' has to be {le} or less.",
}

_INNER: dict[str, type[Part]] = {
    "slots": Slot, "intents": Intent, "confidence": Confidence, "branch": Case, "choices": Choice,
}  # fmt: skip
"""What stands below these entries."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that has the right shape, and where each part of it stands."""

    file: FlowFile
    document: Document
    name: str
    """Path of the file as it is shown to people."""

    def line(self, *path: str) -> int:
        return self.document.line(path)


def parse(text: str, name: str) -> Parsed:
    """Read one file.

    Raises:
        FlowProblems: it is not a flow; holds every mistake.
    """
    document = read_yaml(text, name)
    raw = document.content
    if not isinstance(raw, dict):
        raise FlowProblems([Problem(name, 1, "", "this is not a flow.", "Begin with `flow: name`.", code="shape")])
    problems: list[Problem] = []
    steps = _steps(raw.get("steps"), document, name, problems)
    try:
        file = FlowFile.model_validate({**raw, "steps": steps or {}} if "steps" in raw else raw)
    except ValidationError as error:
        problems += explained(error, document, name, (), FlowFile.model_fields)
        problems = [problem for problem in problems if problem.code != "too_short"] or problems
        raise FlowProblems(sorted(problems, key=lambda problem: problem.line)) from error
    if problems:
        raise FlowProblems(problems)
    return Parsed(file, document, name)


def _steps(raw: Any, document: Document, name: str, problems: list[Problem]) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for step, content in raw.items() if isinstance(raw, dict) else ():
        path = ("steps", step)
        shape = _shape(content)
        if shape is None:
            keys = list(content) if isinstance(content, dict) else []
            near = did_you_mean(keys[0], VERBS) if keys else f"A step is one of: {', '.join(VERBS)}."
            why = "begins with none of the words a step can begin with."
            problems.append(Problem(name, document.line(path), step, why, near, code="verb"))
            continue
        try:
            found[step] = shape.model_validate(content)
        except ValidationError as error:
            problems += explained(error, document, name, path, _fields(shape))
    return found


def _shape(content: Any) -> type[Part] | None:
    """The step's shape: its first verb that knows all its other verbs as fields."""
    if not isinstance(content, dict):
        return None
    verbs = [verb for verb in VERBS if verb in content]
    for verb in verbs:
        if all(other == verb or other in VERBS[verb].model_fields for other in verbs):
            return VERBS[verb]
    return VERBS[verbs[0]] if verbs else None


def _fields(shape: type[Part]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def _not_known(field: str, where: list[str], fields: Iterable[str], step: str) -> tuple[str, str]:
    if step and len(where) == 1 and field in VERBS and field not in fields:
        why = f"a step does one thing, but here '{field}:' is a second one."
        return why, f"Give '{field}:' a step of its own, and lead there with `then:`."
    inner = _INNER.get(where[0]) if len(where) > 1 else None
    known = fields if len(where) == 1 else _fields(inner) if inner else ()
    return f"'{field}' is not known here.", did_you_mean(where[-1], known)


def explained(
    error: ValidationError, document: Document, name: str, path: tuple[str, ...], fields: Iterable[str]
) -> list[Problem]:
    """Pydantic's findings in plain words. Several about one place (a union tried in vain) become one."""
    told: dict[tuple[int, str], Problem] = {}
    step = path[1] if path else ""
    for finding in error.errors():
        where = [str(part) for part in finding["loc"]]
        line = document.line((*path, *where))
        field = ".".join(part for part in where if part) or "this"
        if finding["type"] == "extra_forbidden":
            why, near = _not_known(field, where, fields, step)
        elif finding["input"] is None and finding["type"] != "missing":
            why, near = f"'{field}' is empty.", ""
        elif finding["type"] == "literal_error":
            why = f"'{field}' cannot be {finding['input']!r}."
            near = f"It is one of: {finding['ctx']['expected']}."
        else:
            told_so = finding["msg"].removeprefix("Value error, ").replace("{", "(").replace("}", ")")
            plain = _PLAIN.get(finding["type"], "'{field}': " + told_so + ".")
            why = plain.format(**{**finding.get("ctx", {}), "field": field, "value": finding["input"]})
            near = ""
        told.setdefault((line, field.split(".")[0]), Problem(name, line, step, why, near, code=finding["type"]))
    return list(told.values())
