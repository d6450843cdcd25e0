"""Pure: a running flow, as the conductor sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.flow.engine import advance, begin
from ivr.flow.flow import Flow
from ivr.flow.progress import FlowState, Progress, Reply
from ivr.flow.prompts import fixed_prompts


class Dialogue(Protocol):
    """One version of a flow, ready to run."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress: ...

    def advance(self, state: FlowState, reply: Reply) -> Progress: ...


@dataclass(frozen=True, slots=True)
class FlowDialogue:
    """A loaded flow under the name it has in config.yaml: "bank/hotline"."""

    name: str
    flow: Flow

    @property
    def version(self) -> str:
        return self.flow.version

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress:
        return begin(self.flow, facts, language)

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        return advance(self.flow, state, reply)

    def prompts(self) -> list[tuple[str, str]]:
        """(text, language) of all that can be made before anyone calls."""
        return fixed_prompts(self.flow)
