"""Campaigns and jurisdiction profiles as YAML writes them; `Campaign` and `Profile` are what comes of it.

A folder holds one file per campaign, and `profiles/` in it one per jurisdiction. The shipped profiles are examples,
not legal advice.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ivr.campaigns.campaign import Campaign, DoneWhen, TransferGuard
from ivr.campaigns.ledger import GOALS, Goal
from ivr.campaigns.policy import Hours, Profile
from ivr.campaigns.retries import ORDINARY, URGENT, RetryPlan
from ivr.config_file import load_settings
from ivr.config_section import Section
from ivr.model.campaigns import AttemptOutcome, Lane, WindowClass
from ivr.model.errors import ConfigError

Stage = Literal[
    "occurred", "received", "accepted", "dialled", "ringing", "answered", "verified", "acted", "reported"
]  # fmt: skip
"""As `ivr.campaigns.ledger.STAGES`."""

NAME = r"^[a-z][a-z0-9_]{0,39}$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Count = Annotated[int, Field(ge=1)]


def _url(text: str) -> str:
    if text and not text.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise ValueError("results are personal: write an https:// address (http for loopback only)")
    return text


class WindowFile(Section):
    opens: time = time(9)
    closes: time = time(21)
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = list(DAYS)  # type: ignore[arg-type]

    def hours(self) -> Hours:
        return Hours(self.opens, self.closes, frozenset(DAYS.index(day) for day in self.days))


class ProfileFile(Section):
    """One jurisdiction."""

    profile: Annotated[str, Field(pattern=NAME)]
    not_legal_advice: Literal[True]
    sources: list[str] = []
    windows: dict[WindowClass, WindowFile | Literal["any"]]
    needs_consent: list[WindowClass] = ["marketing"]
    per_day: Count = 3
    per_event: Count = 3
    event_days: Count = 3
    holidays: list[date] = []

    def made(self) -> Profile:
        windows = {name: hours.hours() if isinstance(hours, WindowFile) else None for name, hours in
                   self.windows.items()}  # fmt: skip
        return Profile(
            self.profile, windows, frozenset(self.needs_consent), self.per_day, self.per_event, self.event_days,
            frozenset(self.holidays),
        )  # fmt: skip


class RetryFile(Section):
    """What is left out is as in `like`."""

    like: Literal["urgent", "ordinary"] = "ordinary"
    most: Count | None = None
    after_seconds: dict[AttemptOutcome, list[Annotated[float, Field(gt=0)]]] = {}
    avoid_same_hour_minutes: Annotated[int, Field(ge=0)] | None = None

    def plan(self) -> RetryPlan:
        like = URGENT if self.like == "urgent" else ORDINARY
        avoid = self.avoid_same_hour_minutes
        return RetryPlan(
            {**like.after, **{outcome: tuple(waits) for outcome, waits in self.after_seconds.items()}},
            like.next_number, like.ends_number, like.not_counted, self.most or like.most, like.most_not_counted,
            like.avoid_same_hour if avoid is None else timedelta(minutes=avoid),
        )  # fmt: skip


class GuardFile(Section):
    queue: str
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.2
    allowance: Annotated[int, Field(ge=0)] = 1


class GoalFile(Section):
    name: Annotated[str, Field(pattern=NAME)]
    begins: Stage
    ends: Stage
    seconds: Annotated[float, Field(gt=0.0)]


class CampaignFile(Section):
    """One campaign."""

    campaign: Annotated[str, Field(pattern=NAME)]
    flow: Annotated[str, Field(pattern=r"^[a-z0-9_/-]{1,100}$")]
    purpose: Annotated[str, Field(pattern=NAME)]
    caller_id: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]
    jurisdiction: str
    voicemail: Annotated[str, Field(pattern=r"^[a-z0-9_/-]{0,100}$")] = ""
    lane: Lane = "routine"
    window: WindowClass = "transactional"
    done_when: DoneWhen = "answered"
    retries: RetryFile = RetryFile()
    lines: Count = 2
    per_second: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    most_per_hour: Count = 200
    most_per_day: Count = 2000
    webhook: Annotated[str, AfterValidator(_url)] = ""
    transfers: GuardFile | None = None
    goals: list[GoalFile] = []

    def made(self, profiles: Mapping[str, Profile]) -> Campaign:
        guard = self.transfers
        return Campaign(
            self.campaign, self.flow, self.purpose, self.caller_id, profiles[self.jurisdiction], self.lane, self.window,
            self.retries.plan(), self.done_when, self.lines, self.per_second, self.most_per_hour, self.most_per_day,
            self.webhook, TransferGuard(guard.queue, guard.share, guard.allowance) if guard else None, dict(profiles),
            voicemail=self.voicemail,
            goals=tuple(Goal(each.name, each.begins, each.ends, each.seconds) for each in self.goals) or GOALS,
        )  # fmt: skip


def load_campaigns(folder: Path) -> dict[str, Campaign]:
    """Every campaign of a folder by its name.

    Raises:
        ConfigError: all that is wrong with the first wrong file, one line each: file:line: key: what, and the remedy.
    """
    profiles = {path: load_settings(path, ProfileFile).made() for path in sorted(folder.glob("profiles/*.yaml"))}
    by_name = {profile.name: profile for profile in profiles.values()}
    found: dict[str, Campaign] = {}
    for path in sorted(folder.glob("*.yaml")):
        written = load_settings(path, CampaignFile)
        if written.jurisdiction not in by_name:
            known = ", ".join(sorted(by_name)) or "none; add one to profiles/"
            raise ConfigError(f"{path}: jurisdiction: there is no profile {written.jurisdiction!r}; there are: {known}")
        if written.campaign in found:
            raise ConfigError(f"{path}: campaign: {written.campaign} is there twice; give one another name")
        found[written.campaign] = written.made(by_name)
    return found
