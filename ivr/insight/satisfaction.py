"""Pure: the composite satisfaction index: 0 to 100 for every call, asked or not (domain.md 2.5).

What callers say and what happened to them are weighed together, so that polite dissatisfaction shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.insight.intervals import wilson

INDEX_VERSION = "1"
"""Of the weights below; a fitted model gets its own."""

WEIGHTS = {"resolution": 0.30, "effort": 0.25, "sentiment": 0.20, "ending": 0.15, "wait": 0.10}
EXPLICIT_WEIGHT = 0.5
UNRESOLVED_CAP = 50.0

Resolution = Literal["solved", "unknown", "unsolved"]
Ending = Literal["normal", "left_bot_midway", "abandoned_in_queue", "left_after_red_alert"]
RESOLVED = {"solved": 1.0, "unknown": 0.5, "unsolved": 0.0}
ENDED = {"normal": 1.0, "left_bot_midway": 0.3, "abandoned_in_queue": 0.0, "left_after_red_alert": 0.0}
PATIENT_SECONDS = 20.0
EXHAUSTED_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Effort:
    """What the caller had to put up with (domain.md 2.5.2)."""

    no_matches: int = 0
    no_inputs: int = 0
    transfers: int = 0
    repeated_info: int = 0
    hold_seconds: float = 0.0
    extra_turns: float = 0.0
    """Turns beyond the median of the intent."""

    auth_failures: int = 0

    @property
    def points(self) -> float:
        """0 to 100."""
        return min(
            100.0,
            min(24, 8 * self.no_matches)
            + min(12, 4 * self.no_inputs)
            + min(30, 15 * max(0, self.transfers - 1))
            + min(20, 10 * self.repeated_info)
            + min(20.0, self.hold_seconds / 6)
            + min(15.0, 3 * max(0.0, self.extra_turns))
            + min(16, 8 * self.auth_failures),
        )


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a call. None: not known; the other weights grow."""

    csat: int | None = None
    """1 to 5."""

    nps: int | None = None
    said_resolved: bool | None = None
    resolution: Resolution | None = None
    """solved: task completed and no repeat; unsolved: repeat, "no", or such a disposition."""

    effort: Effort | None = None
    sentiment: float | None = None
    """-1 to 1, see `mean_sentiment`."""

    ending: Ending | None = None
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Index:
    value: float | None
    """0 to 100; None: nothing at all is known."""

    explicit: float | None
    implicit: float | None
    basis: Literal["explicit+implicit", "explicit", "implicit", "none"]
    known: float
    """Weight of the implicit signals that were there, 0 to 1: how much the implicit part is worth."""

    flags: frozenset[str] = frozenset()
    """hidden_dissatisfied, silent_dissatisfied, over_reacted."""

    version: str = INDEX_VERSION

    @property
    def band(self) -> Literal["", "good", "fair", "poor", "critical"]:
        value = self.value
        if value is None:
            return ""
        return "good" if value >= 80 else "fair" if value >= 60 else "poor" if value >= 40 else "critical"


def index(signals: Signals) -> Index:
    """CSI := w * E + (1 - w) * I, w = 0.5 with a survey (domain.md 2.5.3)."""
    explicit = explicit_part(signals)
    implicit, known = implicit_part(signals)
    flags = frozenset(_flags(signals.csat, explicit, implicit))
    if explicit is None:
        return Index(implicit, None, implicit, "none" if implicit is None else "implicit", known, flags)
    if implicit is None:
        return Index(explicit, explicit, None, "explicit", known, flags)
    value = EXPLICIT_WEIGHT * explicit + (1 - EXPLICIT_WEIGHT) * implicit
    return Index(value, explicit, implicit, "explicit+implicit", known, flags)


def explicit_part(signals: Signals) -> float | None:
    """E := 25 * (csat - 1), with nps alone 10 * nps; a "no" to "was it solved" caps it at 50."""
    if signals.csat is not None:
        explicit = 25.0 * (signals.csat - 1)
    elif signals.nps is not None:
        explicit = 10.0 * signals.nps
    else:
        return None
    return min(explicit, UNRESOLVED_CAP) if signals.said_resolved is False else explicit


def implicit_part(signals: Signals) -> tuple[float | None, float]:
    """I: the weighted mean of the signals that are there, x 100, and how much weight was there."""
    found = {
        "resolution": None if signals.resolution is None else RESOLVED[signals.resolution],
        "effort": None if signals.effort is None else 1 - signals.effort.points / 100,
        "sentiment": None if signals.sentiment is None else (signals.sentiment + 1) / 2,
        "ending": None if signals.ending is None else ENDED[signals.ending],
        "wait": None if signals.wait_seconds is None else wait_score(signals.wait_seconds),
    }
    there = {name: value for name, value in found.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in there)
    if not there:
        return None, 0.0
    return 100 * sum(WEIGHTS[name] * value for name, value in there.items()) / weight, weight


def wait_score(seconds: float) -> float:
    """1 up to 20 s, linear to 0 at 180 s."""
    return max(0.0, min(1.0, 1 - (seconds - PATIENT_SECONDS) / (EXHAUSTED_SECONDS - PATIENT_SECONDS)))


def mean_sentiment(turns: Sequence[float]) -> float | None:
    """Mean of the caller's turns, the last 30 % of them (at least one) counting double; None without turns."""
    if not turns:
        return None
    late = max(1, round(len(turns) * 0.3))
    return (sum(turns) + sum(turns[-late:])) / (len(turns) + late)


def _flags(csat: int | None, explicit: float | None, implicit: float | None) -> Iterable[str]:
    if implicit is None:
        return
    if csat is not None and csat >= 4 and implicit < 50:
        yield "hidden_dissatisfied"
    if csat is not None and csat <= 2 and implicit >= 70:
        yield "over_reacted"
    if explicit is None and implicit < 40:
        yield "silent_dissatisfied"


@dataclass(frozen=True, slots=True)
class Population:
    """What a group of calls feels, as answered and with those who did not answer (domain.md 2.5.3)."""

    raw: float | None
    """Mean explicit part of those who answered."""

    adjusted: float | None
    """(n_r * mean(E) + n_nr * mean(predicted E)) / (n_r + n_nr)."""


def population(answered: Sequence[float], predicted: Sequence[float]) -> Population:
    """`answered`: explicit parts; `predicted`: those predicted for callers who did not answer."""
    everybody = [*answered, *predicted]
    return Population(
        sum(answered) / len(answered) if answered else None,
        sum(everybody) / len(everybody) if everybody else None,
    )


def hidden_rate(indexed: Iterable[tuple[int, Index]]) -> tuple[float | None, tuple[float, float]]:
    """Hidden dissatisfaction among satisfied answers, with its Wilson interval; pairs of csat and index."""
    satisfied = [found for csat, found in indexed if csat >= 4]
    hidden = sum("hidden_dissatisfied" in found.flags for found in satisfied)
    return hidden / len(satisfied) if satisfied else None, wilson(hidden, len(satisfied))
