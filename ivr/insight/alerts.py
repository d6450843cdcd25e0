"""Pure: the card of a topic that spikes: what stands out, what callers said, how it ended (domain.md 2.10.2)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ivr.insight.facets import over_represented
from ivr.insight.spikes import History, OpenSpike, TopicSpike
from ivr.model.contacts import Contact
from ivr.model.insight import SpikeAlert
from ivr.model.redaction import redact

MOST_UTTERANCES = 10


def local_hour(utc_hour: int, offset: timedelta) -> int:
    """Hours since 1970 in the centre's own time, so that a week is 168 of them whatever the clocks do."""
    return utc_hour + round(offset.total_seconds() / 3600)


def history_of(by_topic: Mapping[str, Mapping[int, int]], hours: Mapping[int, int]) -> History:
    """Counts by hour of the centre's own time. `hours`: UTC hour to local hour."""
    topics: dict[str, dict[int, int]] = {}
    for topic, counts in by_topic.items():
        mine = topics.setdefault(topic, {})
        for hour, count in counts.items():
            local = hours.get(hour, hour)
            mine[local] = mine.get(local, 0) + count
    first = min((hour for counts in topics.values() for hour in counts), default=0)
    return History(topics, first)


def facets_of(contact: Contact) -> dict[str, str]:
    """What contacts of a spike may have in common."""
    known = {
        "flow": contact.flow,
        "flow_version": contact.flow_version,
        "language": contact.language,
        "channel": contact.channel,
        "direction": contact.direction,
        "area": contact.customer[:5] if contact.customer.startswith("+") else "",
        "escalation_reason": contact.escalation_reason,
    }
    return {name: value for name, value in known.items() if value}


def alert_for(
    spike: TopicSpike, ended: datetime, contacts: Sequence[Contact], said: Sequence[str], since: datetime | None = None
) -> SpikeAlert:
    """The card.

    Args:
        ended: of the hour that showed it, UTC.
        contacts: all of the window, of every topic.
        said: words of callers with the topic; redacted here.
        since: when it was first told of; None: now.
    """
    inside = [contact for contact in contacts if contact.topic == spike.topic]
    outside = [contact for contact in contacts if contact.topic != spike.topic]
    facets = over_represented(map(facets_of, inside), map(facets_of, outside))
    return SpikeAlert(
        alert_id=f"{spike.topic}@{ended.astimezone(UTC):%Y%m%dT%H}",
        topic=spike.topic,
        at=ended,
        first_seen=since or min((contact.arrived_at for contact in inside), default=ended),
        window_hours=spike.window,
        count=spike.count,
        usual=round(spike.usual, 2),
        p=spike.p,
        severity=round(spike.severity, 1),
        facets=[
            {"name": one.name, "value": one.value, "log_odds": round(one.log_odds, 2), "contacts": one.contacts}
            for one in facets
        ],
        utterances=[redact(text) for text in dict.fromkeys(said)][:MOST_UTTERANCES],
        outcomes=dict(Counter(contact.end_reason for contact in inside)),
    )


def open_to_plain(is_open: Mapping[str, OpenSpike]) -> list[list[object]]:
    """For the store, and back with `open_from_plain`."""
    return [[one.topic, one.since, one.told_at, one.calm_hours] for one in is_open.values()]


def open_from_plain(kept: Sequence[Sequence[object]]) -> dict[str, OpenSpike]:
    return {str(row[0]): OpenSpike(str(row[0]), *(int(str(number)) for number in row[1:])) for row in kept}
