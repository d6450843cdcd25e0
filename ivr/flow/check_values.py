"""Pure: values that do not come about as meant: names the call itself fills, counters without a beginning."""

from ivr.flow.expressions import BadExpression, check_expression
from ivr.flow.finding import Findings
from ivr.flow.flow import RESERVED, written_by
from ivr.flow.schema_steps import SetStep

CALL_FACTS = ("caller", "called", "call_id", "language")
"""What the call itself gives every flow."""


def check_values(found: Findings) -> None:
    """Warn of names whose value is overwritten, and of calculations that nothing begins."""
    _check_taken(found)
    if found.file.kind == "call":
        _check_beginnings(found)


def _check_taken(found: Findings) -> None:
    """The language is never a variable like others; what the call gives replaces first values of the same name."""
    file = found.file
    given = [("variables", name) for name in file.variables if name in CALL_FACTS]
    given += [("slots", name) for name in file.slots if name == "language"]
    for path in given:
        why = f"'{path[1]}' has its value from the call itself; what is put into it here is lost."
        found.warn(path, why, "Take another name.", code="taken_name")
    for name, step in file.steps.items():
        if "language" in written_by(step):
            why = "the language of a call is no variable; what is put into it here is lost."
            found.warn(("steps", name), why, "Write `set: {}` and `language: zh` in a step.", code="taken_name")


def _check_beginnings(found: Findings) -> None:
    file = found.file
    begun = {*file.variables, *file.slots, *file.needs, *CALL_FACTS, *RESERVED}
    counters: dict[str, tuple[str, ...]] = {}
    for name, step in file.steps.items():
        for variable in written_by(step):
            if isinstance(step, SetStep) and variable in _used(step.set.get(variable)):
                counters.setdefault(variable, ("steps", name, "set", variable))
            else:
                begun.add(variable)
    for variable, path in counters.items():
        if variable not in begun:
            why = f"'{variable}' is calculated from itself, and nothing gives it a first value."
            found.warn(path, why, f"Add `variables: {{ {variable}: 0 }}` above the steps.", code="no_first_value")


def _used(value: object) -> frozenset[str]:
    if not isinstance(value, str) or not value.startswith("="):
        return frozenset()
    try:
        return check_expression(value[1:].strip())
    except BadExpression:
        return frozenset()
