"""What the pages of insight, of trainers and of campaigns work with, handed over by the wiring."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ivr.campaigns.desk import CampaignDesk
from ivr.console.alarms import Alarms
from ivr.insight.emotion import Mood
from ivr.insight.mining import Heap, Proposal
from ivr.insight.reports import Wanted
from ivr.model.campaigns import Case
from ivr.model.insight import AnswerVerdict, Patch, SpikeAlert, Tried
from ivr.store.campaign_rules import DoNotCall
from ivr.store.campaign_views import CampaignViews
from ivr.store.escalated import Escalated
from ivr.web.reports import Period, ReportShape


class Spikes(Protocol):
    """Where alerts of topics are; `ivr.store.trainer.TrainerStore` is one."""

    async def alerts(self, since: datetime, *, topic: str = "", most: int = 100) -> list[SpikeAlert]: ...

    async def alert(self, alert_id: str) -> SpikeAlert: ...

    async def keep_alert(self, alert: SpikeAlert) -> None: ...


@dataclass(frozen=True, slots=True)
class InsightRoom:
    """Everything raises `StoreError` where the database is away."""

    figures: Callable[[Period, Wanted], Awaitable[ReportShape]]
    """As `GET /api/metrics`. Raises BadQuery: too many contacts for one report."""

    reasons: Callable[[Period], Awaitable[Mapping[str, Any]]]
    """As `GET /api/insight/escalations`."""

    escalated: Callable[[Period, str, str], Awaitable[Sequence[Escalated]]]
    """The newest calls that went to a person for a reason and a subcode (empty: any)."""

    topic_hours: Callable[[datetime, datetime, str], Awaitable[Mapping[str, Mapping[int, int]]]]
    """Contacts of one topic by hour (hours since 1970 UTC)."""

    spikes: Spikes
    moods: Callable[[], Mapping[str, Mood]]
    """Of the calls on the line."""

    alarms: Alarms
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday on, in the centre's time."""

    name: str
    """2026-W47."""

    since: datetime
    until: datetime


def week_of(now: datetime, zone: ZoneInfo, back: int = 0) -> Week:
    """The week that holds `now`, or one so many weeks before it."""
    local = now.astimezone(zone)
    monday = (local - timedelta(days=local.weekday(), weeks=back)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Week(f"{monday:%G-W%V}", monday, monday + timedelta(days=7))


class TrainersBench(Protocol):
    """Who mines and tries patches; `ivr.wiring.training.Training` is it."""

    async def heaps(self, flow: str) -> tuple[Heap, ...]: ...

    async def proposed(self, flow: str, proposal: Proposal) -> Patch: ...

    async def proved(self, flow: str, file: str, text: str, *, replay: bool) -> Tried: ...


class Items(Protocol):
    """`ivr.store.trainer.TrainerStore` is one."""

    async def change(self, item_ids: Sequence[str], **values: str) -> int: ...


class Verdicts(Protocol):
    """`ivr.store.answers.AnswerAudit` is one."""

    async def put(self, verdict: AnswerVerdict) -> None: ...

    async def verdicts(self, week: str) -> list[AnswerVerdict]: ...


@dataclass(frozen=True, slots=True)
class TrainerRoom:
    """Everything raises `StoreError` where the database is away."""

    bench: TrainersBench
    items: Items
    verdicts: Verdicts
    drawn: Callable[[Week, str], Awaitable[Sequence[Mapping[str, Any]]]]
    """Answers of a flow (empty: of all) to be read, as `GET /api/insight/sample` tells them."""

    zone: ZoneInfo


class Cases(Protocol):
    """`ivr.store.campaigns.SqlCampaignBook` is one."""

    async def case(self, case_id: str) -> Case | None: ...

    async def cases(self, case_ids: Sequence[str]) -> Sequence[Case]: ...


@dataclass(frozen=True, slots=True)
class CampaignRoom:
    """The same as the routes under `/api/campaigns` and `/api/do-not-call` work with."""

    desk: CampaignDesk
    book: Cases
    views: CampaignViews
    rules: DoNotCall
