"""Pure: how often somebody may do something. A bucket each: it holds `burst`, and refills evenly."""

from dataclasses import dataclass, field

MOST_KEYS = 10_000
"""Buckets remembered; beyond that the fullest go first, which forgets nobody who has used much."""


@dataclass(slots=True)
class Allowance:
    """For one kind of request. Times are monotonic seconds, brought by the caller."""

    burst: int
    seconds_each: float
    """A place comes back after so long."""

    _full_at: dict[str, float] = field(default_factory=dict)
    """When each bucket will be full again; those that are need not be remembered."""

    def take(self, key: str, now: float) -> float:
        """0: go ahead, it is counted. Else the seconds after which the next one is allowed."""
        full_at = max(self._full_at.get(key, now), now) + self.seconds_each
        wait = full_at - now - self.burst * self.seconds_each
        if wait > 1e-9:
            return wait
        self._full_at[key] = full_at
        if len(self._full_at) > MOST_KEYS:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        kept = sorted((until, key) for key, until in self._full_at.items() if until > now)[-MOST_KEYS // 2 :]
        self._full_at = {key: until for until, key in kept}
