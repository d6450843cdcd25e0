"""Pure: past calls that may help an agent, and what is known of a customer before this call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SolvedCase:
    """A past call whose agent wrote that it was solved, as it is learned from. Nothing of it is shown."""

    call_id: str
    at: datetime
    flow: str
    language: str
    intent: str
    """Empty: not known."""

    disposition: str
    words: tuple[str, ...]
    """What the caller said, turn by turn."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """The same call at the moment it is shown: read anew, so that what was erased meanwhile is not."""

    call_id: str
    at: datetime
    intent: str
    disposition: str
    note: str
    """As the agent wrote it."""

    private: tuple[str, ...] = ()
    """What belongs to the customer of that call alone: number, id, values of facts."""


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A past call as another agent may see it: without names and numbers."""

    call_id: str
    at: datetime
    intent: str
    disposition: str
    note: str
    likeness: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Similar:
    """What solved calls say for the one on the line."""

    cases: tuple[SimilarCase, ...] = ()
    """The most alike first."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    """By disposition: how many of the calls alike were closed so."""


@dataclass(frozen=True, slots=True)
class Before:
    """What this customer went through lately. Empty: nothing that we know of."""

    calls: int = 0
    """Within seven days, this one not counted."""

    last_at: datetime | None = None
    last_intent: str = ""
    last_disposition: str = ""
    open_case: str = ""
    """Id of a recovery case that is not closed."""

    open_since: datetime | None = None
    callback_queue: str = ""
    """Where they wait for our call."""
