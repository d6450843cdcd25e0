"""Pure: what campaigns need from a database, from a carrier, and from whoever keeps a call going through a crash."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.model.audit import Deed
from ivr.model.campaigns import (
    Accepted,
    Alert,
    AttemptOutcome,
    CampaignState,
    Case,
    Circumstances,
    Lane,
    Letter,
    Refusal,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a case, all of it in one transaction."""

    case: Case
    deeds: tuple[Deed, ...] = ()
    """For the audit."""

    letter: str = ""
    """A result for the customer's systems, as JSON; empty: none."""

    refusal: Refusal | None = None
    """Somebody asked not to be called again."""

    more: Case | None = None
    """A case that comes of this one."""


Decide = Callable[[Case, Circumstances], Change | None]
"""None: nothing changes."""

Arrive = Callable[[str, Case | None], Accepted]
"""From the digest kept under the event's id (empty: none) and the customer's open case."""


@dataclass(frozen=True, slots=True)
class Due:
    """Enough of an open case to queue it."""

    case_id: str
    campaign: str
    lane: Lane
    priority: float
    received_at: datetime
    next_at: datetime | None
    in_progress: bool = False
    attempts: int = 0
    """Written down so far."""

    expires_at: datetime | None = None


class CampaignBook(Protocol):
    """Cases as they are kept. Every method may raise `StoreError`."""

    async def receive(self, campaign: str, alert: Alert, digest: str, arrive: Arrive) -> Accepted: ...

    async def change(self, case_id: str, decide: Decide, *, rules: bool = False) -> Case | None:
        """Read, decide and write in one transaction; None: there is no such case, or nothing changed.

        Args:
            rules: `decide` looks at the circumstances; else it is given empty ones, which costs less.
        """

    async def case(self, case_id: str) -> Case | None: ...

    async def due(self) -> Sequence[Due]:
        """Every open case."""

    async def states(self) -> Mapping[str, CampaignState]: ...

    async def put_state(self, campaign: str, state: CampaignState, deed: Deed) -> None: ...

    async def letters(self, now: datetime, most: int) -> Sequence[Letter]:
        """Those due, oldest first."""

    async def hold_letter(self, letter_id: str, now: datetime, until: datetime) -> bool:
        """Nobody else sends it until then. False: somebody else does already."""

    async def letter_delivered(self, letter_id: str, at: datetime) -> None: ...

    async def letter_failed(self, letter_id: str, trouble: str, next_at: datetime | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What a carrier knows of a call it may have placed."""

    known: bool
    """False: it could not be asked, or does not tell; nobody may dial again."""

    provider_id: str = ""
    """Empty, where the carrier is sure: the call was never placed."""

    outcome: AttemptOutcome | None = None
    """How it ended; None while it goes on."""


class Carrier(Protocol):
    """What calls go out by."""

    @property
    def name(self) -> str: ...

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        """As `Dialer.dial`."""

    async def look_up(self, to: str, caller_id: str, since: datetime, known: frozenset[str]) -> Looked:
        """What became of a call to `to` that was placed since then, if it was, and is none of the `known` ones."""

    async def status(self, provider_id: str) -> Looked: ...


class Durable(Protocol):
    """Who keeps an attempt going, whatever happens to the program."""

    async def begin(self, attempt_id: str, case_id: str) -> None:
        """Beginning twice under one id is once, for ever."""
