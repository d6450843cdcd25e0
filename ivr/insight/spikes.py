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


@dataclass(frozen=True, slots=True)
class History:
    topics: Mapping[str, Counts]
    first_hour: int
    """Nothing was counted before it."""


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
    blended = usual * (1 - RECENT_WEIGHT + RECENT_WEIGHT * _level(counts, hour - window, first_hour))
    return Baseline(max(LOWEST_MEAN, blended), max(1.0, spread))


def _level(counts: Counts, last_hour: int, first_hour: int) -> float:
    """How the 24 hours up to `last_hour` compare with the same hours of the weeks before; 1: as ever."""
    weeks = [last_hour - week * WEEK for week in range(1, WEEKS_BACK + 1)]
    same = [total(counts, then, DAY) for then in weeks if then - DAY + 1 >= first_hour]
    usual = median(same) if same else 0
    return total(counts, last_hour, DAY) / usual if usual else 1.0


def find_spikes(history: History, hour: int, handling_seconds: float = 240.0) -> tuple[TopicSpike, ...]:
    """Topics that spike in the hour (or day) that has just ended, worst first; one spike per topic.

    k >= 5, k >= 2 * usual, and p < 0.001 after Benjamini-Hochberg over the topics.
    """
    found: dict[str, TopicSpike] = {}
    for window in WINDOWS:
        looked_at = {topic: _looked_at(history, topic, hour, window, handling_seconds) for topic in history.topics}
        believed = surprising({topic: spike.p for topic, spike in looked_at.items()}, FALSE_RATE)
        for topic in believed:
            spike = looked_at[topic]
            if spike.count >= FEWEST and spike.ratio >= TIMES_USUAL:
                found.setdefault(topic, spike)
    return tuple(sorted(found.values(), key=lambda spike: (-spike.severity, spike.topic)))


def _looked_at(history: History, topic: str, hour: int, window: int, handling_seconds: float) -> TopicSpike:
    counts = history.topics[topic]
    count = total(counts, hour, window)
    usual = baseline(counts, hour, window, history.first_hour)
    p = negative_binomial_tail(count, usual.mean, usual.dispersion)
    return TopicSpike(topic, hour, window, count, usual.mean, p, (count - usual.mean) * handling_seconds / 60)


@dataclass(frozen=True, slots=True)
class Watched:
    """What an hourly look came to."""

    news: tuple[TopicSpike, ...]
    """To tell people of."""

    is_open: Mapping[str, OpenSpike]
    over: tuple[str, ...]
    """Topics that calmed down."""


def watch(is_open: Mapping[str, OpenSpike], found: Iterable[TopicSpike], history: History, hour: int) -> Watched:
    """Once an hour. The same topic is told again only after 6 hours; it is over after 3 hours below 1.5 times usual."""
    now_open, news = dict(is_open), []
    for spike in found:
        before = now_open.get(spike.topic)
        if before is None or hour - before.told_at >= COOL_DOWN_HOURS:
            news.append(spike)
            now_open[spike.topic] = OpenSpike(spike.topic, before.since if before else hour, hour)
    looked_at = [_calmer(known, history, hour) for known in now_open.values()]
    over = tuple(known.topic for known in looked_at if known.calm_hours >= CALM_HOURS)
    return Watched(tuple(news), {known.topic: known for known in looked_at if known.topic not in over}, over)


def _calmer(spike: OpenSpike, history: History, hour: int) -> OpenSpike:
    counts = history.topics.get(spike.topic, {})
    usual = baseline(counts, hour, 1, history.first_hour).mean
    is_calm = total(counts, hour, 1) < CALM_TIMES_USUAL * usual
    return replace(spike, calm_hours=spike.calm_hours + 1 if is_calm else 0)
