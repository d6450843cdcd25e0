"""Pure: outbound calls: the event that asks for one, the case it becomes, and each attempt to reach somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Lane = Literal["urgent", "routine"]
"""Urgent work pre-empts routine work for lines (domain.md 2.8.3)."""

WindowClass = Literal["emergency", "transactional", "debt", "marketing"]
"""Which calling hours of a jurisdiction apply (domain.md 2.8.6)."""

CaseState = Literal[
    "received", "eligible", "scheduled", "in_progress",
    "confirmed", "denied", "partial", "unsure", "completed", "unreachable", "wrong_party", "opted_out",
    "callback_inbound", "expired", "cancelled", "refused",
]  # fmt: skip
"""domain.md 2.8.2. `completed`: an ordinary campaign reached its person. `refused`: the event itself was wrong."""

OPEN_STATES: frozenset[str] = frozenset({"received", "eligible", "scheduled", "in_progress"})

AttemptOutcome = Literal[
    "created", "dialling", "ringing", "answered",
    "human", "machine", "fax", "busy", "no_answer", "rejected", "congestion", "invalid_number", "network_error",
    "blocked_by_rule", "unknown",
]  # fmt: skip
"""Where an attempt is, or how it ended. `unknown`: the carrier's answer was lost; it is asked, never redialled."""

ENDED_ATTEMPTS: frozenset[str] = frozenset(
    {
        "human",
        "machine",
        "fax",
        "busy",
        "no_answer",
        "rejected",
        "congestion",
        "invalid_number",
        "network_error",
        "blocked_by_rule",
    }  # fmt: skip
)


@dataclass(frozen=True, slots=True)
class PhoneCandidate:
    """One number a customer may be reached at."""

    e164: str
    kind: str = "mobile"
    verified_at: str = ""
    priority: int = 0
    """Lower is tried first."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One event from a customer's systems: somebody is to be called (domain.md 2.8.1)."""

    source: str
    event_id: str
    """Unique within `source`."""

    customer: str
    phones: tuple[PhoneCandidate, ...]
    occurred_at: datetime
    language: str = "en"
    timezone: str = ""
    """IANA name; empty: told from the number."""

    jurisdiction: str = ""
    expires_at: datetime | None = None
    items: tuple[Mapping[str, Any], ...] = ()
    """What the call is about, one mapping each: a transaction has txn_id, amount_minor, currency, merchant, last4."""

    facts: Mapping[str, str] = field(default_factory=dict)
    """Anything else the flow may say or use: title, surname, case number."""

    exposure: float = 0.0
    """Money at stake, in major units; orders urgent cases."""

    risk: float = 0.0
    """0 to 1, as the bank's engine gave it."""

    tier: str = ""


Arrival = Literal["new", "again", "conflict", "merged"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One dial. Written before dialling, under an id that the same case and number always give again."""

    attempt_id: str
    number: int
    """1, 2, 3 … within the case."""

    to: str
    trunk: str = ""
    provider_id: str = ""
    outcome: AttemptOutcome = "created"
    rule: str = ""
    """For `blocked_by_rule`: which one."""

    counts: bool = True
    """Towards the caps of the customer; a network failure does not."""

    times: Mapping[str, datetime] = field(default_factory=dict)
    """By ledger stage: dialled, ringing, answered, verified …"""

    call_id: str = ""
    asked: int = 0
    """How many alerts of the case the call was about; those that came later were not asked about."""

    run: str = ""
    """Which run of which server dialled: after another began, the carrier is asked what became of the call."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everybody's alerts that one call settles: at most one conversation, however often they were sent."""

    case_id: str
    campaign: str
    alert: Alert
    """The first; what later ones added is in `merged`."""

    received_at: datetime
    lane: Lane = "routine"
    merged: tuple[Alert, ...] = ()
    state: CaseState = "received"
    reason: str = ""
    next_at: datetime | None = None
    """When the next attempt is due; None with an open state: as soon as possible."""

    next_phone: int = 0
    attempts: tuple[Attempt, ...] = ()
    times: Mapping[str, datetime] = field(default_factory=dict)
    """By ledger stage, first time each."""

    priority: float = 0.0
    """Higher is called first within a lane."""

    result: Mapping[str, str] = field(default_factory=dict)
    """What the conversation noted: the verdict, and on which transaction."""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return (self.alert, *self.merged)

    @property
    def items(self) -> tuple[Mapping[str, Any], ...]:
        """Everything to ask about, in the order it came, each once by its txn_id."""
        seen: dict[str, Mapping[str, Any]] = {}
        for alert in self.alerts:
            for number, item in enumerate(alert.items):
                seen.setdefault(str(item.get("txn_id") or f"{alert.event_id}/{number}"), item)
        return tuple(seen.values())

    @property
    def phones(self) -> tuple[str, ...]:
        """Numbers to try, best first, each once."""
        candidates = sorted((phone for alert in self.alerts for phone in alert.phones), key=lambda one: one.priority)
        return tuple(dict.fromkeys(phone.e164 for phone in candidates))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an alert."""

    arrival: Arrival
    """new case; again: known already, nothing happens; conflict: same id, other content; merged into an open case."""

    case: Case | None = None


CampaignState = Literal["running", "paused", "stopped"]
"""paused: nobody new is called, cases wait. stopped: cases that wait are cancelled, new events are refused."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody who does not want to be called."""

    party: str
    """E.164, or `customer:` and the customer's id."""

    purpose: str = "*"
    reason: str = ""
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody agreed to be called for a purpose, and where that is proved; kept when they take it back."""

    party: str
    """As in `Refusal`."""

    purpose: str
    channel: str
    source: str
    evidence: str
    at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A result on its way to a customer's systems."""

    letter_id: str
    case_id: str
    campaign: str
    body: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """An earlier attempt towards the same person, whatever the campaign."""

    at: datetime
    to: str
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules must know about a case, read in the transaction that decides."""

    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Purposes by party: a number, or `customer:` and the customer."""

    consents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    earlier: tuple[Contact, ...] = ()
    on_the_line: bool = False
    """Another call to this number or customer is under way."""

    last_hour: int = 0
    """Calls of the campaign; blocked ones are none."""

    last_day: int = 0


def settled(case: Case, state: CaseState, reason: str = "") -> Case:
    """Nothing more is done for it."""
    return replace(case, state=state, reason=reason, next_at=None)


def due(case: Case, phone: str, at: datetime) -> Case:
    return replace(case, state="scheduled", next_at=at, next_phone=case.phones.index(phone))
