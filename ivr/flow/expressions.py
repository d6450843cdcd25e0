"""Pure: conditions and calculations in a flow, in the Common Expression Language (https://cel.dev).

No `eval`, no attribute of a Python object can be reached, no loop without an end. An expression is compiled
once and kept. Only values that came from JSON or from the caller are ever given to it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel

from ivr.model.errors import FlowError

FUNCTIONS = frozenset(
    {"size", "startsWith", "endsWith", "contains", "matches", "int", "uint", "double", "string", "bool", "has", "type",
     "min", "max", "lowerAscii", "upperAscii", "trim", "split", "join", "substring", "replace", "indexOf"}
)  # fmt: skip
"""What a supervisor may call; anything else is reported while loading, not on a call."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_HINTS = (
    (re.compile(r"[^=!<>]=[^=]"), "; two values are compared with =="),
    (re.compile(r"\b(?:and|or|not)\b"), "; write && for and, || for or, ! for not"),
)
"""What people write who know other languages."""

_LOOP = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")


class BadExpression(FlowError):
    """An expression cannot be read (while loading), or did not work with the values of this call."""

    code = "flow.expression"


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    try:
        return cel.compile(text)
    except ValueError as error:
        first = str(error).splitlines()[0].split("ERROR: <input>:1:")[-1]
        hint = "".join(hint for pattern, hint in _HINTS if pattern.search(_QUOTED.sub("''", text)))
        raise BadExpression(f"'{text}' cannot be read (column {first}{hint})") from error


def check_expression(text: str) -> frozenset[str]:
    """Names of the variables an expression uses.

    Raises:
        BadExpression: it cannot be read, or calls a function there is none of.
    """
    program = _compiled(text)
    unknown = [name for name in program.functions() if name.isidentifier() and name not in FUNCTIONS]
    if unknown:
        raise BadExpression(f"'{text}' uses {unknown[0]}(), which is not a function of the flow language")
    return frozenset(program.variables()) - set(_LOOP.findall(text))


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression.

    Raises:
        BadExpression: it does not work with these values (division by zero, text compared with a number …).
    """
    try:
        return _compiled(text).execute(dict(variables))
    except (ValueError, TypeError, RuntimeError, LookupError, ArithmeticError) as error:
        raise BadExpression(f"'{text}' does not work with the values of this call") from error
