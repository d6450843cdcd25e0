"""Pure: a call centre to be simulated: who calls, who answers, how they behave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ivr.model.people import AgentProfile, Requirement
from ivr.model.routing import QueueSettings
from ivr.routing.hours import OpeningHours
from ivr.simulation.arrivals import Rate
from ivr.simulation.distributions import AT_ONCE, NEVER, Distribution

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Callers:
    """One kind of callers."""

    name: str
    queue: str
    rates: tuple[Rate, ...]
    talk: Distribution
    """Talk and hold, seconds."""

    patience: Distribution = NEVER
    """They hang up after waiting so long."""

    writing: Distribution | None = None
    """What agents write after the call; None: as long as the queue's wrap-up."""

    skills: tuple[Requirement, ...] = ()
    language: str = ""
    tier: str = ""
    priority: int = 0
    emergency: bool = False
    takes_callback: float = 0.0
    """Share of those who are offered a callback and take it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when, in seconds after midnight of the simulated day."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Worker:
    profile: AgentProfile
    shifts: tuple[Stretch, ...] = ()
    """Empty: all the time."""

    breaks: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How people at both ends behave. Shares are of 1."""

    answers_after: Distribution = AT_ONCE
    rejects: float = 0.0
    misses: float = 0.0
    """Lets it ring until the offer ends."""

    returns_after: Distribution = Distribution("exponential", 120.0)
    """Back from not responding."""

    callback_answered: float = 0.8
    callback_rings: Distribution = Distribution("uniform", 5.0, 20.0)


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    queues: tuple[QueueSettings, ...]
    workers: tuple[Worker, ...]
    callers: tuple[Callers, ...]
    begins: float = 8 * 3600.0
    """Seconds after midnight; callers come until `ends`, those who wait then are still served."""

    ends: float = 20 * 3600.0
    warm_up: float = 0.0
    """Seconds after `begins` that no figure counts: an empty centre is not a typical one."""

    seed: int = 1
    day: date = date(2026, 11, 23)
    zone: ZoneInfo = ZoneInfo("UTC")
    behaviour: Behaviour = Behaviour()
    hours: Mapping[str, OpeningHours] = field(default_factory=dict)
    """By queue; one that is not here is always open."""

    @property
    def midnight(self) -> float:
        """Seconds since 1970 UTC."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=self.zone).timestamp()

    def settings(self, queue: str) -> QueueSettings:
        return next((one for one in self.queues if one.name == queue), QueueSettings(queue))
