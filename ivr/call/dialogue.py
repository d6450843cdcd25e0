"""Pure: a running flow, as the conductor sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.flow.engine import advance, begin
from ivr.flow.fill import fill
from ivr.flow.flow import Flow
from ivr.flow.progress import FlowState, Progress, Reply
from ivr.flow.prompts import fixed_prompts
from ivr.flow.sentences import sentence


class Dialogue(Protocol):
    """One version of a flow, ready to run."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress: ...

    def advance(self, state: FlowState, reply: Reply) -> Progress: ...

    def sentence(self, name: str, language: str, **places: str) -> str:
        """One of `ivr.flow.sentences`, in the flow's own words where it has some."""

    def worded(self, kind: str, value: str, language: str) -> str:
        """A value as it is spoken: "phone", "number"."""


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

    def sentence(self, name: str, language: str, **places: str) -> str:
        return fill(sentence(name, language, self.flow.main.sentences), places, language, {})

    def worded(self, kind: str, value: str, language: str) -> str:
        wording = self.flow.wording.get(kind)
        return wording(value, language) if wording else value

    def prompts(self) -> list[tuple[str, str]]:
        """(text, language) of all that can be made before anyone calls."""
        return fixed_prompts(self.flow)
