"""Pure: what is still to be said on a line that plays by its own clock, 20 ms at a time.

Nothing of it is at the far end yet, so what is dropped was never heard, exactly.
"""

from collections import deque

from ivr.model.events import CallEvent, PlaybackFinished, PlaybackStarted
from telephony.playout import Playout


class Outbox:
    """The caller of every method brings the time, in seconds of a monotonic clock."""

    def __init__(self, rate: int) -> None:
        self._frame_bytes = rate // 50 * 2
        self._queue: deque[tuple[int | None, bytes]] = deque()
        """Frames of an utterance, or of none; empty bytes: the utterance ends here."""

        self._rests: dict[int | None, bytearray] = {}
        self._started: set[int] = set()
        self.playout = Playout(rate)

    @property
    def seconds(self) -> float:
        """Sound that waits."""
        return len(self._queue) * 0.02

    @property
    def is_busy(self) -> bool:
        return bool(self._queue) or self.playout.is_busy

    def begin(self, utterance: int) -> None:
        """From now on the utterance is outstanding, even before its first sound."""
        self.playout.begin(utterance)

    def put(self, utterance: int | None, pcm: bytes) -> None:
        """Sound of any length; None: it belongs to no utterance."""
        rest = self._rests.setdefault(utterance, bytearray())
        rest += pcm
        while len(rest) >= self._frame_bytes:
            self._queue.append((utterance, bytes(rest[: self._frame_bytes])))
            del rest[: self._frame_bytes]

    def close(self, utterance: int | None) -> None:
        """That was all of it."""
        rest = self._rests.pop(utterance, None)
        if rest:
            self._queue.append((utterance, bytes(rest.ljust(self._frame_bytes, b"\0"))))
        if utterance is not None:
            self._queue.append((utterance, b""))

    def take(self, now: float) -> tuple[bytes | None, list[CallEvent]]:
        """The frame that leaves now, if any, and what has happened by it."""
        events: list[CallEvent] = []
        while self._queue:
            utterance, frame = self._queue.popleft()
            if frame:
                self.playout.send(utterance, frame, now)
                return frame, events + self._start(utterance)
            assert utterance is not None
            self._started.discard(utterance)
            events += self.playout.finish(utterance, now)
        return None, events

    def wait(self) -> list[CallEvent]:
        """Nothing may leave now (hold, keys): what would begin counts as begun, so that nobody takes it for dead."""
        if not self._queue or not self._queue[0][1]:
            return []
        return self._start(self._queue[0][0])

    def _start(self, utterance: int | None) -> list[CallEvent]:
        if utterance is None or utterance in self._started:
            return []
        self._started.add(utterance)
        return [PlaybackStarted(utterance)]

    def clear(self, now: float) -> list[PlaybackFinished]:
        """Drop all: every outstanding utterance ends here."""
        self._queue.clear()
        self._rests.clear()
        self._started.clear()
        return self.playout.clear(now)
