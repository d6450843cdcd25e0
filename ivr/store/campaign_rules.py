"""Who may not be called, who agreed to it, and who was called already: read where it is decided, changed by people."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.campaigns import ENDED_ATTEMPTS, Case, Circumstances, Contact, Refusal
from ivr.model.errors import NotThere
from ivr.store.audit import append
from ivr.store.campaign_tables import campaign_attempts, consents, do_not_call
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add

LOOKS_BACK = timedelta(days=30)
"""Longest span that a rule of a jurisdiction counts attempts over."""

LONGEST_CALL = timedelta(hours=2)
"""An attempt without an end that is older than this is not on the line any more."""


def customer_party(customer: str) -> str:
    return f"customer:{customer}"


async def circumstances(connection: AsyncConnection, case: Case, now: datetime) -> Circumstances:
    parties = [*case.phones, customer_party(case.alert.customer)]
    refused, agreed = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for row in await connection.execute(select(do_not_call).where(do_not_call.c.party.in_(parties))):
        refused[row.party].add(row.purpose)
    valid = consents.c.party.in_(parties) & consents.c.revoked_at_ms.is_(None)
    for row in await connection.execute(select(consents).where(valid)):
        agreed[row.party].add(row.purpose)
    table = campaign_attempts.c
    theirs = table.dialled.in_(case.phones) | (table.customer == case.alert.customer)
    since = table.created_at_ms >= to_ms(now - LOOKS_BACK)
    earlier = list(await connection.execute(select(campaign_attempts).where(theirs & since)))
    live_since = to_ms(now - LONGEST_CALL)
    return Circumstances(
        {party: frozenset(purposes) for party, purposes in refused.items()},
        {party: frozenset(purposes) for party, purposes in agreed.items()},
        tuple(
            Contact(from_ms(row.created_at_ms), row.dialled, row.case_id)
            for row in earlier
            if row.counts and row.outcome != "blocked_by_rule"
        ),
        any(
            row.case_id != case.case_id and row.outcome not in ENDED_ATTEMPTS and row.created_at_ms > live_since
            for row in earlier
        ),
        await _calls(connection, case.campaign, now - timedelta(hours=1)),
        await _calls(connection, case.campaign, now - timedelta(days=1)),
    )


async def _calls(connection: AsyncConnection, campaign: str, since: datetime) -> int:
    table = campaign_attempts.c
    counted = (
        (table.campaign == campaign) & (table.created_at_ms >= to_ms(since)) & (table.outcome != "blocked_by_rule")
    )
    return int(await connection.scalar(select(func.count()).select_from(campaign_attempts).where(counted)) or 0)


async def refuse(connection: AsyncConnection, refusal: Refusal, now_ms: int) -> None:
    row = {
        "party": refusal.party, "purpose": refusal.purpose, "reason": refusal.reason, "source": refusal.source,
        "at_ms": now_ms,
    }  # fmt: skip
    await add(connection, do_not_call, [row], replace=True)


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
            await refuse(connection, refusal, now)
            await append(connection, [(now, deed)])

    async def remove(self, party: str, purpose: str, deed: Deed) -> None:
        """Raises NotThere: they are not on it."""
        gone = delete(do_not_call).where((do_not_call.c.party == party) & (do_not_call.c.purpose == purpose))
        async with writing(self._engine, "the do-not-call list") as connection:
            if not (await connection.execute(gone)).rowcount:
                raise NotThere("nobody is on the list under this party and purpose")
            await append(connection, [(to_ms(self._utc()), deed)])

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
        now = to_ms(self._utc())
        taken = consents.update().where((consents.c.party == party) & (consents.c.purpose == purpose))
        async with writing(self._engine, "the consents") as connection:
            await connection.execute(taken.values(revoked_at_ms=now))
            await append(connection, [(now, deed)])
