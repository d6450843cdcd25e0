"""Attempts as DBOS workflows: a program killed at any moment goes on, at its next start, where each of them stood.

The id of a workflow is the id of its attempt, so beginning one twice is once, for ever. A workflow here has no steps of
its own that DBOS would note down: what it does next is told by the case, which is written first, so that going on after
a crash is doing it again from the top.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, SetWorkflowID

from ivr.campaigns.attempts import AttemptSteps
from ivr.model.campaigns import AttemptOutcome
from ivr.model.errors import StoreError

WORKFLOW = "campaign_attempt"
AT_ONCE = 4
"""Workflows that are being written down at the same time: more of them only wait for each other."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

Given = ParamSpec("Given")
Told = TypeVar("Told")
log = structlog.get_logger(__name__)


class AtWork:
    """What the workflows of this program work on. They may be gone on with before it is there, and then wait."""

    def __init__(self) -> None:
        self.steps: AttemptSteps | None = None
        self.is_there = asyncio.Event()
        self.running: set[asyncio.Task[Any]] = set()


_at_work = AtWork()


async def _sure(step: Callable[Given, Awaitable[Told]], *given: Given.args, **named: Given.kwargs) -> Told:
    """A database that is away, however long, loses no attempt."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await step(*given, **named)
        except StoreError as error:
            log.warning("an attempt waits for the database", code=error.code, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)


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
    run = await _sure(steps.begin, case_id, attempt_id)
    if not run:
        return "not dialled"
    outcome = await _sure(steps.place, case_id, attempt_id, run)
    over: AttemptOutcome = outcome if outcome else await _sure(steps.wait, case_id, attempt_id, run)
    await _sure(steps.settle, case_id, attempt_id, over)
    return over


class DurableAttempts:
    """Implements `ivr.model.campaign_ports.Durable`."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def begin(self, attempt_id: str, case_id: str) -> None:
        try:
            async with self._gate:
                with SetWorkflowID(attempt_id):
                    await DBOS.start_workflow_async(attempted, case_id, attempt_id)
        except Exception as error:
            # DBOS raises whatever its database does.
            raise StoreError(f"an attempt cannot be begun just now ({type(error).__name__})") from error


@asynccontextmanager
async def attempts_of(steps: AttemptSteps) -> AsyncIterator[DurableAttempts]:
    """Take attempts while the block runs, inside `ivr.wiring.durable`.

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
