"""Queues and agents for Prometheus, read when they are asked for. Labels: names of queues and states, nothing else."""

from collections.abc import Callable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ivr.routing.centre import Centre
from ivr.routing.tally import QueueTally, Tally

MOST_QUEUES = 100
"""Queues told apart; a flow that makes up names must not flood Prometheus."""

TODAY: dict[str, tuple[str, Callable[[QueueTally], float | None]]] = {
    "offered": ("Callers who came to the queue since midnight", lambda tally: tally.offered),
    "answered": ("Callers who were answered since midnight", lambda tally: tally.answered),
    "abandoned": ("Callers who gave up since midnight", lambda tally: tally.abandoned),
    "short_abandoned": ("Of them, within the short-abandon time", lambda tally: tally.short_abandoned),
    "flow_out": ("Callers who left for elsewhere since midnight", lambda tally: tally.flow_out),
    "callback_converted": ("Callbacks that ended since midnight", lambda tally: tally.callback_converted),
    "service_level": ("Service level since midnight, mode standard, 0 to 1", lambda tally: tally.service_level),
    "asa_seconds": ("Average speed of answer since midnight", lambda tally: tally.asa),
    "abandonment": ("Abandonment rate since midnight, 0 to 1", lambda tally: tally.abandonment),
    "worst_wait_seconds": ("Longest wait that ended since midnight", lambda tally: tally.longest_wait),
}
"""Figures since midnight go down at midnight, so all are gauges."""


class Routing(Protocol):
    """The routing at work; `ivr.routing.dispatcher.Dispatcher` is it."""

    centre: Centre

    @property
    def tally(self) -> Tally: ...

    def now(self) -> float: ...


class RoutingMeters(Collector):
    """Fits `CollectorRegistry.register`."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("ivr_queue_waiting", "Callers who wait now", labels=["queue"])
        longest = GaugeMetricFamily("ivr_queue_longest_wait_seconds", "Longest wait under way", labels=["queue"])
        floor, now = self._routing.centre.floor, self._routing.now()
        waits: dict[str, list[float]] = {name: [] for name in floor.queues}
        for entry in floor.waiting():
            waits.setdefault(entry.queue, []).append(entry.wait(now))
        for queue in sorted(waits)[:MOST_QUEUES]:
            waiting.add_metric([queue], len(waits[queue]))
            longest.add_metric([queue], max(waits[queue], default=0.0))
        yield waiting
        yield longest
        yield from self._today()
        yield self._agents()

    def _today(self) -> Iterator[Metric]:
        tallies = sorted(self._routing.tally.queues.items())[:MOST_QUEUES]
        for name, (what, read) in TODAY.items():
            family = GaugeMetricFamily(f"ivr_queue_{name}", what, labels=["queue"])
            for queue, tally in tallies:
                if (value := read(tally)) is not None:
                    family.add_metric([queue], value)
            yield family

    def _agents(self) -> Metric:
        family = GaugeMetricFamily("ivr_agents", "Agents by what they do now", labels=["state"])
        counts: dict[str, int] = {}
        for agent in self._routing.centre.floor.agents.values():
            counts[agent.state] = counts.get(agent.state, 0) + 1
        for state, count in sorted(counts.items()):
            family.add_metric([state], count)
        return family


def watch_routing(registry: CollectorRegistry, routing: Routing) -> None:
    """Tell of queues and agents from now on. Once for a server."""
    registry.register(RoutingMeters(routing))
