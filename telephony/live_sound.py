"""Pure: people talking over a stream that plays whatever it gets: what the far end holds of it stays short.

Twilio plays its queue to the end, so a network that stood still for half a second is half a second of delay for the
rest of the talk. A mark sent once a second comes back when it has been played; when marks come back late, twice in a
row, the queue is cleared and the talk goes on in the present.
"""

LEAD_SECONDS = 0.06
"""More than this is never handed over ahead of the ear: three frames. What does not fit is left out."""

PROBE_SECONDS = 1.0
LATE_SECONDS = 0.15
"""A mark this much later than the quickest one: the far end is holding that much more."""

FIRST_NUMBER = 1_000_000
"""Marks with numbers from here on are ours; utterances of a call never come so far."""

FORGETTING = 0.002
"""Seconds a second by which the quickest way back is forgotten: routes change, and so do clocks."""


class LiveSound:
    """One live utterance. Times are seconds of a monotonic clock, brought by the caller."""

    def __init__(self) -> None:
        self.left_out = self.cleared = 0
        self._due: dict[int, float] = {}
        """Number of each mark under way, and when it would come back from a far end without any delay."""

        self._number = FIRST_NUMBER
        self._next = 0.0
        self._quickest = float("inf")
        self._late = 0

    def fits(self, ahead: float, seconds: float) -> bool:
        """Whether `seconds` more may go to a far end that holds `ahead` seconds; else it is counted as left out."""
        fits = ahead + seconds <= LEAD_SECONDS + 1e-6
        self.left_out += not fits
        return fits

    def probe(self, ahead: float, now: float) -> int | None:
        """The number of a mark to send now, after sound that will have played in `ahead` seconds; None: not now."""
        if now < self._next:
            return None
        self._next = now + PROBE_SECONDS
        self._number += 1
        self._due[self._number] = now + ahead
        return self._number

    def echoed(self, number: int, now: float) -> bool:
        """A mark came back. True: clear the far end's queue; marks under way are forgotten with it."""
        due = self._due.pop(number, None)
        if due is None:
            return False
        self._quickest = min(self._quickest + FORGETTING, now - due)
        self._late = self._late + 1 if now - due > self._quickest + LATE_SECONDS else 0
        if self._late < 2:
            return False
        self._late = 0
        self.cleared += 1
        self._due.clear()
        return True
