"""Keeps up what reports add up: contacts that say something else by now, their sums, time of agents."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from ivr.insight.counting import counted
from ivr.insight.rollups import CUBES, cells_of, step_cells
from ivr.insight.shifts_from import shifts_from
from ivr.model.counts import DAY, HOUR, LENGTHS, QUARTER, Cell, CountedContact
from ivr.model.insight import KeptContact, StepPart
from ivr.store.agent_time import HOUR as ONE_HOUR
from ivr.store.agent_time import AgentTime
from ivr.store.contacts import ContactStore
from ivr.store.rollups import RollupStore, Span, Stretch

log = structlog.get_logger(__name__)

MARK = "agent_hours"
"""Up to which hour the time of agents is added up, ISO 8601."""

BATCH = 500
Told = Callable[[int, int], None]
"""Of progress: so many are done, of so many (0: not known)."""

LATE = timedelta(minutes=5)
"""How much later than it happened a change of an agent may be written."""


@dataclass(slots=True)
class RollupMaker:
    """Everything it does can be done again at any time, and comes to the same."""

    contacts: ContactStore
    rollups: RollupStore
    agents: AgentTime
    days_every: timedelta = timedelta(minutes=10)
    """A day in which contacts ripen changes all day long; until it is added up, its quarter hours are read."""

    most_quarters: int = 400
    """In one run; the rest is for the next, so that nothing else waits for long."""

    _days_at: datetime = datetime(1970, 1, 2, tzinfo=UTC)

    async def run(self, now: datetime) -> int:
        """Bring everything up to date. How many stretches were added up.

        Raises:
            StoreError: the database is away; the next run goes on where this one stopped.
        """
        await self.recount(now)
        await self._agent_hours(now)
        done = await self._added_up(await self.rollups.to_add_up(QUARTER, now, self.most_quarters))
        hours = await self.rollups.to_add_up(HOUR, now - timedelta(seconds=HOUR), self.most_quarters // 4)
        done += await self._added_up(hours)
        if now - self._days_at >= self.days_every:
            done += await self._added_up(await self.rollups.to_add_up(DAY, now - timedelta(seconds=DAY), 62))
            self._days_at = now
        return done

    async def rebuild(self, now: datetime, told: Told = lambda done, of: None) -> int:
        """Count everything again, from the contacts that there are. How many stretches were added up."""
        await self.rollups.forget()
        await self.recount(now, told)
        return await self.catch_up(now, told)

    async def catch_up(self, now: datetime, told: Told = lambda done, of: None) -> int:
        """Add up everything that is not, in one go. How many stretches there were."""
        await self._agent_hours(now)
        done = 0
        for length in LENGTHS:
            # The quarter hour that goes on is added up as well; longer ones when they are over.
            before = now if length == QUARTER else now - timedelta(seconds=length)
            spans = await self.rollups.to_add_up(length, before, 1_000_000)
            for begin in range(0, len(spans), 96):
                done += await self._added_up(spans[begin : begin + 96])
                told(done, 0)
        return done

    async def _added_up(self, spans: Sequence[Span]) -> int:
        by_day: dict[int, list[Span]] = {}
        for span in spans:
            by_day.setdefault(span.begin_s // DAY, []).append(span)
        for mine in by_day.values():
            await self._add_up(mine)
        return len(spans)

    async def _add_up(self, spans: Sequence[Span]) -> None:
        """The sums of stretches of one day and length, in place of those there were."""
        stretches, length = [Stretch(one.begin_s * 1000, one.end_s * 1000) for one in spans], spans[0].seconds
        whole = await self.rollups.contacts(stretches)
        in_queues = await self.rollups.contacts(stretches, queue=None) if length in CUBES["queue"] else []
        steps = await self.contacts.step_parts(stretches) if length in CUBES["step"] else []
        cells = await asyncio.to_thread(_cells, length, whole, in_queues, steps)
        await self.rollups.keep_cells(spans, cells)

    async def recount(self, now: datetime, told: Told = lambda done, of: None) -> int:
        """Count contacts again whose numbers are not right any more. How many there were."""
        done = 0
        while kept := await self.contacts.to_count(now, BATCH):
            numbers = await asyncio.to_thread(_counted, kept)
            await self.contacts.note_facets(kept)
            await self.rollups.keep(numbers)
            done += len(kept)
            told(done, 0)
        return done

    async def _agent_hours(self, now: datetime) -> None:
        mark = await self.contacts.mark(MARK)
        begin = datetime.fromisoformat(mark) if mark else await self.agents.first_hour()
        if begin is None or begin + ONE_HOUR > now - LATE:
            return
        while begin + ONE_HOUR <= now - LATE:
            # A day at a time: the changes of a month are many.
            end = begin
            until = min(begin + 24 * ONE_HOUR, now - LATE)
            changes = await self.agents.changes(begin, until)
            while end + ONE_HOUR <= until:
                shifts = await asyncio.to_thread(shifts_from, changes, end, end + ONE_HOUR)
                await self.agents.keep_hour(end, shifts)
                end += ONE_HOUR
            begin = end
            await self.contacts.keep_mark(MARK, begin.isoformat())


def _counted(kept: Sequence[KeptContact]) -> list[CountedContact]:
    return [one for each in kept for one in counted(each.contact)]


def _cells(
    seconds: int,
    whole: Sequence[CountedContact],
    in_queues: Sequence[CountedContact],
    steps: Sequence[tuple[datetime, str, StepPart]],
) -> dict[str, Sequence[Cell]]:
    cubes = [cube for cube, lengths in CUBES.items() if seconds in lengths]
    of_contacts = [cube for cube in cubes if cube != "step"]
    found: dict[str, Sequence[Cell]] = {
        cube: cells_of(in_queues if cube == "queue" else whole, cube, seconds) for cube in of_contacts
    }
    return found | {"step": step_cells(steps, seconds)} if "step" in cubes else found
