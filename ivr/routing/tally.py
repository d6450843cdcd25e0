"""Pure: live figures of each queue since midnight, counted from events (domain.md 2.3.1, 2.3.2)."""

from dataclasses import dataclass, field

from ivr.model.routing import QueueSettings, RoutingEvent

FLOW_OUT = ("queue.timed_out", "queue.exited_empty", "queue.exited_with_key")


@dataclass(slots=True)
class QueueTally:
    """offered = answered + abandoned + flow_out + callback_converted + in queue."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    flow_out: int = 0
    callback_converted: int = 0
    wait_seconds: float = 0.0
    """Of the answered, together."""

    longest_wait: float = 0.0

    @property
    def service_level(self) -> float | None:
        """Mode `standard`: answered in time of the answered and abandoned, short ones left out. None: no calls yet."""
        counted = self.answered + self.abandoned - self.short_abandoned
        return self.answered_in_time / counted if counted > 0 else None

    @property
    def asa(self) -> float | None:
        """Average speed of answer, seconds."""
        return self.wait_seconds / self.answered if self.answered else None

    @property
    def abandonment(self) -> float | None:
        counted = self.offered - self.short_abandoned
        return (self.abandoned - self.short_abandoned) / counted if counted > 0 else None


@dataclass(slots=True)
class Tally:
    queues: dict[str, QueueTally] = field(default_factory=dict)

    def of(self, queue: str) -> QueueTally:
        return self.queues.setdefault(queue, QueueTally())

    def saw(self, event: RoutingEvent, settings: QueueSettings) -> None:
        mine, carries = self.of(event.queue), event.carries
        if event.name == "queue.entered":
            mine.offered += 1
        elif event.name == "queue.connected":
            mine.answered += 1
            mine.answered_in_time += carries["hold"] <= settings.service_level_s
            mine.wait_seconds += carries["hold"]
            mine.longest_wait = max(mine.longest_wait, carries["hold"])
        elif event.name == "queue.abandoned":
            mine.abandoned += 1
            mine.short_abandoned += carries["short"]
            mine.longest_wait = max(mine.longest_wait, carries["wait"])
        elif event.name in FLOW_OUT:
            mine.flow_out += 1
        elif event.name == "queue.callback_ended":
            mine.callback_converted += 1

    def begin_day(self) -> None:
        self.queues.clear()
