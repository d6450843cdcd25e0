"""Pure: what may stand in a flow file besides its steps."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr.flow.schema_steps import Confidence, Confirmation, Entry, Key, Names, Part, Severity, Step, Words

SLOT_KINDS = (
    "text", "number", "digits", "money", "date", "time", "duration", "phone", "city", "person", "yes_no",
)  # fmt: skip
"""Built-in kinds of values (`SlotRule.kind`); a slot may also name a list of its flow."""

KEYED_KINDS = ("number", "digits", "money", "phone")
"""Kinds a caller can type."""

AGAIN = "again"
"""A target that is no step: ask once more what was asked last, keeping what is known."""

ControlName = Literal[
    "agent", "repeat", "help", "back", "start_over", "goodbye", "hold_on", "yes", "no", "dont_know", "louder", "slower",
]  # fmt: skip


class Slot(Part):
    """A value the flow can hear. Its name is the variable it fills."""

    kind: str = "text"
    length: tuple[int, int] | int | None = None
    secret: bool = False
    severity: Severity = "low"
    confirm: Confirmation = "auto"
    keys: dict[Entry, str] = {}

    @property
    def span(self) -> tuple[int, int] | None:
        """Fewest and most digits."""
        return (self.length, self.length) if isinstance(self.length, int) else self.length


class Intent(Part):
    """One thing callers ask for."""

    title: Words = {}
    phrases: Words
    kind: Literal["question", "task", "chitchat", "control"] = "task"
    severity: Severity = "low"


class FlowFile(Part):
    """One YAML file of the supervisor."""

    flow: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    kind: Literal["call", "part", "survey"] = "call"
    languages: Names = ("en",)
    start: str
    agent: str | None = None
    goodbye: str | None = None
    agent_request: Literal["soft_once", "at_once"] = "soft_once"
    upset: Literal["offer", "route", "ignore"] = "offer"
    needs: tuple[str, ...] = ()
    variables: dict[str, Any] = {}
    lists: dict[str, dict[str, Words]] = {}
    slots: dict[str, Slot] = {}
    intents: dict[str, Intent] = {}
    anywhere: dict[str, str] = {}
    keys: dict[Key, str] = {}
    help: Words = {}
    labels: dict[str, Words] = {}
    sentences: dict[str, Words] = {}
    controls: dict[ControlName, Words] = {}
    out_of_scope: Words = {}
    confidence: Confidence = Confidence()
    steps: Annotated[Mapping[str, Step], Field(min_length=1)]

    @property
    def secrets(self) -> frozenset[str]:
        """Variables that are never spoken, noted or handed over."""
        return frozenset(name for name, slot in self.slots.items() if slot.secret)
