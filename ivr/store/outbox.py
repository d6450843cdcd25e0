"""Webhooks that are on their way: written down before they are sent, gone once they were taken."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.webhooks import Delivery
from ivr.store.reach import reading, writing
from ivr.store.webhook_tables import webhook_outbox
from ivr.store.writes import add

WHAT = "the webhooks"


class Outbox:
    """A shelf of `ivr.wiring.courier`. Raises `StoreError` where the database is away. Several servers may share it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, deliveries: Sequence[Delivery]) -> None:
        async with writing(self._engine, WHAT) as connection:
            await add(connection, webhook_outbox, [_row(one) for one in deliveries])

    async def due(self, now: float, most: int = 50) -> list[Delivery]:
        """Those whose time has come, the oldest first."""
        table = webhook_outbox
        wanted = select(table).where(table.c.due_at_ms <= round(now * 1000)).order_by(table.c.due_at_ms).limit(most)
        async with reading(self._engine, WHAT) as connection:
            return [_delivery(row) for row in (await connection.execute(wanted)).mappings()]

    async def take(self, one: Delivery, until: float) -> bool:
        """Nobody else sends it until then. False: somebody else has taken it already."""
        return await self._move(one, one.attempts, until)

    async def postpone(self, one: Delivery, trouble: str, due_at: float) -> None:
        async with writing(self._engine, WHAT) as connection:
            table = webhook_outbox
            change = update(table).where(table.c.delivery_id == one.delivery_id)
            await connection.execute(change.values(attempts=one.attempts + 1, due_at_ms=round(due_at * 1000)))

    async def delivered(self, one: Delivery, at: float) -> None:
        async with writing(self._engine, WHAT) as connection:
            await connection.execute(delete(webhook_outbox).where(webhook_outbox.c.delivery_id == one.delivery_id))

    async def give_up(self, one: Delivery, trouble: str) -> None:
        await self.delivered(one, 0.0)

    async def _move(self, one: Delivery, attempts: int, due_at: float) -> bool:
        table = webhook_outbox
        mine = (table.c.delivery_id == one.delivery_id) & (table.c.due_at_ms == round(one.due_at * 1000))
        async with writing(self._engine, WHAT) as connection:
            change = update(table).where(mine).values(attempts=attempts, due_at_ms=round(due_at * 1000))
            return bool((await connection.execute(change)).rowcount)


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": one.delivery_id, "url": one.url, "body": one.body, "attempts": one.attempts,
        "due_at_ms": round(one.due_at * 1000),
    }  # fmt: skip


def _delivery(row: Any) -> Delivery:
    return Delivery(row["delivery_id"], row["url"], row["body"], row["attempts"], row["due_at_ms"] / 1000)
