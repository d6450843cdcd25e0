"""Topics that spike, looked for once an hour: counted against the same hour of earlier weeks, told, kept, closed."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from ivr.insight.alerts import alert_for, history_of, local_hour, open_from_plain, open_to_plain
from ivr.insight.spikes import DAY, WEEK, WEEKS_BACK, History, TopicSpike, find_spikes, watch
from ivr.model.insight import SpikeAlert
from ivr.store.contacts import ContactStore
from ivr.store.trainer import TrainerStore
from ivr.web.live import LiveCalls

log = structlog.get_logger(__name__)

MARK = "topics"
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class TopicWatch:
    contacts: ContactStore
    trainer: TrainerStore
    live: LiveCalls
    zone: ZoneInfo
    handling_seconds: float = 240.0
    settled: timedelta = timedelta(seconds=120)
    """An hour is looked at so long after its end, when its calls have become contacts."""

    told: list[SpikeAlert] = field(default_factory=list)
    """Alerts of the last look."""

    async def run(self, now: datetime) -> list[SpikeAlert]:
        """Look at the hour that ended last, if nobody has. The alerts it gave.

        Raises:
            StoreError: the database is away.
        """
        ended = (now - self.settled - timedelta(minutes=2)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        mark = await self.contacts.mark(MARK) or {"hour": "", "open": []}
        if mark["hour"] >= ended.isoformat():
            return []
        begin = ended - timedelta(hours=WEEKS_BACK * WEEK + 2 * DAY)
        history = self._history(await self.contacts.topic_hours(begin, ended), begin, ended)
        hour = self._local(ended - HOUR)
        before = open_from_plain(mark["open"])
        seen = watch(before, find_spikes(history, hour, self.handling_seconds), history, hour)
        alerts = [await self._alert(spike, ended, now) for spike in seen.news]
        for alert in alerts:
            await self.trainer.keep_alert(alert)
            self.live.happened("topic_alert", "", alert_id=alert.alert_id, topic=alert.topic, count=alert.count,
                               usual=alert.usual, severity=alert.severity)  # fmt: skip
            log.warning("topic_spikes", topic=alert.topic, count=alert.count, usual=alert.usual)
        for topic in seen.over:
            await self._close(topic, ended)
        await self.contacts.keep_mark(MARK, {"hour": ended.isoformat(), "open": open_to_plain(seen.is_open)})
        self.told = alerts
        return alerts

    def _local(self, moment: datetime) -> int:
        offset = moment.astimezone(self.zone).utcoffset() or timedelta(0)
        return local_hour(int(moment.timestamp() // 3600), offset)

    def _history(self, by_topic: dict[str, dict[int, int]], begin: datetime, ended: datetime) -> History:
        hours = int((ended - begin) / HOUR)
        moments = [begin + HOUR * passed for passed in range(hours)]
        return history_of(by_topic, {int(moment.timestamp() // 3600): self._local(moment) for moment in moments})

    async def _alert(self, spike: TopicSpike, ended: datetime, now: datetime) -> SpikeAlert:
        kept = await self.contacts.read(ended - HOUR * spike.window, ended, now)
        contacts = [one.contact for one in kept]
        said = await self.contacts.said_about(
            [contact.contact_id for contact in contacts if contact.topic == spike.topic][-40:]
        )
        return alert_for(spike, ended, contacts, said)

    async def _close(self, topic: str, ended: datetime) -> None:
        for alert in await self.trainer.alerts(ended - timedelta(days=30), topic=topic, most=20):
            if alert.closed_at is None:
                await self.trainer.keep_alert(replace(alert, closed_at=ended))
