"""Pure: how often one address may knock. Times are monotonic seconds, brought by the caller."""

from collections import deque

MOST_ADDRESSES = 10_000
"""Remembered at once; beyond it nobody new is let in until old ones are forgotten, so memory is bounded."""


class Knocks:
    """At most `most` in any `seconds`, for each address."""

    def __init__(self, most: int, seconds: float = 60.0) -> None:
        self._most, self._seconds = most, seconds
        self._at: dict[str, deque[float]] = {}

    def allows(self, address: str, now: float) -> bool:
        """Counts this knock, if it is allowed."""
        if len(self._at) >= MOST_ADDRESSES:
            self._at = {each: times for each, times in self._at.items() if times[-1] > now - self._seconds}
        times = self._at.get(address)
        if times is None:
            if len(self._at) >= MOST_ADDRESSES:
                return False
            times = self._at[address] = deque(maxlen=self._most)
        if len(times) == self._most and times[0] > now - self._seconds:
            return False
        times.append(now)
        return True
