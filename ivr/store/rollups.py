"""Contacts as numbers and their sums by quarter hour, hour and day: written beside the contacts, read by reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.counts import DAY, LENGTHS, Cell, CountedContact, Numbers
from ivr.store.engine import is_sqlite
from ivr.store.reading import rows_of, tuples_of
from ivr.store.rollup_tables import contact_counts, rollup_spans, rollups
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add, writing

WHAT = "what reports add up"
PLAIN = tuple(
    field.name for field in fields(CountedContact) if field.name not in ("counted_at", "recount_at", "numbers")
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time whose sums are to be made."""

    seconds: int
    begin_s: int
    touched: int

    @property
    def end_s(self) -> int:
        return self.begin_s + self.seconds


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin_ms` up to `end_ms`, milliseconds since 1970 UTC."""

    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Found:
    """What of a stretch is added up already, and where contacts have to be read."""

    cells: list[Cell]
    loose: list[Stretch]


class RollupStore:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # -- reading

    async def cells(
        self, cube: str, lengths: Sequence[int], since: datetime, until: datetime, flow: str = "", key: str = ""
    ) -> Found:
        """Sums of a cube over whole days, hours and quarter hours that are added up; the rest is for `contacts`.

        Args:
            lengths: of `ivr.model.counts.LENGTHS`, those that the cube has.
        """
        begin, end = to_ms(since), to_ms(until)
        open_spans = await self._not_added_up(begin // 1000 - DAY, end // 1000)
        left, cells = [Stretch(begin, end)], list[Cell]()
        for length in sorted(lengths, reverse=True):
            whole, rest = whole_parts(left, length, {one for seconds, one in open_spans if seconds == length})
            cells += await self._cells(cube, length, whole, flow, key)
            left = rest
        return Found(cells, left)

    async def contacts(
        self, stretches: Sequence[Stretch], flow: str = "", queue: str | None = "", **equal: str
    ) -> list[CountedContact]:
        """Contacts as numbers, in no order.

        Args:
            queue: empty: whole contacts; a name: what of them belongs to that queue; None: to each queue.
            equal: intent, agent; empty ones do not filter.
        """
        if not stretches:
            return []
        of = contact_counts.c
        wanted = select(contact_counts).where(in_stretches(of.counted_at_ms, stretches))
        wanted = wanted.where(of.queue != "") if queue is None else wanted.where(of.queue == queue) if queue else \
            wanted.where(of.part == 0)  # fmt: skip
        for name, value in {"flow": flow, **equal}.items():
            wanted = wanted.where(of[name] == value) if value else wanted
        return [_counted(row) for row in await tuples_of(self._engine, wanted)]

    async def to_add_up(self, length: int, before: datetime, most: int) -> list[Span]:
        """Stretches that began before then and whose sums are not made, or not right any more; newest first."""
        of = rollup_spans.c
        wanted = select(rollup_spans).where(
            of.is_added_up.is_(False), of.seconds == length, of.begin_s <= to_ms(before) // 1000
        )
        found = await rows_of(self._engine, wanted.order_by(of.begin_s.desc()).limit(most))
        return [Span(row["seconds"], row["begin_s"], row["touched"]) for row in found]

    async def _not_added_up(self, begin_s: int, end_s: int) -> set[tuple[int, int]]:
        of = rollup_spans.c
        within = and_(of.is_added_up.is_(False), of.begin_s >= begin_s, of.begin_s < end_s)
        found = await rows_of(self._engine, select(of.seconds, of.begin_s).where(within))
        return {(row["seconds"], row["begin_s"]) for row in found}

    async def _cells(self, cube: str, length: int, whole: Sequence[Stretch], flow: str, key: str) -> list[Cell]:
        if not whole:
            return []
        of = rollups.c
        in_seconds = [Stretch(one.begin_ms // 1000, one.end_ms // 1000) for one in whole]
        wanted = select(of.begin_s, of.flow, of.key, of.sums, of.spread)
        wanted = wanted.where(of.cube == cube, of.seconds == length, in_stretches(of.begin_s, in_seconds))
        wanted = wanted.where(of.flow == flow) if flow else wanted
        wanted = wanted.where(of.key == key) if key else wanted
        found = await tuples_of(self._engine, wanted)
        return [Cell(begin_s, of_flow, key_of, Numbers(*two)) for begin_s, of_flow, key_of, *two in map(tuple, found)]

    # -- writing

    async def keep(self, counted: Sequence[CountedContact]) -> None:
        """Contacts counted anew."""
        async with writing(self._engine, WHAT) as connection:
            await keep_counted(connection, counted)

    async def keep_cells(self, spans: Sequence[Span], cells: Mapping[str, Sequence[Cell]]) -> None:
        """Sums of stretches of one length, by cube, in place of those there were. A stretch that has changed since it
        was read stays to be done again."""
        of, done, seconds = rollups.c, rollup_spans.c, spans[0].seconds
        rows = [
            {"cube": cube, "seconds": seconds, "begin_s": one.begin_s, "flow": one.flow, "key": one.key,
             "sums": one.numbers.sums, "spread": one.numbers.spread}
            for cube, found in cells.items() for one in found
        ]  # fmt: skip
        async with writing(self._engine, WHAT) as connection:
            mine = and_(of.seconds == seconds, of.begin_s.in_([one.begin_s for one in spans]))
            await connection.execute(delete(rollups).where(of.cube.in_(cells), mine))
            await add(connection, rollups, rows, replace=True)
            same = (done.begin_s == bindparam("this_begin"), done.touched == bindparam("seen"))
            added = update(rollup_spans).where(done.seconds == seconds, *same).values(is_added_up=True)
            await connection.execute(added, [{"this_begin": one.begin_s, "seen": one.touched} for one in spans])

    async def forget(self) -> None:
        """All of it, to be counted anew from the contacts. Sums of calls that are gone stay."""
        async with writing(self._engine, WHAT) as connection:
            await connection.execute(update(contact_counts).values(recount_at_ms=0))


async def keep_counted(connection: AsyncConnection, counted: Sequence[CountedContact]) -> None:
    """Write contacts as numbers, in place of what was there of them; the sums they are part of are to be made anew."""
    if not counted:
        return
    ids, of = list({one.contact_id for one in counted}), contact_counts.c
    before = select(of.counted_at_ms).where(of.contact_id.in_(ids))
    moments = [row[0] for row in await connection.execute(before)]
    if moments:
        await connection.execute(delete(contact_counts).where(of.contact_id.in_(ids)))
    await add(connection, contact_counts, [counted_row(one) for one in counted], replace=True)
    await touch(connection, [*moments, *(to_ms(one.counted_at) for one in counted)])


async def touch(connection: AsyncConnection, moments_ms: Iterable[int]) -> None:
    """Sums that hold these moments are not right any more."""
    known = set(moments_ms)
    spans = sorted({(length, ms // 1000 // length * length) for ms in known for length in LENGTHS})
    if not spans:
        return
    rows = [{"seconds": length, "begin_s": begin, "touched": 1, "is_added_up": False} for length, begin in spans]
    new = (sqlite if is_sqlite(connection.engine.url) else postgresql).insert(rollup_spans)
    again = {"touched": rollup_spans.c.touched + 1, "is_added_up": False}
    await connection.execute(new.on_conflict_do_update(index_elements=["seconds", "begin_s"], set_=again), rows)


async def recount(connection: AsyncConnection, contact_ids: Sequence[str]) -> None:
    """These contacts have changed: they are counted again with the next look."""
    if contact_ids:
        await connection.execute(_to_count(contact_ids).values(recount_at_ms=0))


async def recount_ripe(connection: AsyncConnection, contact_ids: Sequence[str]) -> None:
    """Of these, what was counted when its week was over: of the others that somebody came back counts only then."""
    if contact_ids:
        counted_for_good = contact_counts.c.recount_at_ms.is_(None)
        await connection.execute(_to_count(contact_ids).where(counted_for_good).values(recount_at_ms=0))


def _to_count(contact_ids: Sequence[str]) -> Update:
    return update(contact_counts).where(contact_counts.c.contact_id.in_(contact_ids))


def whole_parts(stretches: Sequence[Stretch], length: int, excepted: set[int]) -> tuple[list[Stretch], list[Stretch]]:
    """What of the stretches are whole lengths, neighbours joined, and what is left of them."""
    whole, rest, step = list[Stretch](), list[Stretch](), length * 1000
    for stretch in stretches:
        at = first = -(-stretch.begin_ms // step) * step
        last = stretch.end_ms // step * step
        if first >= last:
            rest.append(stretch)
            continue
        _join(rest, stretch.begin_ms, first)
        # Only exceptions are walked: somebody may ask for ten thousand years, and calls wait meanwhile.
        for hole in sorted(one * 1000 for one in excepted if first <= one * 1000 < last and one % length == 0):
            _join(whole, at, hole)
            _join(rest, hole, hole + step)
            at = hole + step
        _join(whole, at, last)
        _join(rest, last, stretch.end_ms)
    return whole, rest


def _join(found: list[Stretch], begin_ms: int, end_ms: int) -> None:
    if begin_ms >= end_ms:
        return
    if found and found[-1].end_ms == begin_ms:
        found[-1] = Stretch(found[-1].begin_ms, end_ms)
    else:
        found.append(Stretch(begin_ms, end_ms))


def in_stretches(column: ColumnElement[int], stretches: Sequence[Stretch]) -> ColumnElement[bool]:
    return or_(*(and_(column >= one.begin_ms, column < one.end_ms) for one in stretches))


def counted_row(one: CountedContact) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in PLAIN},
        "counted_at_ms": to_ms(one.counted_at),
        "sums": one.numbers.sums,
        "spread": one.numbers.spread,
        "recount_at_ms": to_ms(one.recount_at) if one.recount_at else None,
    }


def _counted(row: Sequence[Any]) -> CountedContact:
    """Its columns in their order, which is that of the fields."""
    (contact_id, part, at_ms, flow, version, language, direction, intent, topic, agent, queue, sums, spread, again) = (
        row
    )
    return CountedContact(
        contact_id, part, from_ms(at_ms), flow, version, language, direction, intent, topic, agent, queue,
        Numbers(sums, spread), from_ms(again) if again is not None else None,
    )  # fmt: skip
