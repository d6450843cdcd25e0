"""Pure: topics that callers suddenly ask about, against what is usual at this hour of the week (domain.md 2.10.2).

Hours are whole numbers that go on counting (hours since the epoch, in the centre's own time), so a week is 168.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import fmean, median, pvariance

from ivr.insight.tails import negative_binomial_tail, surprising

WEEK = 168
WEEKS_BACK = 8
DAY = 24
LOWEST_MEAN = 0.5
RECENT_WEIGHT = 0.3
"""How much the level of the last 24 h moves the usual one; a choice of this project, domain.md only says "blended"."""

FEWEST = 5
TIMES_USUAL = 2.0
FALSE_RATE = 0.001
COOL_DOWN_HOURS = 6
CALM_TIMES_USUAL = 1.5
CALM_HOURS = 3
WINDOWS = (1, DAY)
"""The last hour, and the last day for what rises slowly."""


@dataclass(frozen=True, slots=True)
class Baseline:
    mean: float
    dispersion: float
    """Variance over mean, at least 1."""


@dataclass(frozen=True, slots=True)
class TopicSpike:
    topic: str
    hour: int
    window: int
    """Hours that were added up."""

    count: int
    usual: float
    p: float
    severity: float
    """Agent-minutes lost: (count - usual) * AHT."""

    @property
    def ratio(self) -> float:
        return self.count / self.usual


@dataclass(frozen=True, slots=True)
class OpenSpike:
    """A spike that was told of and is not over."""

    topic: str
    since: int
    told_at: int
    calm_hours: int = 0


Counts = Mapping[int, int]
"""Contacts of one topic per hour; hours without any may be missing."""


def total(counts: Counts, last_hour: int, window: int) -> int:
    """Contacts in the `window` hours up to and with `last_hour`."""
    return sum(counts.get(hour, 0) for hour in range(last_hour - window + 1, last_hour + 1))


def baseline(counts: Counts, hour: int, window: int, first_hour: int) -> Baseline:
    """What is usual for the window that ends with `hour`: the median of the same hours of the last 8 weeks, moved
    towards the level of the 24 hours before, floor 0.5. `first_hour`: nothing was counted before it."""
    weeks = [hour - week * WEEK for week in range(1, WEEKS_BACK + 1)]
    same = [total(counts, then, window) for then in weeks if then - window + 1 >= first_hour]
    if not same:
        return Baseline(LOWEST_MEAN * window, 1.0)
    mean = fmean(same)
    spread = pvariance(same) / mean if mean else 1.0
    usual = median(same)
    blended = (1 - RECENT_WEIGHT) * usual + RECENT_WEIGHT * usual * _level(counts, hour - window, first_hour)
    return Baseline(max(LOWEST_MEAN, blended), max(1.0, spread))


def _level(counts: Counts, last_hour: int, first_hour: int) -> float:
    """How the 24 hours up to `last_hour` compare with the same hours of the weeks before; 1: as ever."""
    weeks = [last_hour - week * WEEK for week in range(1, WEEKS_BACK + 1)]
    same = [total(counts, then, DAY) for then in weeks if then - DAY + 1 >= first_hour]
    usual = median(same) if same else 0
    return total(counts, last_hour, DAY) / usual if usual else 1.0


def find_spikes(
    topics: Mapping[str, Counts], hour: int, first_hour: int, handling_seconds: float = 240.0
) -> tuple[TopicSpike, ...]:
    """Topics that spike in the hour (or day) that has just ended, worst first; one spike per topic.

    k >= 5, k >= 2 * usual, and p < 0.001 after Benjamini-Hochberg over the topics.
    """
    found: dict[str, TopicSpike] = {}
    for window in WINDOWS:
        looked_at = {
            topic: _looked_at(topic, counts, hour, window, first_hour, handling_seconds)
            for topic, counts in topics.items()
        }
        believed = surprising({topic: spike.p for topic, spike in looked_at.items()}, FALSE_RATE)
        for topic in believed:
            spike = looked_at[topic]
            if spike.count >= FEWEST and spike.ratio >= TIMES_USUAL:
                found.setdefault(topic, spike)
    return tuple(sorted(found.values(), key=lambda spike: (-spike.severity, spike.topic)))


def _looked_at(
    topic: str, counts: Counts, hour: int, window: int, first_hour: int, handling_seconds: float
) -> TopicSpike:
    count = total(counts, hour, window)
    usual = baseline(counts, hour, window, first_hour)
    p = negative_binomial_tail(count, usual.mean, usual.dispersion)
    return TopicSpike(topic, hour, window, count, usual.mean, p, (count - usual.mean) * handling_seconds / 60)


def watch(
    is_open: Mapping[str, OpenSpike],
    found: Iterable[TopicSpike],
    topics: Mapping[str, Counts],
    hour: int,
    first_hour: int,
) -> tuple[tuple[TopicSpike, ...], dict[str, OpenSpike], tuple[str, ...]]:
    """Once an hour: (spikes to tell of, spikes open from now on, topics that calmed down).

    The same topic is told again only after 6 hours; it is over after 3 hours below 1.5 times the usual.
    """
    now_open, news, over = dict(is_open), [], []
    for spike in found:
        before = now_open.get(spike.topic)
        if before is None or hour - before.told_at >= COOL_DOWN_HOURS:
            news.append(spike)
            now_open[spike.topic] = OpenSpike(spike.topic, before.since if before else hour, hour)
    for topic, spike in list(now_open.items()):
        counts = topics.get(topic, {})
        calm = total(counts, hour, 1) < CALM_TIMES_USUAL * baseline(counts, hour, 1, first_hour).mean
        calm_hours = spike.calm_hours + 1 if calm else 0
        now_open[topic] = replace(spike, calm_hours=calm_hours)
        if calm_hours >= CALM_HOURS:
            del now_open[topic]
            over.append(topic)
    return tuple(news), now_open, tuple(over)
