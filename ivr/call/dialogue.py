"""Pure: the shape of a running flow, as the conductor sees it."""

from collections.abc import Mapping
from typing import Any, Protocol

from ivr.flow.progress import FlowState, Progress, Reply


class Dialogue(Protocol):
    """One version of a flow, ready to run."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress: ...

    def advance(self, state: FlowState, reply: Reply) -> Progress: ...
