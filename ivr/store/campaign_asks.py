"""Pure: what may be asked of the book of campaigns; many asks are carried out in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from ivr.model.campaign_ports import Arrive, Decide
from ivr.model.campaigns import Alert


@dataclass(frozen=True, slots=True)
class Receive:
    """Take an event in."""

    campaign: str
    alert: Alert
    digest: str
    arrive: Arrive


@dataclass(frozen=True, slots=True)
class Alter:
    """Decide about a case."""

    case_id: str
    decide: Decide
    rules: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Nobody else sends a letter until then, if it was due at `now`."""

    letter_id: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    letter_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    letter_id: str
    trouble: str
    next_at: datetime | None


Ask = Receive | Alter | Hold | Delivered | Failed
