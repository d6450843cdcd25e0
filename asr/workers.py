"""Recognition off the event loop: the pool of threads all calls share, final results before speculative ones."""

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from ivr.model.errors import IvrError, RecognizerError
from ivr.model.meaning import Recognition


@dataclass(slots=True, eq=False)
class Job:
    """A piece of recognition on its way."""

    work: Callable[["Job"], Recognition]
    result: "Future[Recognition]" = field(default_factory=Future)
    stale: bool = False
    """Nobody wants the result any more; the work looks at this between steps."""

    taken: bool = False
    """A thread has begun it."""


class Jobs:
    """Hands jobs to an executor, the most urgent first. Safe from any thread."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, Job]] = []
        self._order = itertools.count()

    def submit(self, job: Job, *, urgent: bool) -> None:
        """Queue a job, or move one that still waits ahead of all that are not urgent (it runs once).

        Raises:
            RecognizerError: the server is shutting down.
        """
        with self._lock:
            heapq.heappush(self._waiting, (0 if urgent else 1, next(self._order), job))
        try:
            self._executor.submit(self._next)
        except RuntimeError as closed:
            raise RecognizerError("recognition has stopped: the server is shutting down") from closed

    def _next(self) -> None:
        with self._lock:
            job = heapq.heappop(self._waiting)[2]
            if job.taken:
                return
            job.taken = True
        try:
            job.result.set_result(Recognition() if job.stale else job.work(job))
        except IvrError as broken:
            job.result.set_exception(broken)
        except Exception as broken:  # noqa: BLE001 - native code raises anything; a turn must get its answer
            job.result.set_exception(RecognizerError(f"recognition failed: {type(broken).__name__}: {broken}"))
