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
from sqlalchemy import URL, Engine, create_engine, event

from ivr.campaigns.attempts import AttemptSteps
from ivr.model.campaigns import AttemptOutcome
from ivr.model.errors import StoreError
from ivr.store.engine import SQLITE_PRAGMAS, database_url, is_sqlite

VERSION = "attempts-1"
"""Raise it with the order of the steps: workflows of another version are not gone on with."""

SURE = StepOptions(retries_allowed=True, max_attempts=30, interval_seconds=0.5, backoff_rate=1.5)
"""A database that is away for some minutes loses no attempt."""

WORKFLOW = "campaign_attempt"

log = structlog.get_logger(__name__)


class DurableAttempts:
    """Implements `ivr.model.campaign_ports.Durable`."""

    def __init__(self, steps: AttemptSteps) -> None:
        self._steps = steps
        self._running: set[asyncio.Task[Any]] = set()
        self._workflow = DBOS.workflow(name=WORKFLOW)(self._attempt())

    async def begin(self, attempt_id: str, case_id: str) -> None:
        try:
            with SetWorkflowID(attempt_id):
                await DBOS.start_workflow_async(self._workflow, case_id, attempt_id)
        except Exception as error:
            # DBOS raises whatever its database does.
            raise StoreError(f"an attempt cannot be begun just now ({type(error).__name__})") from error

    async def close(self) -> None:
        """What is under way stays under way for the next start."""
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=5.0)

    def _attempt(self) -> Callable[[str, str], Coroutine[Any, Any, str]]:
        steps, running = self._steps, self._running

        async def sure(name: str, step: Callable[..., Coroutine[Any, Any, Any]], *given: Any) -> Any:
            options: StepOptions = {**SURE, "name": name}
            return await DBOS.run_step_async(options, step, *given)

        async def attempt(case_id: str, attempt_id: str) -> str:
            task = asyncio.current_task()
            assert task is not None
            running.add(task)
            task.add_done_callback(running.discard)
            run = await sure("begin", steps.begin, case_id, attempt_id)
            if not run:
                return "not dialled"
            outcome: AttemptOutcome = await sure("place", steps.place, case_id, attempt_id, run)
            outcome = outcome or await sure("wait", steps.wait, case_id, attempt_id, run)
            await sure("settle", steps.settle, case_id, attempt_id, outcome)
            return outcome

        return attempt


@asynccontextmanager
async def durable_attempts(url: str, node: str, steps: AttemptSteps) -> AsyncIterator[DurableAttempts]:
    """Go on with what was under way, and take new attempts while the block runs. One at a time in a program.

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
        settings["system_database_engine"] = engine = _sqlite(where)
    else:
        settings["system_database_url"] = where.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        DBOS(config=settings)
        durable = DurableAttempts(steps)
        DBOS.launch()
    except Exception as error:
        DBOS.destroy(destroy_registry=True)
        raise StoreError(f"the workflows of campaigns cannot be kept ({type(error).__name__}): {error}") from error
    try:
        yield durable
    finally:
        await durable.close()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        if engine:
            engine.dispose()


def _sqlite(where: URL) -> Engine:
    path = Path(f"{where.database}.workflows")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine
