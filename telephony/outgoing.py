"""Pure: how many calls may be on their way out at once, transfers included: what a stolen key could cost is bounded."""

from ivr.model.errors import NotAllowed


class OutgoingCalls:
    """Keys are the attempt of an outbound call, or the CallSid of a call being transferred."""

    def __init__(self, most: int, longest_seconds: float) -> None:
        """A call whose end nobody told us is forgotten after `longest_seconds`, the carrier's own limit for it."""
        self._most, self._longest = most, longest_seconds
        self._began: dict[str, float] = {}

    def begin(self, key: str, now: float) -> None:
        """Beginning twice under one key is once. `now`: monotonic seconds.

        Raises:
            NotAllowed: as many as allowed are out.
        """
        self._began = {each: began for each, began in self._began.items() if now - began < self._longest}
        if key not in self._began and len(self._began) >= self._most:
            raise NotAllowed(f"{self._most} calls are on their way out already (dial_plan.most_calls_at_once)")
        self._began.setdefault(key, now)

    def end(self, key: str) -> None:
        """No-op for what has not begun."""
        self._began.pop(key, None)
