"""Cases in the database: the `CampaignBook` of this server. What is decided about a case is in one transaction, shared
with whatever else is decided at that moment.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.audit import Deed
from ivr.model.campaign_ports import Arrive, Decide, Due
from ivr.model.campaigns import OPEN_STATES, Accepted, Alert, CampaignState, Case, Letter
from ivr.model.errors import IvrError, StoreError
from ivr.store.audit import append
from ivr.store.campaign_asks import Alter, Ask, Delivered, Failed, Hold, Receive
from ivr.store.campaign_batch import Told, carry_out, read_cases
from ivr.store.campaign_rows import due_of, letter_of
from ivr.store.campaign_tables import campaign_attempts, campaign_cases, campaign_letters, campaign_states
from ivr.store.engine import direct_engine, is_sqlite
from ivr.store.reach import AWAY, reading, writing
from ivr.store.rows import to_ms
from ivr.store.together import Together
from ivr.store.writes import add

TRIES = 5
"""Two servers may open a case for one customer at the same moment; the second then finds it and merges."""


class SqlCampaignBook:
    """Implements `ivr.model.campaign_ports.CampaignBook`."""

    def __init__(self, engine: AsyncEngine, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._utc = engine, utc
        self._direct = direct_engine(engine) if is_sqlite(engine.url) else None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="campaigns")
        self._together = Together[Ask, Told](self._carry_out)

    async def receive(self, campaign: str, alert: Alert, digest: str, arrive: Arrive) -> Accepted:
        """Raises StoreError: nothing was accepted; it may be sent again."""
        return cast(Accepted, await self._together.ask(Receive(campaign, alert, digest, arrive)))

    async def change(self, case_id: str, decide: Decide, *, rules: bool = False) -> Case | None:
        return cast("Case | None", await self._together.ask(Alter(case_id, decide, rules)))

    async def case(self, case_id: str) -> Case | None:
        async with reading(self._engine, "the case") as connection:
            found = await connection.run_sync(read_cases, [case_id], held=False)
        return found.get(case_id)

    async def cases(self, case_ids: Sequence[str]) -> Sequence[Case]:
        """Those there are, in the order asked for."""
        async with reading(self._engine, "the cases") as connection:
            found = await connection.run_sync(read_cases, case_ids, held=False)
        return tuple(found[each] for each in case_ids if each in found)

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
        async with writing(self._engine, "the campaign") as connection:
            row = {"campaign": campaign, "state": state, "since_ms": now}
            await add(connection, campaign_states, [row], replace=True)
            await append(connection, [(now, deed)])

    async def letters(self, now: datetime, most: int) -> Sequence[Letter]:
        wanted = select(campaign_letters).where(campaign_letters.c.next_at_ms <= to_ms(now))
        async with reading(self._engine, "the results") as connection:
            found = await connection.execute(wanted.order_by(campaign_letters.c.created_at_ms).limit(most))
            return tuple(map(letter_of, found.mappings()))

    async def hold_letter(self, letter_id: str, now: datetime, until: datetime) -> bool:
        return bool(await self._together.ask(Hold(letter_id, now, until)))

    async def letter_delivered(self, letter_id: str, at: datetime) -> None:
        await self._together.ask(Delivered(letter_id, at))

    async def letter_failed(self, letter_id: str, trouble: str, next_at: datetime | None) -> None:
        await self._together.ask(Failed(letter_id, trouble, next_at))

    async def _carry_out(self, asks: Sequence[Ask]) -> Sequence[Told | IvrError]:
        for tries_left in reversed(range(TRIES)):
            try:
                if self._direct is not None:
                    return await asyncio.get_running_loop().run_in_executor(self._thread, self._at_once, asks)
                async with self._engine.begin() as connection:
                    return await connection.run_sync(carry_out, asks, self._utc())
            except (IntegrityError, OperationalError) as error:
                if isinstance(error, IntegrityError) and tries_left:
                    continue  # another server opened a case for the customer at the same moment
                raise StoreError(f"the case cannot be changed just now ({type(error).__name__})") from error
            except AWAY as error:
                if len(asks) > 1:
                    raise
                raise StoreError(f"the case cannot be changed just now ({type(error).__name__})") from error
        raise AssertionError("the last try returns or raises")

    def _at_once(self, asks: Sequence[Ask]) -> Sequence[Told | IvrError]:
        assert self._direct is not None
        with self._direct.begin() as connection:
            return carry_out(connection, asks, self._utc())
