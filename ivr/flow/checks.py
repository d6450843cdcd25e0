"""Pure: proof before publishing: what would go wrong on a call, found without one."""

from collections.abc import Mapping

from ivr.flow.parsing import Parsed
from ivr.flow.problems import Problem


def check(parsed: Mapping[str, Parsed]) -> list[Problem]:
    """All findings about a flow and its subflows, by file and line."""
    return []
