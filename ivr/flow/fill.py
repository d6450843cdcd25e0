"""Pure: put values into sentences. `{place}` and `{balance|money}`: a name and at most one wording, no code.

How an amount or a date sounds is not decided here: the wordings are given by the wiring, by name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ivr.flow.expressions import evaluate

Wording = Callable[[str, str], str]
"""(value as text, language) to what is said."""

WORDINGS = ("money", "digits", "date", "time", "phone", "number", "ordinal", "duration", "spell")
"""Names that may stand after `|`. One that the wiring does not know leaves the value as it is."""

HIDDEN = "…"
"""What stands in a sentence instead of a secret."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"([A-Za-z_]\w*)(?:\|([a-z_]+))?")


def places(text: str) -> Iterator[tuple[str, str]]:
    """Each `{name|wording}` of a text as (name, wording); a malformed one as ("", what stands in the braces)."""
    for inside in _PLACE.findall(text):
        match = _NAME.fullmatch(inside.strip())
        yield (match[1], match[2] or "") if match else ("", inside)


def as_text(value: Any) -> str:
    """A value as it is put into a sentence: whole numbers without a point, truth in lower case, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def fill(
    text: str,
    variables: Mapping[str, Any],
    language: str,
    wording: Mapping[str, Wording],
    secrets: frozenset[str] = frozenset(),
) -> str:
    """The sentence with its places filled. An unknown name becomes nothing, a secret `HIDDEN`."""

    def put(match: re.Match[str]) -> str:
        name = _NAME.fullmatch(match[1].strip())
        if name is None:
            return match[0]
        if name[1] in secrets:
            return HIDDEN
        value = as_text(variables.get(name[1]))
        worded = wording.get(name[2]) if name[2] else None
        return worded(value, language) if worded and value else value

    return _PLACE.sub(put, text)


def fill_url(text: str, variables: Mapping[str, Any]) -> str:
    """A URL with its places filled. Values are percent-encoded, but for one that begins the URL (its base)."""

    def put(match: re.Match[str]) -> str:
        value = as_text(variables.get(match[1].strip()))
        return value.rstrip("/") if match.start() == 0 else quote(value, safe="")

    return _PLACE.sub(put, text)


def fill_any(content: Any, variables: Mapping[str, Any]) -> Any:
    """The body of a request, or a value to set: places filled at every depth; `= …` is calculated.

    Raises:
        BadExpression: a calculation does not work with these values.
    """
    if isinstance(content, str):
        if content.startswith("="):
            return evaluate(content[1:].strip(), variables)
        return fill(content, variables, "", {})
    if isinstance(content, Mapping):
        return {name: fill_any(value, variables) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [fill_any(value, variables) for value in content]
    return content


def take(body: Any, path: str) -> Any:
    """The value at a dotted path of a JSON body, `branches.0.name`; empty text where there is none."""
    value = body
    for name in path.split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return ""
    return value
