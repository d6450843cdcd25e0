"""Pure: how long callers are willing to wait, learned from who gave up and who did not (domain.md 2.2.8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

SHORT_ABANDON_SECONDS = 5.0
"""Who gives up sooner never meant to wait (domain.md App. A, `queue.short_abandon_s`)."""


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float
    gave_up: bool
    """False: answered (or still waiting), so all that is known is that they waited at least so long."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Kaplan-Meier: the share of callers who would still wait after so many seconds."""

    steps: tuple[tuple[float, float], ...]
    """(seconds, share still waiting from then on), in order."""

    def still_waiting(self, seconds: float) -> float:
        share = 1.0
        for at, left in self.steps:
            if at > seconds:
                break
            share = left
        return share

    def median(self) -> float | None:
        """Seconds after which half have given up; None: fewer than half ever did while we watched."""
        return next((at for at, left in self.steps if left <= 0.5), None)


def is_short_abandon(wait: Wait, threshold: float = SHORT_ABANDON_SECONDS) -> bool:
    return wait.gave_up and wait.seconds < threshold


def patience(waits: Iterable[Wait]) -> Patience:
    """S(t) = product over t_i <= t of (1 - d_i / n_i): d gave up at t_i, n were still waiting just before it."""
    ordered = sorted(waits, key=lambda wait: wait.seconds)
    at_risk, share = len(ordered), 1.0
    steps: list[tuple[float, float]] = []
    for seconds, together in groupby(ordered, key=lambda wait: wait.seconds):
        ended = list(together)
        gave_up = sum(wait.gave_up for wait in ended)
        if gave_up:
            share *= 1 - gave_up / at_risk
            steps.append((seconds, share))
        at_risk -= len(ended)
    return Patience(tuple(steps))
