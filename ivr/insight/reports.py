"""Pure: figures over contacts in the ways people ask for them: by queue, intent, step, agent, hour, interval …"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal, get_args

from ivr.insight.counting import counted_at
from ivr.insight.metric import Figure, Metric, measure
from ivr.insight.registry import BY_NAME, OF_CONTACTS, OF_SHIFTS
from ivr.insight.steps import STEPS
from ivr.insight.visits import of_queue
from ivr.model.contacts import AgentShift, Contact
from ivr.model.errors import BadQuery, NotThere
from ivr.model.insight import KeptContact

By = Literal[
    "", "queue", "intent", "topic", "flow", "flow_version", "language", "direction", "step", "agent", "hour",
    "interval",
]  # fmt: skip
"""Empty: all together. `hour`: hour of the day, 00 to 23. `interval`: one stretch after the other."""

WAYS: tuple[By, ...] = get_args(By)
MINUTES = (15, 30, 60, 1440)
"""Lengths of an interval (domain.md 2.3: 15 and 30; hours and days besides)."""

MOST_GROUPS = 3000
"""Quarter hours of a month; more would not be looked at."""

ALL: dict[str, Metric[Any]] = {**BY_NAME, **{metric.name: metric for metric in STEPS}}
"""Every metric by name, those of steps among them."""

Group = tuple[str, dict[str, Figure]]
"""What it is about, and the figures."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    by: By = ""
    names: tuple[str, ...] = ()
    """Of metrics; empty: all there are for this `by`."""

    minutes: int = 30
    queue: str = ""
    """Only this queue's visits."""

    intent: str = ""
    agent: str = ""


def metrics_for(by: By, names: Sequence[str]) -> tuple[Metric[Any], ...]:
    """The metrics of a report.

    Raises:
        NotThere: a name is unknown, or cannot be counted that way.
    """
    there: tuple[Metric[Any], ...] = OF_CONTACTS
    if by == "step":
        there = STEPS
    elif by in ("", "agent"):
        there = (*OF_CONTACTS, *OF_SHIFTS)
    known = {metric.name: metric for metric in there}
    for name in names:
        if name not in ALL:
            raise NotThere(f"there is no metric {name}; GET /api/metrics lists all")
        if name not in known:
            raise NotThere(f"{name} cannot be counted by {by or 'all together'}")
    return tuple(known[name] for name in names) if names else there


def figures(
    kept: Sequence[KeptContact], shifts: Sequence[AgentShift], wanted: Wanted, zone: tzinfo
) -> tuple[Group, ...]:
    """The figures, group by group, in the order of their names.

    Args:
        zone: in which hours and intervals begin.

    Raises:
        NotThere: as `metrics_for`.
        BadQuery: more than `MOST_GROUPS` groups, or intervals of another length than `MINUTES`.
    """
    metrics = checked(wanted)
    chosen = [one for one in kept if _is_wanted(one.contact, wanted)]
    if wanted.by == "step":
        return _measured(_by_step(chosen), metrics)
    contacts = [one.contact for one in chosen]
    if wanted.queue:
        contacts = of_queue(contacts, wanted.queue)
    groups = _grouped(contacts, wanted, zone)
    if len(groups) > MOST_GROUPS:
        raise BadQuery(f"that is {len(groups)} groups; ask for a shorter time or longer intervals")
    measured = dict(_measured(groups, [metric for metric in metrics if metric not in OF_SHIFTS]))
    return tuple(sorted(with_shifts(measured, shifts, metrics, wanted).items()))


def checked(wanted: Wanted) -> tuple[Metric[Any], ...]:
    """The metrics of what is asked for. Raises as `figures`."""
    if wanted.minutes not in MINUTES:
        raise BadQuery(f"minutes: one of {', '.join(map(str, MINUTES))}")
    return metrics_for(wanted.by, wanted.names)


def _is_wanted(contact: Contact, wanted: Wanted) -> bool:
    right_agent = not wanted.agent or contact.agent == wanted.agent
    return right_agent and (not wanted.intent or contact.intent == wanted.intent)


def _measured(groups: Mapping[str, Sequence[Any]], metrics: Iterable[Metric[Any]]) -> tuple[Group, ...]:
    counted = list(metrics)
    return tuple((key, {one.name: measure(one, facts) for one in counted}) for key, facts in sorted(groups.items()))


def _by_step(kept: Sequence[KeptContact]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for one in kept:
        for part in one.steps:
            groups.setdefault(part.step, []).append(part)
    return groups


def _grouped(contacts: Sequence[Contact], wanted: Wanted, zone: tzinfo) -> dict[str, list[Contact]]:
    groups: dict[str, list[Contact]] = {} if wanted.by else {"": list(contacts)}
    for contact in contacts if wanted.by else ():
        for key, part in _keys(contact, wanted, zone):
            groups.setdefault(key, []).append(part)
    return groups


def _keys(contact: Contact, wanted: Wanted, zone: tzinfo) -> list[tuple[str, Contact]]:
    """Groups a contact belongs to, and what of it belongs there."""
    match wanted.by:
        case "queue":
            queues = dict.fromkeys(visit.queue for visit in contact.visits)
            mine = {name: tuple(visit for visit in contact.visits if visit.queue == name) for name in queues}
            return [(name, replace(contact, visits=visits)) for name, visits in mine.items()]
        case "hour":
            return [(f"{counted_at(contact).astimezone(zone):%H}", contact)]
        case "interval":
            return [(begin_of(counted_at(contact), wanted.minutes, zone).isoformat(), contact)]
        case _:
            return [(str(getattr(contact, wanted.by)), contact)]


def begin_of(moment: datetime, minutes: int, zone: tzinfo) -> datetime:
    """Begin of the interval that holds `moment`; intervals count from midnight in `zone`."""
    local = moment.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = int((local.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds() // 60)
    begun = midnight.replace(tzinfo=None) + timedelta(minutes=passed - passed % minutes)
    return begun.replace(tzinfo=zone, fold=local.fold)


def with_shifts(
    measured: dict[str, dict[str, Figure]], shifts: Sequence[AgentShift], metrics: Sequence[Metric[Any]], wanted: Wanted
) -> dict[str, dict[str, Figure]]:
    """Figures of people beside those of their contacts: by agent, and of all together."""
    of_people = [metric for metric in metrics if metric in OF_SHIFTS]
    if not of_people or wanted.queue or wanted.intent:
        return measured
    mine = [shift for shift in shifts if wanted.agent in ("", shift.agent)]
    groups = {shift.agent: [shift] for shift in mine} if wanted.by == "agent" else {"": mine}
    for key, found in _measured(groups, of_people):
        measured[key] = {**measured.get(key, {}), **found}
    return measured
