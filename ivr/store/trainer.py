"""The trainer's items and the alerts of topics, in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.errors import NotThere
from ivr.model.insight import SpikeAlert, TrainerItem
from ivr.store.insight_tables import topic_alerts, trainer_items
from ivr.store.reading import rows_of
from ivr.store.rows import from_ms, to_ms
from ivr.store.writes import add, writing

MOST_ITEMS = 5000
PLAIN = tuple(field.name for field in fields(TrainerItem) if field.name != "at")
WHAT = "the trainer's desk"
ALERT = TypeAdapter(SpikeAlert)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items, newest first. Empty fields do not filter."""

    flow: str = ""
    status: str = ""
    source: str = ""
    limit: int = 100


class TrainerStore:
    """Every method raises `StoreError` where the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, items: Sequence[TrainerItem]) -> None:
        """Write items; one that is known already keeps what people made of it."""
        async with writing(self._engine, WHAT) as connection:
            await add(connection, trainer_items, [item_row(item) for item in items])

    async def items(self, wanted: ItemFilter) -> list[TrainerItem]:
        of = trainer_items.c
        query = select(trainer_items).order_by(of.at_ms.desc(), of.item_id).limit(min(wanted.limit, MOST_ITEMS))
        for column, value in ((of.flow, wanted.flow), (of.status, wanted.status), (of.source, wanted.source)):
            if value:
                query = query.where(column == value)
        return [_item(row) for row in await rows_of(self._engine, query)]

    async def item(self, item_id: str) -> TrainerItem:
        """
        Raises:
            NotThere: no item has that id.
        """
        found = await rows_of(self._engine, select(trainer_items).where(trainer_items.c.item_id == item_id))
        if not found:
            raise NotThere("there is no trainer item by that id")
        return _item(found[0])

    async def change(self, item_ids: Sequence[str], **values: str) -> int:
        """Set status, label, label_name or owner of items. How many there were."""
        async with writing(self._engine, WHAT) as connection:
            chosen = update(trainer_items).where(trainer_items.c.item_id.in_(item_ids))
            done = await connection.execute(chosen.values(**values))
        return int(done.rowcount)

    async def keep_alert(self, alert: SpikeAlert) -> None:
        row = {
            "alert_id": alert.alert_id,
            "topic": alert.topic,
            "at_ms": to_ms(alert.at),
            "closed_at_ms": to_ms(alert.closed_at) if alert.closed_at else None,
            "facts": ALERT.dump_json(alert).decode(),
        }
        async with writing(self._engine, WHAT) as connection:
            await add(connection, topic_alerts, [row], replace=True)

    async def alerts(self, since: datetime, *, topic: str = "", most: int = 100) -> list[SpikeAlert]:
        """Alerts from then on, newest first."""
        of = topic_alerts.c
        query = select(of.facts).where(of.at_ms >= to_ms(since)).order_by(of.at_ms.desc(), of.alert_id).limit(most)
        if topic:
            query = query.where(of.topic == topic)
        return [ALERT.validate_json(row["facts"]) for row in await rows_of(self._engine, query)]

    async def alert(self, alert_id: str) -> SpikeAlert:
        """
        Raises:
            NotThere: no alert has that id.
        """
        found = await rows_of(self._engine, select(topic_alerts.c.facts).where(topic_alerts.c.alert_id == alert_id))
        if not found:
            raise NotThere("there is no alert by that id")
        return ALERT.validate_json(found[0]["facts"])


def item_row(item: TrainerItem) -> dict[str, Any]:
    return {**{name: getattr(item, name) for name in PLAIN}, "at_ms": to_ms(item.at)}


def _item(row: Mapping[Any, Any]) -> TrainerItem:
    return TrainerItem(**{name: row[name] for name in PLAIN}, at=from_ms(row["at_ms"]))
