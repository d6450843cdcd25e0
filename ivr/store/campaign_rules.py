"""Who may not be called and who agreed to it, as people read and change it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.audit import Deed
from ivr.model.campaigns import Consent, Refusal
from ivr.model.errors import NotThere
from ivr.store.audit import append
from ivr.store.campaign_rows import refusal_row
from ivr.store.campaign_tables import consents, do_not_call
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add


class DoNotCall:
    """The lists as people read and change them. Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._utc = engine, utc

    async def all(self, party: str = "", most: int = 500) -> Sequence[Refusal]:
        wanted = select(do_not_call).order_by(do_not_call.c.at_ms.desc()).limit(most)
        wanted = wanted.where(do_not_call.c.party == party) if party else wanted
        async with reading(self._engine, "the do-not-call list") as connection:
            return tuple(
                Refusal(row.party, row.purpose, row.reason, row.source, from_ms(row.at_ms))
                for row in await connection.execute(wanted)
            )

    async def put(self, refusal: Refusal, deed: Deed) -> None:
        now = to_ms(self._utc())
        async with writing(self._engine, "the do-not-call list") as connection:
            await add(connection, do_not_call, [refusal_row(refusal, now)], replace=True)
            await append(connection, [(now, deed)])

    async def remove(self, party: str, purpose: str, deed: Deed) -> None:
        """Raises NotThere: they are not on it."""
        gone = delete(do_not_call).where((do_not_call.c.party == party) & (do_not_call.c.purpose == purpose))
        async with writing(self._engine, "the do-not-call list") as connection:
            if not (await connection.execute(gone)).rowcount:
                raise NotThere("nobody is on the list under this party and purpose")
            await append(connection, [(to_ms(self._utc()), deed)])

    async def agreed(self, party: str = "", most: int = 500) -> Sequence[Consent]:
        """Consents, the newest first, those that were taken back too."""
        wanted = select(consents).order_by(consents.c.at_ms.desc()).limit(most)
        wanted = wanted.where(consents.c.party == party) if party else wanted
        async with reading(self._engine, "the consents") as connection:
            return tuple(
                Consent(
                    row.party, row.purpose, row.channel, row.source, row.evidence, from_ms(row.at_ms),
                    None if row.revoked_at_ms is None else from_ms(row.revoked_at_ms),
                )
                for row in await connection.execute(wanted)
            )  # fmt: skip

    async def agree(self, party: str, purpose: str, channel: str, source: str, evidence: str, deed: Deed) -> None:
        """Keep that somebody agreed to be called for a purpose, and where that is proved."""
        now = to_ms(self._utc())
        row = {
            "party": party, "purpose": purpose, "channel": channel, "source": source, "evidence": evidence,
            "at_ms": now, "revoked_at_ms": None,
        }  # fmt: skip
        async with writing(self._engine, "the consents") as connection:
            await add(connection, consents, [row], replace=True)
            await append(connection, [(now, deed)])

    async def revoke(self, party: str, purpose: str, deed: Deed) -> None:
        """Raises NotThere: they never agreed to it."""
        now = to_ms(self._utc())
        taken = consents.update().where((consents.c.party == party) & (consents.c.purpose == purpose))
        async with writing(self._engine, "the consents") as connection:
            if not (await connection.execute(taken.values(revoked_at_ms=now))).rowcount:
                raise NotThere("nobody agreed under this party and purpose")
            await append(connection, [(now, deed)])
