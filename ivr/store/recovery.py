"""After a crash: calls that were left open are closed, so that every answered call has its one survey record."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.store.rows import interrupted_survey, survey_row
from ivr.store.tables import calls, journal, surveys
from ivr.store.writes import add, answers_kept

END_REASON = "error"
DISCONNECTED_BY = "system"


async def close_open_calls(engine: AsyncEngine, node: str) -> int:
    """Close the calls this node left open; the number of calls repaired.

    Only for whoever holds the node's lock: the calls of a living program look just the same. The end of a call is
    the last thing its journal knows of. What the caller had answered makes the survey `partial`.
    """
    async with engine.begin() as connection:
        broken = (await connection.execute(select(calls).where(_is_broken(node)))).mappings().all()
        for row in broken:
            if row["ended_at_ms"] is None:
                await _close(connection, row)
            if row["answered_at_ms"] is not None:
                survey = interrupted_survey(await answers_kept(connection, row["call_id"]))
                await add(connection, surveys, [survey_row(row["call_id"], survey, row["arrived_at_ms"])])
    return len(broken)


def _is_broken(node: str) -> ColumnElement[bool]:
    """Open, or answered and without a survey record (which only a defect of ours could leave)."""
    has_survey = exists().where(surveys.c.call_id == calls.c.call_id)
    unsurveyed = and_(calls.c.answered_at_ms.is_not(None), ~has_survey)
    return and_(calls.c.node == node, or_(calls.c.ended_at_ms.is_(None), unsurveyed))


async def _close(connection: AsyncConnection, row: Mapping[Any, Any]) -> None:
    last = await connection.scalar(select(func.max(journal.c.at)).where(journal.c.call_id == row["call_id"]))
    began = row["arrived_at_ms"] if row["answered_at_ms"] is None else row["answered_at_ms"]
    ended = began + round(1000 * (last or 0.0))
    closed = {
        "ended_at_ms": ended, "end_reason": END_REASON, "disconnect_by": DISCONNECTED_BY,
        "outcome": row["outcome"] or END_REASON,
    }  # fmt: skip
    await connection.execute(update(calls).where(calls.c.call_id == row["call_id"]).values(closed))
