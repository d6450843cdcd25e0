"""Pure: what has been sent to the far end, what it has played by now, and how loud that is.

The far end plays what it gets without a pause, as long as it has something; that is all we know of it before its
marks come back. The caller of every method brings the time, in seconds of a monotonic clock.
"""

from collections import deque
from dataclasses import dataclass, field

from ivr.model.audio import FRAME_SECONDS, QUIETEST_DBFS, AudioFrame
from ivr.model.events import PlaybackFinished

ECHO_SECONDS = 0.25
"""Our sound comes back from the caller's telephone 100 to 800 ms late (telephony.md §5); the louder of what was
played in this time is what an echo is compared with."""


@dataclass(slots=True)
class _Utterance:
    number: int
    spans: list[tuple[float, float]] = field(default_factory=list)
    """When the far end plays it: start and end of each piece; of those that are over, only the last."""

    before: float = 0.0
    """Seconds played in pieces that are not kept any more: a talk of an hour has many."""

    def played(self, now: float) -> float:
        """Seconds, to the millisecond: nobody knows it better."""
        return round(self.before + sum(max(0.0, min(now, end) - start) for start, end in self.spans), 3)

    def add(self, start: float, end: float, now: float) -> None:
        if self.spans and self.spans[-1][1] == start:
            self.spans[-1] = (self.spans[-1][0], end)
        else:
            self.spans.append((start, end))
        while len(self.spans) > 1 and self.spans[0][1] <= now:
            began, over = self.spans.pop(0)
            self.before += over - began


class Playout:
    """One line's outgoing sound."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._frame_bytes = round(rate * FRAME_SECONDS) * 2
        self._ends = 0.0
        self._outstanding: dict[int, _Utterance] = {}
        self._unheard: deque[tuple[float, bytes]] = deque()
        self._levels: deque[tuple[float, float, float]] = deque()

    @property
    def is_busy(self) -> bool:
        """An utterance was begun and has not been reported as finished."""
        return bool(self._outstanding)

    def is_outstanding(self, utterance: int) -> bool:
        """It was begun, and neither finished nor cleared."""
        return utterance in self._outstanding

    def ahead(self, now: float) -> float:
        """Seconds of sound the far end still holds."""
        return max(0.0, self._ends - now)

    def begin(self, utterance: int) -> None:
        """From now on the utterance is outstanding, even before its first sound."""
        self._outstanding[utterance] = _Utterance(utterance)

    def send(self, utterance: int | None, pcm: bytes, now: float) -> bool:
        """`pcm` leaves now and is played after what was sent before; `None`: it belongs to no utterance (keys).

        Returns: this is the utterance's first sound.
        """
        start = max(now, self._ends)
        self._ends = start + len(pcm) / 2 / self._rate
        self._forget_levels(now)
        spoken = self._outstanding.get(utterance) if utterance is not None else None
        is_first = spoken is not None and not spoken.spans
        if spoken is not None:
            spoken.add(start, self._ends, now)
        for offset in range(0, len(pcm), self._frame_bytes):
            piece = pcm[offset : offset + self._frame_bytes]
            at = start + offset / 2 / self._rate
            self._unheard.append((at, piece))
            self._levels.append((at, at + len(piece) / 2 / self._rate, AudioFrame(piece, self._rate).dbfs))
        return is_first

    def finish(self, utterance: int, now: float) -> list[PlaybackFinished]:
        """The far end says that it has played all of it."""
        finished = self._outstanding.pop(utterance, None)
        return [] if finished is None else [PlaybackFinished(utterance, False, finished.played(max(now, self._ends)))]

    def overdue(self, now: float, margin: float) -> list[int]:
        """Utterances that must have ended `margin` seconds ago by the clock, though nobody said so."""
        return [
            utterance.number
            for utterance in self._outstanding.values()
            if utterance.spans and utterance.spans[-1][1] + margin <= now
        ]

    def clear(self, now: float) -> list[PlaybackFinished]:
        """The far end drops what it has not played: every outstanding utterance ends here."""
        cut = [PlaybackFinished(each.number, True, each.played(now)) for each in self._outstanding.values()]
        self._outstanding.clear()
        self.skip(now)
        return cut

    def skip(self, now: float) -> None:
        """The far end drops what it has not played, and the utterance goes on."""
        for each in self._outstanding.values():
            each.spans = [(start, min(end, now)) for start, end in each.spans if start < now]
        self._ends = min(self._ends, now)
        self._unheard = deque(piece for piece in self._unheard if piece[0] < now)
        self._levels = deque(level for level in self._levels if level[0] < now)

    def heard(self, now: float) -> list[tuple[float, bytes]]:
        """Pieces whose playing began since the last call, with the time it began: for the recording."""
        pieces = []
        while self._unheard and self._unheard[0][0] <= now:
            pieces.append(self._unheard.popleft())
        return pieces

    def level(self, now: float) -> float:
        """dBFS of the loudest 20 ms played in the last `ECHO_SECONDS`; `QUIETEST_DBFS` when there was nothing."""
        self._forget_levels(now)
        loudest = QUIETEST_DBFS
        for start, _, level in self._levels:
            if start > now:
                break
            loudest = max(loudest, level)
        return loudest

    def _forget_levels(self, now: float) -> None:
        while self._levels and self._levels[0][1] < now - ECHO_SECONDS:
            self._levels.popleft()
