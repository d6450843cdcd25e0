"""What has happened since midnight, from the archive; read on from where it was read last, once for all who watch."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.console.contacts import contact_of
from ivr.insight.metric import Figure
from ivr.insight.registry import report
from ivr.model.calls import CallRecord
from ivr.store.archive import CallArchive

FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Day:
    """Since midnight where the server stands."""

    calls: int = 0
    by_hour: tuple[int, ...] = (0,) * 24
    handled: dict[str, int] = field(default_factory=dict)
    """Ended calls by who handled them: bot, agent, both, none."""

    csat: Figure | None = None
    response: Figure | None = None


class Today:
    """For one event loop; reading is shared by everybody who asks at the same time."""

    def __init__(self, archive: CallArchive, utc: Callable[[], datetime]) -> None:
        self._archive, self._utc = archive, utc
        self._known: dict[str, CallRecord] = {}
        self._midnight = self._read_at = utc() - timedelta(days=2)
        self._reading = asyncio.Lock()
        self._day = Day()

    async def day(self) -> Day:
        """Not older than `FRESH_SECONDS`. Raises StoreError."""
        async with self._reading:
            now = self._utc()
            if (now - self._read_at).total_seconds() >= FRESH_SECONDS:
                await self._read(now)
                self._read_at, self._day = now, self._count()
        return self._day

    async def _read(self, now: datetime) -> None:
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight != self._midnight:
            self._midnight, self._known = midnight, {}
        unfinished = [one.arrived_at for one in self._known.values() if not one.ended_at]
        latest = max((one.arrived_at for one in self._known.values()), default=midnight)
        found = await self._archive.outlines(min([*unfinished, latest]))
        self._known.update({one.call_id: one for one in found})

    def _count(self) -> Day:
        calls = list(self._known.values())
        hours = Counter(one.arrived_at.astimezone().hour for one in calls)
        handled: Counter[str] = Counter(one.handled_by or "none" for one in calls if one.ended_at)
        found = report(map(contact_of, calls), ("csat", "response_rate"))
        by_hour = tuple(hours[hour] for hour in range(24))
        return Day(len(calls), by_hour, dict(handled), found["csat"], found["response_rate"])
