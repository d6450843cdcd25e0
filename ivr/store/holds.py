"""Legal holds: calls and callers of whom nothing is deleted, whoever asks and however old it is (domain.md 2.11)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import NotThere
from ivr.store.audit import append
from ivr.store.audit import hold as hold_audit
from ivr.store.privacy_tables import legal_holds
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms
from ivr.store.tables import calls
from ivr.store.writes import add

WHAT = "the legal holds"


@dataclass(frozen=True, slots=True)
class LegalHold:
    subject: str
    """Id of a call, or the number of a caller."""

    reason: str
    who: str
    at: datetime


def is_held() -> ColumnElement[bool]:
    """Whether a row of `calls` is under a hold: by its id, or by the number of either end."""
    held = select(legal_holds.c.subject)
    return or_(calls.c.call_id.in_(held), calls.c.caller.in_(held), calls.c.called.in_(held))


class LegalHolds:
    """Every method raises `StoreError` where the database is away; each change is in the audit."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._utc = engine, utc

    async def put(self, subject: str, reason: str, who: str, address: str = "") -> LegalHold:
        """Hold a call or a caller; a hold that is there gets the new reason."""
        at_ms = to_ms(self._utc())
        row: dict[str, Any] = {"subject": subject, "reason": reason, "who": who, "at_ms": at_ms}
        async with writing(self._engine, WHAT) as connection:
            await hold_audit(connection)
            await add(connection, legal_holds, [row], replace=True)
            await append(connection, [(at_ms, Deed(who, "hold.put", _subject(subject), address))])
        return LegalHold(subject, reason, who, from_ms(at_ms))

    async def lift(self, subject: str, who: str, address: str = "") -> None:
        """
        Raises:
            NotThere: there is no such hold.
        """
        async with writing(self._engine, WHAT) as connection:
            await hold_audit(connection)
            gone = await connection.execute(delete(legal_holds).where(legal_holds.c.subject == subject))
            if not gone.rowcount:
                raise NotThere("there is no legal hold on that")
            await append(connection, [(to_ms(self._utc()), Deed(who, "hold.lift", _subject(subject), address))])

    async def all(self) -> tuple[LegalHold, ...]:
        query = select(legal_holds).order_by(legal_holds.c.at_ms, legal_holds.c.subject)
        async with reading(self._engine, WHAT) as connection:
            rows = (await connection.execute(query)).mappings()
            return tuple(LegalHold(row["subject"], row["reason"], row["who"], from_ms(row["at_ms"])) for row in rows)


def _subject(subject: str) -> str:
    """The audit is never erased, so no number of a caller goes in."""
    return "a caller" if subject.startswith("+") else subject
