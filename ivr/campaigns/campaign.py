"""Pure: what a campaign is: whom it calls with which flow, under which rules, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ivr.campaigns.ledger import GOALS, Goal
from ivr.campaigns.policy import Profile
from ivr.campaigns.retries import URGENT, RetryPlan
from ivr.model.campaigns import Lane, WindowClass

DoneWhen = Literal["verdict", "answered"]
"""What settles a case: the flow notes a verdict; or a person answered and heard the flow to its end."""


@dataclass(frozen=True, slots=True)
class TransferGuard:
    """Routine calls wait while those who would be handed over would find nobody (domain.md 2.8.3)."""

    queue: str
    share: float = 0.2
    """Of the calls, handed to a person."""

    allowance: int = 1
    """How many may wait."""


@dataclass(frozen=True, slots=True)
class Campaign:
    name: str
    flow: str
    purpose: str
    """What the calls are for; refusals and consents are by purpose."""

    caller_id: str
    """E.164; somebody must answer it."""

    profile: Profile
    lane: Lane = "routine"
    window: WindowClass = "transactional"
    plan: RetryPlan = URGENT
    done_when: DoneWhen = "verdict"
    most_lines: int = 4
    per_second: float = 1.0
    most_per_hour: int = 200
    most_per_day: int = 2000
    """Toll-fraud guards: what a stolen secret could cost is bounded."""

    webhook: str = ""
    """Where results go; empty: they are only kept."""

    guard: TransferGuard | None = None
    profiles: dict[str, Profile] = field(default_factory=dict)
    """By name, for events that name a jurisdiction of their own."""

    voicemail: str = ""
    """Flow that speaks to answering machines; empty: they get the ordinary one."""

    goals: Sequence[Goal] = GOALS

    def rules(self, jurisdiction: str) -> Profile:
        """An unknown jurisdiction is not guessed at: the campaign's own profile holds."""
        return self.profiles.get(jurisdiction, self.profile)
