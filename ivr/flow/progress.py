"""Pure: what passes between the conductor and the flow engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.model.commands import Action
from ivr.model.meaning import Expect, Hypothesis, Meaning


@dataclass(frozen=True, slots=True)
class Answer:
    """The caller spoke or keyed something."""

    text: str = ""
    digits: str = ""
    confidence: float = 1.0
    alternatives: tuple[Hypothesis, ...] = ()
    meaning: Meaning = field(default_factory=Meaning)
    mood: str = ""
    """How the caller sounds by now: amber, red; empty: calm, or not known."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody said anything for the time the step allows (VoiceXML noinput)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something the flow asked for came back: a fetch, a queue, a transfer, a message."""

    name: str
    """ok, failed, connected, timed_out, busy, no_answer …"""

    value: Any = None
    """For a fetch: the parsed body; its status is in `facts`."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """We failed the caller: hearing, speaking or the watchdog. The flow apologises and keeps its place."""

    what: str


Reply = Answer | Silence | Outcome | Trouble


@dataclass(frozen=True, slots=True)
class Frame:
    """One running flow: the main one, or a subflow above it. The top of the stack is the last."""

    flow: str
    step: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a call is in its flow. Immutable, so that a step can be undone by keeping the old one."""

    stack: tuple[Frame, ...]
    language: str = "en"
    no_inputs: int = 0
    """In a row at this step."""

    no_matches: int = 0
    errors: int = 0
    """In the whole call (domain.md 2.9.4: four lead to a person)."""

    back: tuple[tuple[Frame, ...], ...] = ()
    """Stacks at the listening steps passed, for "go back"."""

    pending: Mapping[str, Any] = field(default_factory=dict)
    """What the engine itself keeps between two replies (a confirmation under way …)."""

    finished: bool = False

    @property
    def step(self) -> str:
        return self.stack[-1].step if self.stack else ""

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.stack[-1].variables if self.stack else {}


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything one engine step did."""

    state: FlowState
    actions: tuple[Action, ...] = ()
    path: tuple[str, ...] = ()
    """Names of the steps passed, in order, `flow.step`: the trace a person reads."""

    expect: Expect | None = None
    """What the caller may now answer; None while a fetch, queue or transfer is under way, or at the end."""

    matched: bool = True
    """False: the answer was a no-match (for the record and the trainer)."""

    intent: str = ""
    """The intent acted on, if this reply was one."""
