"""Cases in the database: the `CampaignBook` of this server. What is decided about a case is one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.campaign_ports import Arrive, Change, Decide, Due
from ivr.model.campaigns import OPEN_STATES, Accepted, Alert, CampaignState, Case, Circumstances, Letter
from ivr.model.errors import StoreError
from ivr.store.audit import append
from ivr.store.campaign_rows import attempt_row, case_of, case_row, due_of, letter_of, open_key, stage_rows
from ivr.store.campaign_rules import circumstances, refuse
from ivr.store.campaign_tables import (
    campaign_attempts,
    campaign_cases,
    campaign_events,
    campaign_letters,
    campaign_stages,
    campaign_states,
)
from ivr.store.engine import is_sqlite
from ivr.store.reach import reading, writing
from ivr.store.rows import to_ms
from ivr.store.writes import add

TRIES = 5
"""Two servers may open a case for one customer at the same moment; the second then finds it and merges."""

SYSTEM = "campaigns"
"""Who did it, in the audit, where nobody did."""


class SqlCampaignBook:
    """Implements `ivr.model.campaign_ports.CampaignBook`."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._utc = engine, utc
        self._one_writer = asyncio.Lock() if is_sqlite(engine.url) else None

    async def receive(self, campaign: str, alert: Alert, digest: str, arrive: Arrive) -> Accepted:
        """Raises StoreError: nothing was accepted; it may be sent again."""
        for _ in range(TRIES):
            try:
                async with self._writing() as connection:
                    return await self._receive(connection, campaign, alert, digest, arrive)
            except _Raced:
                continue
        raise StoreError("the event cannot be kept just now: too many servers write about this customer")

    async def _receive(
        self, connection: AsyncConnection, campaign: str, alert: Alert, digest: str, arrive: Arrive
    ) -> Accepted:
        now = to_ms(self._utc())
        fresh = {
            "source": alert.source, "event_id": alert.event_id, "campaign": campaign, "digest": digest, "case_id": "",
            "at_ms": now,
        }  # fmt: skip
        new = (sqlite if is_sqlite(self._engine.url) else postgresql).insert(campaign_events).values(fresh)
        key = [campaign_events.c.source, campaign_events.c.event_id]
        # Written first: from here on whoever brings the same event waits, and then finds this row.
        wrote = await connection.execute(new.on_conflict_do_nothing(index_elements=key).returning(key[1]))
        same = (campaign_events.c.source == alert.source) & (campaign_events.c.event_id == alert.event_id)
        if wrote.first() is None:
            kept = (await connection.execute(select(campaign_events).where(same))).mappings().one()
            known = await _case(connection, kept["case_id"]) if kept["case_id"] else None
            told = arrive(kept["digest"] if kept["campaign"] == campaign else "another campaign", None)
            return Accepted(told.arrival, known)
        customers = open_key(campaign, alert.customer)
        accepted = arrive("", await _case(connection, customers, campaign_cases.c.open_key, for_update=True))
        assert accepted.case is not None
        await connection.execute(update(campaign_events).where(same).values(case_id=accepted.case.case_id))
        deed = Deed(SYSTEM, f"case.{accepted.arrival}", accepted.case.case_id, "", {"event": alert.event_id})
        try:
            await _write(connection, Change(accepted.case, (deed,)), now, None)
        except IntegrityError as error:
            raise _Raced from error
        return accepted

    async def change(self, case_id: str, decide: Decide, *, rules: bool = False) -> Case | None:
        async with self._writing() as connection:
            # Held before it is read: nobody else decides about this case meanwhile.
            lock = update(campaign_cases).where(campaign_cases.c.case_id == case_id)
            await connection.execute(lock.values(state=campaign_cases.c.state))
            case = await _case(connection, case_id)
            if case is None:
                return None
            now = self._utc()
            change = decide(case, await circumstances(connection, case, now) if rules else Circumstances())
            if change is None:
                return None
            await _write(connection, change, to_ms(now), case)
            return change.case

    async def case(self, case_id: str) -> Case | None:
        async with reading(self._engine, "the case") as connection:
            return await _case(connection, case_id)

    async def due(self) -> Sequence[Due]:
        tried = select(func.count()).where(campaign_attempts.c.case_id == campaign_cases.c.case_id).scalar_subquery()
        wanted = select(campaign_cases, tried.label("attempts")).where(campaign_cases.c.state.in_(OPEN_STATES))
        async with reading(self._engine, "the cases") as connection:
            return tuple(map(due_of, (await connection.execute(wanted)).mappings()))

    async def states(self) -> Mapping[str, CampaignState]:
        async with reading(self._engine, "the campaigns") as connection:
            found = await connection.execute(select(campaign_states))
            return {row.campaign: row.state for row in found}

    async def put_state(self, campaign: str, state: CampaignState, deed: Deed) -> None:
        now = to_ms(self._utc())
        async with self._writing() as connection:
            row = {"campaign": campaign, "state": state, "since_ms": now}
            await add(connection, campaign_states, [row], replace=True)
            await append(connection, [(now, deed)])

    async def letters(self, now: datetime, most: int) -> Sequence[Letter]:
        wanted = select(campaign_letters).where(campaign_letters.c.next_at_ms <= to_ms(now))
        async with reading(self._engine, "the results") as connection:
            found = await connection.execute(wanted.order_by(campaign_letters.c.created_at_ms).limit(most))
            return tuple(map(letter_of, found.mappings()))

    async def letter_delivered(self, letter_id: str, at: datetime) -> None:
        """The ledger of the case is complete with it."""
        done = update(campaign_letters).where(campaign_letters.c.letter_id == letter_id)
        async with self._writing() as connection:
            told = await connection.execute(
                done.values(next_at_ms=None, delivered_at_ms=to_ms(at), tries=campaign_letters.c.tries + 1)
                .returning(campaign_letters.c.case_id)
            )  # fmt: skip
            if row := told.first():
                stage = {"case_id": row.case_id, "stage": "reported", "at_ms": to_ms(at)}
                await add(connection, campaign_stages, [stage])

    async def letter_failed(self, letter_id: str, trouble: str, next_at: datetime | None) -> None:
        failed = update(campaign_letters).where(campaign_letters.c.letter_id == letter_id)
        at = to_ms(next_at) if next_at else None
        async with self._writing() as connection:
            await connection.execute(
                failed.values(next_at_ms=at, trouble=trouble, tries=campaign_letters.c.tries + 1)
            )  # fmt: skip

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            if self._one_writer:
                await stack.enter_async_context(self._one_writer)
            yield await stack.enter_async_context(writing(self._engine, "the case"))


class _Raced(Exception):  # noqa: N818 - never leaves this file
    """Another server opened a case for the customer at the same moment."""


async def _case(
    connection: AsyncConnection, value: str, column: Any = campaign_cases.c.case_id, *, for_update: bool = False
) -> Case | None:
    wanted = select(campaign_cases).where(column == value)
    row = (await connection.execute(wanted.with_for_update() if for_update else wanted)).mappings().first()
    if row is None:
        return None
    of_it = campaign_attempts.c.case_id == row["case_id"]
    attempts = select(campaign_attempts).where(of_it).order_by(campaign_attempts.c.number)
    stages = select(campaign_stages).where(campaign_stages.c.case_id == row["case_id"])
    return case_of(
        row, (await connection.execute(attempts)).mappings().all(), (await connection.execute(stages)).mappings().all()
    )


async def _write(connection: AsyncConnection, change: Change, now_ms: int, before: Case | None) -> None:
    cases = [change.case, change.more] if change.more else [change.case]
    await add(connection, campaign_cases, [case_row(case) for case in cases], replace=True)
    known = {one.attempt_id: one for one in before.attempts} if before else {}
    new = [one for one in change.case.attempts if known.get(one.attempt_id) != one]
    await add(connection, campaign_attempts, [attempt_row(change.case, one) for one in new], replace=True)
    stages = before.times if before else {}
    await add(
        connection, campaign_stages, [row for case in cases for row in stage_rows(case) if row["stage"] not in stages]
    )  # fmt: skip
    if change.letter:
        await add(connection, campaign_letters, [_letter_row(change, now_ms)])
    if change.refusal:
        await refuse(connection, change.refusal, now_ms)
    # Last: from here on everybody else who writes into the audit waits for this transaction.
    await append(connection, [(now_ms, deed) for deed in change.deeds])


def _letter_row(change: Change, now_ms: int) -> dict[str, Any]:
    case = change.case
    return {
        "letter_id": case.case_id, "case_id": case.case_id, "campaign": case.campaign, "body": change.letter,
        "created_at_ms": now_ms, "next_at_ms": now_ms, "tries": 0, "delivered_at_ms": None, "trouble": "",
    }  # fmt: skip
