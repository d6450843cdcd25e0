"""What a live call is made of, and what all calls share."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from ivr.call.bridging import Bridging
from ivr.call.comfort import ComfortTone
from ivr.call.conductor import Conductor
from ivr.call.disclosure import Disclosure
from ivr.call.liveness import Patience
from ivr.call.record import CallLog
from ivr.call.recorder import StereoRecorder
from ivr.model.commands import Command
from ivr.model.events import CallEvent
from ivr.model.ports import CallStore, Clock, Fetcher, HoldAudio, Switchboard, Voice
from ivr.model.redaction import EVERY_KIND

Watcher = Callable[[str, float, CallEvent | Command], None]
"""Sees every event and command of a call as it happens: call id, seconds since the answer, what."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every call shares."""

    voice: Voice
    fetcher: Fetcher
    switchboard: Switchboard
    store: CallStore
    clock: Clock
    directory: Mapping[str, str] = field(default_factory=dict)
    """Names a flow may transfer to, and the number or address behind each."""

    apologies: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    watchers: Sequence[Watcher] = ()
    hold: HoldAudio = field(default_factory=ComfortTone)
    """Heard while waiting, where the queue has nothing of its own."""

    queue_hold: Mapping[str, HoldAudio] = field(default_factory=dict)
    bridging: Bridging | None = None
    """For transfers that the line itself cannot do; None: they fail."""

    feel: Callable[[str, str], str] = lambda call_id, words: ""
    """How the caller of a call sounds with these words: amber, red, or empty. Called once for each turn, before it is
    told to anybody; must not wait and must not raise."""

    redact: Set[str] = EVERY_KIND
    """What of the words of callers and agents is never kept: kinds of `ivr.model.redaction`."""


@dataclass(slots=True)
class LiveCall:
    """One call while it lives, over one or more lines (a transfer takes the line away and may bring another)."""

    call_id: str
    conductor: Conductor
    log: CallLog
    answered_at: float
    """On the monotonic clock."""

    disclosure: Disclosure = field(default_factory=Disclosure)
    recorder: StereoRecorder | None = None
    recording: Path | None = None
    """Where the call is recorded, once it may be."""

    messages: Path | None = None
    """Folder for what the caller leaves as messages; None: only their words are kept."""

    messages_taken: int = 0
    seq: int = 0
    dropped_frames: int = 0
    away: bool = False
    """The line was given to a transfer; the call waits for it to come back."""
