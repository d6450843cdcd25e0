"""Pure: who takes part in a meeting, what a desk sees of it, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.model.ports import Ears, Line

CALLER = "the caller"
"""Their name in the room; no agent can have it, for ids hold no spaces."""

Phase = Literal["whispering", "talking", "held", "consulting", "conference", "lost", "over"]
"""lost: the agent's line died; the caller hears music, and the agent may come back for a moment."""
Mode = Literal["monitor", "whisper", "barge"]


@dataclass(frozen=True, slots=True)
class Attendant:
    """Somebody who has answered: from here on their line belongs to the meeting."""

    id: str
    line: Line
    name: str = ""
    """As it may be told to the caller."""

    ears: Ears | None = None
    """For the transcript of what they say; closed with the leg."""

    pressed: Callable[[str], None] = lambda digit: None
    """Told their keys."""


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    by: Literal["caller", "agent", "system"]
    """Who left first."""

    agent: str
    """Who had the caller last."""

    reason: str = ""
    """agent: `caller` (they hung up) or `network` (their line died: the caller should not lose their place);
    system: as given to `end`."""


@dataclass(frozen=True, slots=True)
class MeetingView:
    """What a desk shows."""

    call_id: str
    phase: Phase
    agent: str
    consulted: str = ""
    muted: tuple[str, ...] = ()
    supervisors: Mapping[str, Mode] = field(default_factory=dict)


Changed = Callable[[MeetingView], None]
"""Told of every change, on the event loop; must not raise and must not wait."""
