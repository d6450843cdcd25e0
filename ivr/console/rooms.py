"""What the pages of insight, of trainers and of campaigns work with, handed over by the wiring."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ivr.console.alarms import Alarms
from ivr.insight.emotion import Mood
from ivr.insight.reports import Wanted
from ivr.model.insight import SpikeAlert
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
