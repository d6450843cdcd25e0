"""Pure: what is wrong with a flow, told to the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ivr.model.errors import FlowError

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. An error keeps the flow from being used, a warning does not."""

    file: str
    line: int
    """Counted from 1; 0 where the whole file is meant."""

    step: str
    """Name of the step, or empty where the finding is about the flow itself."""

    message: str
    remedy: str = ""
    level: Level = "error"
    code: str = ""
    """Short name of the rule, for filters and tests: unknown_step, unreachable …"""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        step = f"step '{self.step}': " if self.step else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{where}: {self.level}: {step}{self.message}{remedy}"


class FlowProblems(FlowError):
    """A flow file is wrong. Holds every problem found, not only the first."""

    code = "flow.problems"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConversationsFailed(FlowError):
    """Conversation tests of a flow went differently than they are written."""

    code = "flow.conversations"

    def __init__(self, failures: Iterable[str], failed: int, played: int) -> None:
        """`failures`: file, line, name, what was expected and what came; `failed` of `played` conversations."""
        self.failures = tuple(failures)
        self.summary = f"{failed} of {played} conversations went differently"
        super().__init__("\n".join((f"{self.summary}:", *self.failures)))


def did_you_mean(name: str, known: Iterable[str], *, list_all: bool = True) -> str:
    """A sentence that proposes the nearest known name, else (if asked to) lists what there is; else empty."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    if not names or not list_all:
        return ""
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"There is: {shown}."
