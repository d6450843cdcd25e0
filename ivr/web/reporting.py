"""Reports put together: what is added up already, the contacts at the ends of a stretch, and the time of agents."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo

from ivr.insight.registry import OF_SHIFTS
from ivr.insight.reports import Group, Wanted, checked
from ivr.insight.rollups import CUBES, EVERYTHING, contacts_in, loose_cells, plan_of, report_of, step_cells
from ivr.insight.shifts_from import shifts_from
from ivr.model.contacts import AgentShift
from ivr.model.counts import QUARTER, Cell
from ivr.store.agent_time import AgentTime, whole_hours
from ivr.store.contacts import ContactStore
from ivr.store.rollups import RollupStore, Stretch
from ivr.store.rows import to_ms


@dataclass(frozen=True, slots=True)
class Report:
    contacts: int
    """Contacts of the time and the flow, before any other filter."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """Every report of contacts, whatever its length. A contact belongs to the time it came to its queue."""

    contacts: ContactStore
    rollups: RollupStore
    agents: AgentTime

    async def report(
        self, since: datetime, until: datetime, wanted: Wanted, zone: tzinfo, now: datetime, flow: str = ""
    ) -> Report:
        """
        Raises:
            NotThere: a metric is unknown, or cannot be counted that way.
            BadQuery: more groups or figures than anybody looks at.
            StoreError: the database is away.
        """
        cells = await self.cells(since, until, wanted, flow)
        whole = cells if plan_of(wanted).cube == EVERYTHING else await self.cells(since, until, Wanted(), flow)
        of_people = any(metric in OF_SHIFTS for metric in checked(wanted)) and not (wanted.queue or wanted.intent)
        shifts = await self.shifts(since, until, now) if of_people else ()
        # Adding up takes tens of milliseconds; calls must not wait for it.
        groups = await asyncio.to_thread(report_of, cells, shifts, wanted, zone)
        return Report(await asyncio.to_thread(contacts_in, whole), groups)

    async def cells(self, since: datetime, until: datetime, wanted: Wanted, flow: str = "") -> list[Cell]:
        """What a report is added up from."""
        plan, cells = plan_of(wanted), list[Cell]()
        loose = [Stretch(to_ms(since), to_ms(until))]
        if plan.cube:
            lengths = [QUARTER] if plan.by_time else CUBES[plan.cube]
            found = await self.rollups.cells(plan.cube, lengths, since, until, flow, plan.key)
            cells, loose = found.cells, found.loose
        if wanted.by == "step":
            parts = await self.contacts.step_parts(loose, flow, wanted.intent, wanted.agent)
            return cells + await asyncio.to_thread(step_cells, parts, QUARTER)
        queue = None if wanted.by == "queue" and not wanted.queue else wanted.queue
        left = await self.rollups.contacts(loose, flow, queue, intent=wanted.intent, agent=wanted.agent)
        return cells + loose_cells(left, wanted.by)

    async def shifts(self, since: datetime, until: datetime, now: datetime) -> Sequence[AgentShift]:
        """Where the time of each agent went: whole hours as they are kept, the ends from what agents did."""
        until, mark = min(until, now), await self.contacts.mark("agent_hours")
        first, last = whole_hours(since, min(until, datetime.fromisoformat(mark)) if mark else since)
        if first >= last:
            return shifts_from(await self.agents.changes(since, until), since, until)
        ends = [(since, first), (last, until)]
        parts = list(await self.agents.hours(first, last))
        for begin, end in ends:
            if begin < end:
                parts += shifts_from(await self.agents.changes(begin, end), begin, end)
        return _together(parts)


def _together(parts: Sequence[AgentShift]) -> list[AgentShift]:
    """One shift for each agent who was logged in, by name."""
    names = [field.name for field in fields(AgentShift) if field.name != "agent"]
    by_agent: dict[str, list[AgentShift]] = {}
    for one in parts:
        by_agent.setdefault(one.agent, []).append(one)
    return [
        AgentShift(agent, **{name: sum(getattr(one, name) for one in mine) for name in names})
        for agent, mine in sorted(by_agent.items())
    ]
