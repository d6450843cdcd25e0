"""One call's stream for engines that read a whole utterance at once on the shared threads."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from asr.utterance import Utterance
from asr.workers import Job, Jobs
from ivr.model.audio import AudioFrame
from ivr.model.meaning import Expect, Recognition

Read = Callable[[Utterance, Expect, Callable[[], bool]], Recognition]
"""Recognize an utterance; the last argument says True when the result is not wanted any more."""


class PooledStream:
    """A `RecognizerStream`. A result is kept and given again, without work, while nothing was fed that could hold
    another word (`Utterance.version`) and the step expects the same: so the final result after a speculative one
    costs nothing when the caller had really finished."""

    def __init__(self, name: str, rate: int, jobs: Jobs, read: Read, language: str = "en") -> None:
        self._name = name
        self._jobs = jobs
        self._read = read
        self._expect = Expect(language=language)
        self._utterance = Utterance(rate)
        self._job: Job | None = None
        self._job_version = -1

    def expect(self, expect: Expect) -> None:
        if expect != self._expect:
            self._expect = expect
            self._forget_job()

    def feed(self, frame: AudioFrame) -> None:
        self._utterance.feed(frame)

    async def partial(self) -> str:
        """Empty: a partial would cost as much as a speculative recognition, which tells more."""
        return ""

    async def recognize(self, *, final: bool) -> Recognition:
        """Read the utterance on the pool; cancelling the wait leaves the work running for the next caller.

        Raises:
            RecognizerError: the engine broke.
        """
        version = self._utterance.settle()
        if self._utterance.is_silent:
            return Recognition(engine=self._name)
        if self._job is None or self._job_version != version or _has_failed(self._job):
            self._forget_job()
            self._job, self._job_version = self._new_job(), version
            self._jobs.submit(self._job, urgent=final)
        elif final and not self._job.taken:
            self._jobs.submit(self._job, urgent=True)
        return await asyncio.shield(asyncio.wrap_future(self._job.result))

    def reset(self) -> None:
        self._forget_job()
        self._utterance = Utterance(self._utterance.rate)

    async def close(self) -> None:
        self.reset()

    def _new_job(self) -> Job:
        utterance, expect = self._utterance.copy(), self._expect

        def work(job: Job) -> Recognition:
            began = time.perf_counter()
            recognition = self._read(utterance, expect, lambda: job.stale)
            return replace(recognition, engine=self._name, seconds=time.perf_counter() - began)

        return Job(work)

    def _forget_job(self) -> None:
        if self._job:
            self._job.stale = True
        self._job = None


def _has_failed(job: Job) -> bool:
    return job.result.done() and job.result.exception() is not None
