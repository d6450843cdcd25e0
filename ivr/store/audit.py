"""The audit in the database: appended in the transaction of what it tells of, read in pages, verified end to end."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import AuditEntry, Break, ChainEnd, Deed, check, check_end
from ivr.model.errors import StoreError
from ivr.store.reach import reading, writing
from ivr.store.rows import to_ms
from ivr.store.tables import audit, audit_end, safe

MOST_PER_PAGE = 500
ADD = insert(audit)
HOLD_END = update(audit_end).values(number=audit_end.c.number).returning(audit_end.c.number, audit_end.c.hash)
MOVE_END = update(audit_end).values(number=bindparam("its_number"), hash=bindparam("its_hash"))
CHECKED_AT_ONCE = 200
"""A few milliseconds of hashing: calls on the same loop must not hear it."""


async def hold(connection: AsyncConnection) -> ChainEnd:
    """The end of the chain, held until the transaction ends: nobody else appends meanwhile, on any node. Whoever reads
    before they decide what to change, and notes that in the audit, holds it first; taking it always first, nobody waits
    in a circle.

    Raises:
        StoreError: the row of the chain's end is gone: nothing may go on without an audit.
    """
    return await connection.run_sync(_hold)


async def append(connection: AsyncConnection, deeds: Sequence[tuple[int, Deed]]) -> None:
    """Add deeds, each with its time in milliseconds, to the chain. Who else appends waits until the transaction ends.

    Raises:
        StoreError: as `hold`.
    """
    if deeds:
        await connection.run_sync(append_rows, deeds)


def append_rows(connection: Connection, deeds: Sequence[tuple[int, Deed]]) -> None:
    """`append` on a connection that is not asynchronous, or seen from within `run_sync`."""
    if not deeds:
        return
    end, rows = _hold(connection), list[dict[str, Any]]()
    for at_ms, deed in deeds:
        entry = end.add(at_ms, _safe(deed))
        rows.append(_row(entry))
        end = ChainEnd(entry.number, entry.hash)
    connection.execute(ADD, rows)
    connection.execute(MOVE_END, {"its_number": end.number, "its_hash": end.hash})


def _hold(connection: Connection) -> ChainEnd:
    found = connection.execute(HOLD_END).first()
    if found is None:
        raise StoreError("the end of the audit is gone from the database; see: ivr audit verify")
    return ChainEnd(found.number, found.hash)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Empty: any. An action that ends with a dot means all that begin with it."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""

    before: int = 0
    """Only entries with a smaller number: the next page."""

    limit: int = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    entries: int
    """How many were checked and found good."""

    end: ChainEnd
    """What the chain should end with: note it elsewhere, and the whole chain can be held against it later."""

    broken: Break | None = None


class AuditLog:
    """Reading and verifying, and deeds that stand for themselves. Raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._utc = utc

    async def keep(self, *deeds: Deed) -> None:
        """On disk when it returns."""
        at_ms = to_ms(self._utc())
        async with writing(self._engine, "the audit") as connection:
            await append(connection, [(at_ms, deed) for deed in deeds])

    async def page(self, wanted: AuditFilter) -> tuple[AuditEntry, ...]:
        """Newest first."""
        query = _filtered(wanted).order_by(audit.c.number.desc()).limit(max(1, min(wanted.limit, MOST_PER_PAGE)))
        async with reading(self._engine, "the audit") as connection:
            return tuple(_entry(row) for row in (await connection.execute(query)).mappings())

    async def verify(self, noted: ChainEnd | None = None) -> Verdict:
        """Hold every entry against its hash and the one before; `noted` is an end of the chain that was noted down
        earlier, outside of the database: whoever rewrote the whole chain did not have that."""
        end = ChainEnd()
        async with reading(self._engine, "the audit") as connection:
            while True:
                before = end
                async for entry in _all(connection, end.number):
                    broken = check(end, entry) or _unlike(entry, noted)
                    if broken:
                        return Verdict(broken.number - 1, end, broken)
                    end = ChainEnd(entry.number, entry.hash)
                stored = await _stored_end(connection)
                # Somebody may have appended since: those are read too, until there are none.
                if end == before or stored.number <= end.number:
                    break
        expected = noted if noted and noted.number > end.number else stored
        broken = check_end(end, expected)
        return Verdict(broken.number - 1 if broken else end.number, end, broken)


def _unlike(entry: AuditEntry, noted: ChainEnd | None) -> Break | None:
    is_other = noted is not None and noted.number == entry.number and noted.hash != entry.hash
    return Break(entry.number, "changed") if is_other else None


async def _stored_end(connection: AsyncConnection) -> ChainEnd:
    row = (await connection.execute(select(audit_end))).first()
    return ChainEnd(row.number, row.hash) if row else ChainEnd(0, "")


async def _all(connection: AsyncConnection, after: int) -> AsyncIterator[AuditEntry]:
    """In order. Before the first, also numbers that no entry should have."""
    last = after if after else -(2**31)
    while True:
        query = select(audit).where(audit.c.number > last).order_by(audit.c.number).limit(CHECKED_AT_ONCE)
        rows = (await connection.execute(query)).mappings().all()
        for row in rows:
            yield _entry(row)
        if not rows:
            return
        last = rows[-1]["number"]


def _filtered(wanted: AuditFilter) -> Select[Any]:
    query = select(audit)
    if wanted.who:
        query = query.where(audit.c.who == wanted.who)
    if wanted.action.endswith("."):
        query = query.where(audit.c.action.startswith(wanted.action, autoescape=True))
    elif wanted.action:
        query = query.where(audit.c.action == wanted.action)
    if wanted.subject:
        query = query.where(audit.c.subject == wanted.subject)
    if wanted.since:
        query = query.where(audit.c.at_ms >= to_ms(wanted.since))
    if wanted.until:
        query = query.where(audit.c.at_ms < to_ms(wanted.until))
    return query.where(audit.c.number < wanted.before) if wanted.before else query


def _safe(deed: Deed) -> Deed:
    """The hash is over what the database gives back, so over what it can hold."""
    detail = {key: safe(value) if isinstance(value, str) else value for key, value in deed.detail.items()}
    return Deed(safe(deed.who), safe(deed.action), safe(deed.subject), safe(deed.address), detail)


def _row(entry: AuditEntry) -> dict[str, Any]:
    deed = entry.deed
    return {
        "number": entry.number, "at_ms": entry.at_ms, "who": deed.who, "action": deed.action, "subject": deed.subject,
        "address": deed.address, "detail": dict(deed.detail), "previous": entry.previous, "hash": entry.hash,
    }  # fmt: skip


def _entry(row: Mapping[Any, Any]) -> AuditEntry:
    deed = Deed(row["who"], row["action"], row["subject"], row["address"], row["detail"])
    return AuditEntry(row["number"], row["at_ms"], deed, row["previous"], row["hash"])
