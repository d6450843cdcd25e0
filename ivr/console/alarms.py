"""Callers whose mood gave an alarm while they spoke, kept for whoever watches."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.insight.emotion import Alert, Mood
from ivr.model.routing import RoutingEvent

MOST = 100
"""Alarms that are remembered; an older one helps nobody any more."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One caller, once for each level."""

    at: datetime
    call_id: str
    level: str
    cause: str
    """As in `ivr.insight.emotion.Alert`, or one of `OF_QUEUES`."""

    value: float
    with_agent: bool


@dataclass(slots=True)
class Alarms:
    """`raised` fits `ivr.wiring.mood.MoodWatch.told`."""

    utc: Callable[[], datetime]
    told: Callable[[], None] = lambda: None
    """Called after each alarm; must not wait."""

    kept: deque[Alarm] = field(default_factory=lambda: deque(maxlen=MOST))
    """The newest first."""

    def raised(self, call_id: str, alert: Alert, with_agent: bool) -> None:
        self.kept.appendleft(Alarm(self.utc(), call_id, alert.level, alert.cause, alert.value, with_agent))
        self.told()


OF_QUEUES: Mapping[str, str] = {
    "routing.hard_to_place": "hard_to_place", "routing.many_emergencies": "many_emergencies",
}  # fmt: skip
"""Causes by event of the routing that a supervisor is to see (domain.md 2.2.3, 2.2.4)."""


def alert_of(event: RoutingEvent) -> Alert | None:
    """None: nothing that a supervisor must know of at once."""
    cause = OF_QUEUES.get(event.name)
    return Alert("amber", cause, 0.0, 0) if cause else None


def unhappy(moods: Mapping[str, Mood]) -> list[tuple[str, Mood]]:
    """Callers on the line who are amber or red: the red first, and the unhappiest of each."""
    found = [(call_id, mood) for call_id, mood in moods.items() if mood.level != "none"]
    return sorted(found, key=lambda one: (one[1].level != "red", one[1].value or 0.0))
