"""Pure: what the server can be told to do with a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.model.meaning import Expect
from ivr.model.people import Requirement
from ivr.model.routing import RoutingStep


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. `text` is ready for the ear: amounts, dates and digits are already worded."""

    text: str
    barge_in: bool = True
    utterance: int = 0
    """Numbered by the conductor; a flow leaves it at 0."""

    language: str = "en"
    voice: str = ""
    """Name of a configured voice; empty: the language's first."""

    step: str = ""


@dataclass(frozen=True, slots=True)
class JoinQueue:
    queue: str
    reason: str = ""
    """Escalation reason code (domain.md 2.10.4)."""

    facts: Mapping[str, str] = field(default_factory=dict)
    """What the agent must already know: intent, slots, summary."""

    skills: tuple[Requirement, ...] = ()
    language: str = "en"
    """The agent must speak it."""

    emergency: bool = False
    """Before everybody else, whatever they waited (domain.md 2.2.3); keep it rare."""

    priority: int = 0
    """Head start in seconds (domain.md 2.2.3), at most 300."""

    steps: tuple[RoutingStep, ...] = ()
    """What is asked of agents for how long, in this queue; none: the default ladder."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the caller to an outside number or address from the configured directory."""

    target: str
    reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """An HTTP request of the flow. Comes back as `Fetched` with the same name, whatever happens."""

    name: str
    url: str
    method: str = "GET"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 4.0
    retries: int = 1
    idempotency_key: str = ""
    filler: str = ""
    """Said by the conductor when the answer takes longer than a moment (domain.md 2.9.1: 1.2 s); may be empty."""


@dataclass(frozen=True, slots=True)
class Note:
    """Keep a fact with the call record."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record what the caller says next as a message."""

    name: str
    longest_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class HangUp:
    reason: str = "self_service_completed"
    """An end reason of domain.md §3."""

    survey: bool = True
    """Ask the survey first, if the caller is still there and it has not been asked."""


@dataclass(frozen=True, slots=True)
class HoldMusic:
    """Play hold audio until told otherwise; whatever is said interrupts it, and it goes on afterwards."""

    playing: bool = True
    queue: str = ""
    """The music of this queue from now on; empty: the same as before."""


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The caller chose something else than waiting; `QueueLeft` follows."""

    outcome: str
    """exited_with_key (back to the bot) or callback (keep the place, hang up)."""

    number: str = ""
    """E.164 to call back, for `callback`."""


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    pass


@dataclass(frozen=True, slots=True)
class StartTimer:
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    name: str


@dataclass(frozen=True, slots=True)
class Listen:
    """From now on hear with this in mind."""

    expect: Expect


Action = Say | JoinQueue | Transfer | Fetch | Note | TakeMessage | HangUp
"""What a flow may ask for."""

Command = Action | StopSpeaking | StartTimer | CancelTimer | Listen | HoldMusic | LeaveQueue
"""What the call session carries out."""
