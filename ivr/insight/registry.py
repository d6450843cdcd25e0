"""Pure: every metric there is, by name. What a report shows comes from here, with its formula beside it."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from ivr.insight.metric import Figure, Metric, measure
from ivr.insight.metrics_bot import CONTAINMENT, QUALITY, TIMES
from ivr.insight.metrics_people import HANDLING, PEOPLE
from ivr.insight.metrics_programme import CASES
from ivr.insight.metrics_queue import COUNTS, SPEED
from ivr.insight.metrics_survey import OPINION, REACH
from ivr.insight.repeats import RESOLUTION
from ivr.model.contacts import AgentShift, Case, Contact
from ivr.model.errors import NotThere

OF_CONTACTS: tuple[Metric[Contact], ...] = (
    *COUNTS, *SPEED, *HANDLING, *RESOLUTION, *QUALITY, *CONTAINMENT, *TIMES, *REACH, *OPINION,
)  # fmt: skip
OF_SHIFTS: tuple[Metric[AgentShift], ...] = PEOPLE
OF_CASES: tuple[Metric[Case], ...] = CASES

METRICS: tuple[Metric[Any], ...] = OF_CONTACTS + OF_SHIFTS + OF_CASES
BY_NAME: dict[str, Metric[Any]] = {metric.name: metric for metric in METRICS}


def metric_called(name: str) -> Metric[Any]:
    """
    Raises:
        NotThere: no metric has that name.
    """
    if name not in BY_NAME:
        raise NotThere(f"there is no metric {name}; see ivr.insight.registry for all names")
    return BY_NAME[name]


def report(contacts: Iterable[Contact], names: Iterable[str] = ()) -> dict[str, Figure]:
    """Figures over contacts: those named, else all of contacts.

    Raises:
        NotThere: no metric of contacts has one of the names.
    """
    known = list(contacts)
    wanted = list(names) or [metric.name for metric in OF_CONTACTS]
    of_contacts = {metric.name: metric for metric in OF_CONTACTS}
    missing = [name for name in wanted if name not in of_contacts]
    if missing:
        raise NotThere(f"there is no metric of contacts called {missing[0]}")
    return {name: measure(of_contacts[name], known) for name in wanted}


def report_by(
    contacts: Iterable[Contact], group: Callable[[Contact], Hashable], names: Iterable[str]
) -> dict[Hashable, dict[str, Figure]]:
    """The same figures per intent, flow version, agent, hour of arrival …"""
    groups: dict[Hashable, list[Contact]] = {}
    for contact in contacts:
        groups.setdefault(group(contact), []).append(contact)
    wanted = list(names)
    return {name: report(members, wanted) for name, members in groups.items()}
