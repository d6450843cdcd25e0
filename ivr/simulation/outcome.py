"""Pure: the figures of a simulated day, by the same registry of metrics as those of real days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ivr.insight.metric import Figure, measure
from ivr.insight.metrics_people import PEOPLE
from ivr.insight.registry import metric_called, report
from ivr.insight.service_level import ServiceLevel
from ivr.insight.visits import Counts, count, of_queue
from ivr.model.contacts import AgentShift, Contact
from ivr.model.routing import QueueSettings
from ivr.simulation.expectation import Expectation, expectation
from ivr.simulation.ledger import kinds
from ivr.simulation.running import Ran
from ivr.simulation.theory import Theory, theory

SHOWN = ("abandonment_rate", "asa", "avg_wait", "max_wait", "aht", "rona_rate")
SERVICE_LEVEL = metric_called("service_level")
OCCUPANCY = next(metric for metric in PEOPLE if metric.name == "occupancy")


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of a queue, of one kind of callers, or of all."""

    counts: Counts
    figures: Mapping[str, Figure]
    """service_level (with the queue's own T) and those of `SHOWN`, by name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    seed: int
    seconds: float
    """Of simulated time that counts."""

    everybody: Group
    queues: Mapping[str, Group]
    callers: Mapping[str, Group]
    shifts: tuple[AgentShift, ...]
    occupancy: Figure
    expected: Expectation
    theories: Mapping[str, Theory]
    """By queue, where Erlang C applies."""

    happenings: int
    checks: int
    broken: tuple[str, ...]
    """Promises that did not hold; empty: all is well."""


def outcome(ran: Ran) -> Outcome:
    plan = ran.plan
    contacts = ran.ledger.contacts(plan.midnight + plan.begins + plan.warm_up)
    by_queue = {one.name: of_queue(contacts, one.name) for one in plan.queues}
    by_kind = kinds(contacts)
    shifts = tuple(ran.shifts.values())
    broken = [*ran.broken, *_unaccounted(contacts)]
    return Outcome(
        plan.name,
        plan.seed,
        plan.ends - plan.begins - plan.warm_up,
        group(contacts),
        {name: group(found, plan.settings(name)) for name, found in by_queue.items()},
        {one.name: group(by_kind.get(one.name, []), plan.settings(one.queue)) for one in plan.callers},
        shifts,
        measure(OCCUPANCY, shifts),
        expectation(contacts),
        {name: found for name in by_queue if (found := theory(plan, name))},
        ran.happenings,
        ran.checks,
        tuple(broken),
    )


def group(contacts: Iterable[Contact], settings: QueueSettings | None = None) -> Group:
    known = list(contacts)
    rule = ServiceLevel()
    if settings:
        rule = ServiceLevel(within=settings.service_level_s, short_abandon=settings.short_abandon_s)
    level = replace(SERVICE_LEVEL, numerator=rule.numerator, denominator=rule.denominator)
    return Group(count(known), {"service_level": measure(level, known), **report(known, SHOWN)})


def _unaccounted(contacts: Iterable[Contact]) -> list[str]:
    missing = count(contacts).unaccounted
    return [f"I9: {missing} stays in queues have no known end"] if missing else []
