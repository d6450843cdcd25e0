"""A program for the kill test: a case of recovery is overdue, goes a level up and is told of, until somebody kills it.

Started again it has nothing of its own to do: what the first run left is all there is.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOS, SetWorkflowID

from ivr.config import Config, Store
from ivr.config_surveys import Recovery, Survey
from ivr.environment import Environment
from ivr.model.calls import SurveyRecord
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.web.live import LiveCalls
from ivr.wiring.clock import SystemClock
from ivr.wiring.durable import durable
from ivr.wiring.recovery import RecoveryDesk, escalate_overdue, recovering
from ivr.wiring.surveys import SurveyDesk
from tests.store.samples import ended_call

LONG_AGO = datetime(2026, 11, 2, 9, tzinfo=UTC)


async def complained(store: SqlCallStore, desk: SurveyDesk) -> None:
    """A call that went badly three weeks ago; it is held, and nobody has called back."""
    low = SurveyRecord("completed", answers={"csat": "1", "resolved": "no"})
    call = ended_call("c1", survey=low, arrived_at=LONG_AGO, ended_at=LONG_AGO + timedelta(minutes=2))
    await store.finish(call)
    await desk.after(call, "")
    await store.holds.put("c1", "the complaint is open", "root")


async def main(folder: Path, webhook: str, *, is_first: bool) -> None:
    clock, url = SystemClock(), sqlite_url(folder / "ivr.db")
    recovery = Recovery(escalate_to=["eve"], webhook=webhook)
    async with open_store(url, utc=clock.utc) as store:
        surveys = SurveyDesk(Survey(), recovery, store.surveys, store.cases, clock)
        if is_first:
            await complained(store, surveys)
        desk = RecoveryDesk(recovery, store.cases, surveys, store.values, LiveCalls(), clock)
        async with recovering(desk), durable(Config(store=Store(path=folder / "ivr.db")), Environment()):
            if is_first:
                with SetWorkflowID("escalate once"):
                    await DBOS.start_workflow_async(escalate_overdue, clock.utc(), None)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], is_first=sys.argv[3] == "first"))
