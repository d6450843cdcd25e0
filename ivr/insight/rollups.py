"""Pure: counted contacts added up by quarter hour and by day, and reports from what was added up.

A cube is one way of adding up: all contacts of a flow, or those of each queue, intent, agent … What no cube holds (two
filters at once, the ends of a stretch that are no whole day) is added up from the contacts themselves, which are kept
as numbers too: the figures are the same whichever way, percentiles within `ivr.insight.spreads`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache

from ivr.insight.counting import CONTACT_SUMS, EVERY_CONTACT, STEP_SUMS
from ivr.insight.metric import Metric
from ivr.insight.registry import OF_SHIFTS
from ivr.insight.reports import MOST_GROUPS, Group, Wanted, begin_of, checked, with_shifts
from ivr.model.contacts import AgentShift, Contact
from ivr.model.counts import DAY, HOUR, QUARTER, Cell, CountedContact, Numbers
from ivr.model.errors import BadQuery
from ivr.model.insight import StepPart

EVERYTHING = "all"
CUBES: dict[str, tuple[int, ...]] = {
    EVERYTHING: (QUARTER, DAY), "queue": (QUARTER, DAY), "intent": (QUARTER, DAY), "step": (QUARTER, DAY),
    **dict.fromkeys(("topic", "flow_version", "language", "direction", "agent"), (HOUR, DAY)),
}  # fmt: skip
"""What is added up, and in which lengths. Quarter hours where hours are asked for; hours for the ends of a stretch,
and for days that are being added up again."""

MOST_FIGURES = 30_000
"""In one report; more would not be looked at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a report is read."""

    cube: str
    """Empty: no cube holds it, so from the contacts."""

    key: str = ""
    """Only cells of this queue, intent or agent."""

    by_time: bool = False
    """Quarter hours are needed, days are too long."""


def plan_of(wanted: Wanted) -> Plan:
    """The cube that holds what is asked for."""
    by_time = wanted.by in ("hour", "interval")
    filters = {name: value for name in ("queue", "intent", "agent") if (value := getattr(wanted, name))}
    if wanted.by == "step":
        # Where somebody waited says nothing of steps.
        filters.pop("queue", None)
        return Plan("step" if not filters else "")
    facet = wanted.by if wanted.by in CUBES else ""
    if len(filters) > 1 or (facet and filters and facet not in filters):
        return Plan("")
    name, key = next(iter(filters.items()), (facet or EVERYTHING, ""))
    return Plan(name if not by_time or QUARTER in CUBES[name] else "", key, by_time)


def cells_of(contacts: Sequence[CountedContact], cube: str, length: int) -> list[Cell]:
    """Counted contacts added up."""
    chosen = [one for one in contacts if one.queue] if cube == "queue" else [one for one in contacts if not one.part]
    key = _key_of(cube)
    found = [(begin_s(one.counted_at, length), one.flow, key(one), one.numbers) for one in chosen]
    places: dict[tuple[int, str, str], int] = {}
    owner = [places.setdefault(one[:3], len(places)) for one in found]
    merged = CONTACT_SUMS.merged(owner, [one[3] for one in found])
    return [Cell(*where, numbers) for where, numbers in zip(places, merged, strict=True)]


def step_cells(parts: Iterable[tuple[datetime, str, StepPart]], length: int) -> list[Cell]:
    """The same for steps: (when the contact counts, flow, what happened at the step)."""
    groups: dict[tuple[int, str, str], list[StepPart]] = {}
    for at, flow, part in parts:
        groups.setdefault((begin_s(at, length), flow, part.step), []).append(part)
    return [Cell(*where, STEP_SUMS.together(mine)) for where, mine in groups.items()]


def loose_cells(contacts: Iterable[CountedContact], by: str) -> list[Cell]:
    """Contacts as cells, for what no cube holds."""
    key = _key_of(by)
    return [Cell(begin_s(one.counted_at, QUARTER), one.flow, key(one), one.numbers) for one in contacts]


def begin_s(moment: datetime, length: int) -> int:
    return int(moment.timestamp() // length) * length


def _key_of(cube: str) -> Callable[[CountedContact], str]:
    if cube in CUBES and cube not in (EVERYTHING, "step"):
        return lambda one: str(getattr(one, cube))
    return lambda one: ""


def report_of(
    cells: Sequence[Cell], shifts: Sequence[AgentShift], wanted: Wanted, zone: tzinfo,
    also: Sequence[Metric[Contact]] = (),
) -> tuple[Group, ...]:  # fmt: skip
    """The same as `ivr.insight.reports.figures`, from cells.

    Args:
        also: what is added up besides, and no metric of the registry.

    Raises:
        NotThere, BadQuery: as `figures`; and more than `MOST_FIGURES` figures.
    """
    metrics = checked(wanted)
    counted = [*(metric for metric in metrics if metric not in OF_SHIFTS), *also]
    sums = STEP_SUMS if wanted.by == "step" else CONTACT_SUMS
    named = _namer(wanted, zone)
    places: dict[str, int] = {} if wanted.by else {"": 0}
    owner = [places.setdefault(named(one), len(places)) for one in cells]
    if len(places) > MOST_GROUPS:
        raise BadQuery(f"that is {len(places)} groups; ask for a shorter time or longer intervals")
    if len(places) * len(counted) > MOST_FIGURES:
        raise BadQuery(f"that is {len(places)} groups with {len(counted)} figures each; say which with names=")
    # Without a cell the one group there is has figures too.
    found = sums.figures(owner or [0], [one.numbers for one in cells] or [Numbers()], counted) if places else []
    measured = {name: found[place] if counted else {} for name, place in places.items()}
    return tuple(sorted(with_shifts(measured, shifts, metrics, wanted).items()))


def _namer(wanted: Wanted, zone: tzinfo) -> Callable[[Cell], str]:
    """The name of the group that a cell belongs to."""
    match wanted.by:
        case "":
            return lambda cell: ""
        case "flow":
            return lambda cell: cell.flow
        case "hour" | "interval":
            is_hour, minutes = wanted.by == "hour", wanted.minutes

            @cache
            def told(begin: int) -> str:
                moment = datetime.fromtimestamp(begin, UTC)
                return f"{moment.astimezone(zone):%H}" if is_hour else begin_of(moment, minutes, zone).isoformat()

            return lambda cell: told(cell.begin_s)
        case _:
            return lambda cell: cell.key


def contacts_in(cells: Sequence[Cell]) -> int:
    """How many contacts these cells of everything hold."""
    return round(CONTACT_SUMS.total([one.numbers for one in cells], EVERY_CONTACT))
