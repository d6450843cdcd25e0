"""Pure: Erlang C: what so many agents can do for so many calls, if nobody hangs up (domain.md 2.2.8).

It ignores abandonment and therefore asks for more people than are needed.
"""

import math
from dataclasses import dataclass

from ivr.model.errors import IvrError

LARGEST_STAFF = 10_000


class Overloaded(IvrError):
    """More work arrives than the agents can do: the queue grows for ever."""

    code = "routing.overloaded"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What callers and agents may expect."""

    waiting: float
    """Probability that a caller has to wait at all."""

    service_level: float
    """Share answered within `target_seconds`."""

    asa: float
    """Average speed of answer, seconds."""

    occupancy: float


@dataclass(frozen=True, slots=True)
class Staffing:
    agents: int
    """On the telephone at the same time."""

    scheduled: int
    """In the rota: agents divided by (1 - shrinkage)."""

    forecast: Forecast


def load(calls: float, per_seconds: float, handling_seconds: float) -> float:
    """Offered load in erlang: A = lambda * AHT."""
    return calls / per_seconds * handling_seconds


def probability_of_waiting(erlangs: float, agents: int) -> float:
    """C = N * B / (N - A * (1 - B)), with 1 / B(n) = 1 + n / A * 1 / B(n - 1), B(0) = 1.

    Raises:
        Overloaded: the load is not below the number of agents.
    """
    if erlangs >= agents:
        raise Overloaded(f"{agents} agents cannot carry {erlangs:g} erlang; more than {math.floor(erlangs)} are needed")
    if erlangs <= 0:
        return 0.0
    inverse = 1.0
    for n in range(1, agents + 1):
        inverse = 1 + n / erlangs * inverse
    blocking = 1 / inverse
    return agents * blocking / (agents - erlangs * (1 - blocking))


def forecast(erlangs: float, agents: int, handling_seconds: float, target_seconds: float = 20.0) -> Forecast:
    """SL(T) = 1 - C * exp(-(N - A) * T / AHT), ASA = C * AHT / (N - A), occupancy = A / N.

    Raises:
        Overloaded: the load is not below the number of agents.
    """
    waiting = probability_of_waiting(erlangs, agents)
    spare = agents - erlangs
    return Forecast(
        waiting,
        1 - waiting * math.exp(-spare * target_seconds / handling_seconds),
        waiting * handling_seconds / spare,
        erlangs / agents,
    )


def required_agents(
    erlangs: float,
    handling_seconds: float,
    *,
    target_seconds: float = 20.0,
    service_level: float = 0.8,
    highest_occupancy: float = 0.85,
    shrinkage: float = 0.3,
) -> Staffing:
    """The smallest staff that meets the service level without wearing people out (domain.md 2.2.8).

    Raises:
        Overloaded: no staff of up to 10,000 is enough, or everybody is on leave.
    """
    if shrinkage < 1:
        for agents in range(math.floor(erlangs) + 1, LARGEST_STAFF + 1):
            found = forecast(erlangs, agents, handling_seconds, target_seconds)
            if found.service_level >= service_level and found.occupancy <= highest_occupancy:
                return Staffing(agents, math.ceil(agents / (1 - shrinkage) - 1e-9), found)
    raise Overloaded(f"no staff of up to {LARGEST_STAFF} carries {erlangs:g} erlang; correct the goal or the shrinkage")
