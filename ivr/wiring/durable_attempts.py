"""Attempts as DBOS workflows: a program killed at any moment goes on, at its next start, where each of them stood.

The id of a workflow is the id of its attempt, so beginning one twice is once, for ever. What DBOS itself remembers lies
in a file beside the SQLite database, or in a schema of its own in PostgreSQL.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID, StepOptions

from ivr.campaigns.attempts import AttemptSteps
from ivr.model.campaigns import AttemptOutcome
from ivr.model.errors import StoreError
from ivr.store.engine import database_url, is_sqlite
from ivr.wiring.durable import file_engine

VERSION = "attempts-1"
"""Raise it with the order of the steps: workflows of another version are not gone on with."""

SURE = StepOptions(retries_allowed=True, max_attempts=30, interval_seconds=0.5, backoff_rate=1.5)
"""A database that is away for some minutes loses no attempt."""

WORKFLOW = "campaign_attempt"

log = structlog.get_logger(__name__)


class AtWork:
    """What the workflows of this program work on. They may be gone on with before it is there, and then wait."""

    def __init__(self) -> None:
        self.steps: AttemptSteps | None = None
        self.is_there = asyncio.Event()
        self.running: set[asyncio.Task[Any]] = set()


_at_work = AtWork()


async def _sure(name: str, step: Callable[..., Coroutine[Any, Any, Any]], *given: Any) -> Any:
    options: StepOptions = {**SURE, "name": name}
    return await DBOS.run_step_async(options, step, *given)


@DBOS.workflow(name=WORKFLOW)
async def attempted(case_id: str, attempt_id: str) -> str:
    """One attempt, from its first rule to its outcome."""
    here = _at_work
    task = asyncio.current_task()
    assert task is not None
    here.running.add(task)
    task.add_done_callback(here.running.discard)
    await here.is_there.wait()
    steps = here.steps
    assert steps is not None
    run = await _sure("begin", steps.begin, case_id, attempt_id)
    if not run:
        return "not dialled"
    outcome: AttemptOutcome = await _sure("place", steps.place, case_id, attempt_id, run)
    outcome = outcome or await _sure("wait", steps.wait, case_id, attempt_id, run)
    await _sure("settle", steps.settle, case_id, attempt_id, outcome)
    return outcome


class DurableAttempts:
    """Implements `ivr.model.campaign_ports.Durable`."""

    async def begin(self, attempt_id: str, case_id: str) -> None:
        try:
            with SetWorkflowID(attempt_id):
                await DBOS.start_workflow_async(attempted, case_id, attempt_id)
        except Exception as error:
            # DBOS raises whatever its database does.
            raise StoreError(f"an attempt cannot be begun just now ({type(error).__name__})") from error


@asynccontextmanager
async def attempts_of(steps: AttemptSteps) -> AsyncIterator[DurableAttempts]:
    """Take attempts while the block runs, where DBOS is launched already or about to be.

    What is under way at the end stays under way for the next start.
    """
    global _at_work  # one to a program, as DBOS is
    here = _at_work
    here.steps = steps
    here.is_there.set()
    try:
        yield DurableAttempts()
    finally:
        _at_work = AtWork()
        for task in list(here.running):
            task.cancel()
        if here.running:
            await asyncio.wait(here.running, timeout=5.0)


@asynccontextmanager
async def durable_attempts(url: str, node: str, steps: AttemptSteps) -> AsyncIterator[DurableAttempts]:
    """The same with a DBOS of its own, for programs that keep nothing else durable. One at a time in a program.

    Args:
        url: of the database, as in `ivr.store.calls.open_store`.
        node: name of this server: attempts are gone on with by the server that began them.

    Raises:
        StoreError: the workflows cannot be kept.
    """
    engine = None
    settings: DBOSConfig = {
        "name": "ivr", "executor_id": node, "application_version": VERSION, "log_level": "ERROR",
    }  # fmt: skip
    where = database_url(url)
    if is_sqlite(where):
        settings["system_database_engine"] = engine = file_engine(Path(f"{where.database}.workflows"))
    else:
        settings["system_database_url"] = where.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        DBOS(config=settings)
        async with attempts_of(steps) as durable:
            try:
                DBOS.launch()
            except Exception as error:
                raise StoreError(f"the workflows of campaigns cannot be kept ({type(error).__name__})") from error
            yield durable
    finally:
        await asyncio.to_thread(DBOS.destroy)
        if engine:
            engine.dispose()
