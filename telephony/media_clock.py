"""Pure: where each piece of a caller's sound belongs in time, by the peer's own media clock.

Twilio's `media.timestamp` jumps where sound was lost on its side. The hole is filled with silence, so that every
position we report ("speech began at 3.2 s") stays true.
"""

LONGEST_FILL_SECONDS = 5.0
"""A longer hole is filled this far and the clock is set anew: a wrong timestamp must not make an hour of silence."""

TOLERANCE_MS = 20
"""A smaller jump forward is rounding of the peer: the length of one of its pieces."""

DEAF_AFTER = 50
"""Pieces in a row that lie in the past (1 s of 20 ms pieces) before the peer is believed to have set its clock back."""


class MediaClock:
    """One direction of one stream. Timestamps are milliseconds, as Twilio counts them."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._expected_ms: float | None = None
        self._past = 0

    def place(self, timestamp_ms: int | None, samples: int) -> int | None:
        """Samples of silence to put before a piece of `samples` samples; None: drop it, it was there already.

        A piece without a timestamp follows the one before.
        """
        length_ms = samples * 1000 / self._rate
        if timestamp_ms is None or self._expected_ms is None:
            start = self._expected_ms if timestamp_ms is None else float(timestamp_ms)
            self._expected_ms = (start or 0.0) + length_ms
            return 0
        jump_ms = timestamp_ms - self._expected_ms
        if jump_ms <= -length_ms:
            return self._from_the_past(timestamp_ms, length_ms)
        self._past = 0
        if jump_ms < TOLERANCE_MS:
            self._expected_ms += length_ms
            return 0
        self._expected_ms = timestamp_ms + length_ms
        return round(min(jump_ms / 1000, LONGEST_FILL_SECONDS) * self._rate)

    def _from_the_past(self, timestamp_ms: int, length_ms: float) -> int | None:
        self._past += 1
        if self._past < DEAF_AFTER:
            return None
        self._past = 0
        self._expected_ms = timestamp_ms + length_ms
        return 0
