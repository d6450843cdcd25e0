"""Small call centres to simulate."""

from typing import Any

from ivr.model.people import AgentProfile, ServedQueue
from ivr.model.routing import QueueSettings, WrapUp
from ivr.simulation.arrivals import Rate
from ivr.simulation.distributions import Distribution
from ivr.simulation.plan import Callers, Plan, Worker

HOUR = 3600.0
SIMPLE = QueueSettings("q", max_wait=0, wrap_up=WrapUp("none"), leave_when_empty=False)
"""As Erlang C imagines a queue: nobody is sent away, nobody writes anything."""


def exponential(mean: float) -> Distribution:
    return Distribution("exponential", mean)


def callers(per_hour: float, name: str = "all", queue: str = "q", talk: float = 180.0, **more: Any) -> Callers:
    return Callers(name, queue, (Rate(0.0, 1e9, per_hour),), exponential(talk), **more)


def workers(count: int, *queues: str, **more: Any) -> tuple[Worker, ...]:
    rows = tuple(ServedQueue(queue) for queue in queues or ("q",))
    return tuple(Worker(AgentProfile(f"a{number}", queues=rows), **more) for number in range(count))


def plan(lasts: float, staff: tuple[Worker, ...], *who: Callers, **more: Any) -> Plan:
    return Plan("test", more.pop("queues", (SIMPLE,)), staff, who, 0.0, lasts * HOUR, **more)
