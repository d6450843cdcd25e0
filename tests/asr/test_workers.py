import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from asr.pooled import PooledStream
from asr.utterance import Utterance
from asr.workers import Job, Jobs
from ivr.model.audio import AudioFrame
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Recognition
from tests.asr.spoken import hiss, in_a_loop


class Later(Executor):
    """Runs what was submitted when told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> "Future[Any]":
        self.waiting.append(lambda: fn(*args, **named))
        return Future()

    def run(self) -> None:
        for work in self.waiting:
            work()
        self.waiting.clear()


def said(text: str) -> Recognition:
    return Recognition((Hypothesis(text),))


def test_final_results_go_before_speculative_ones_and_a_moved_job_runs_once() -> None:
    executor, done = Later(), list[str]()
    jobs = Jobs(executor)

    def job(name: str) -> Job:
        def work(_: Job) -> Recognition:
            done.append(name)
            return said(name)

        return Job(work)

    moved, stale, late = job("moved"), job("stale"), job("late")
    jobs.submit(late, urgent=False)
    jobs.submit(stale, urgent=False)
    jobs.submit(moved, urgent=False)
    jobs.submit(job("final"), urgent=True)
    jobs.submit(moved, urgent=True)
    stale.stale = True
    executor.run()
    assert done == ["final", "moved", "late"]
    assert (moved.result.result(), stale.result.result()) == (said("moved"), Recognition())


@pytest.mark.parametrize(
    ("broken", "becomes"), [(ValueError("odd"), RecognizerError), (ModelMissing("absent"), ModelMissing)]
)
def test_whatever_breaks_reaches_the_turn_as_an_error_of_ours(broken: Exception, becomes: type[Exception]) -> None:
    def work(_: Job) -> Recognition:
        raise broken

    executor, job = Later(), Job(work)
    Jobs(executor).submit(job, urgent=True)
    executor.run()
    assert type(job.result.exception()) is becomes


def test_after_the_end_nothing_is_recognized() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(RecognizerError, match="shutting down"):
        Jobs(executor).submit(Job(lambda job: Recognition()), urgent=True)


@in_a_loop
async def test_a_stream_recovers_from_a_broken_recognition_and_a_waiting_speculation_is_moved_ahead() -> None:
    executor, heard = Later(), list[str]()

    def read(utterance: Utterance, expect: Expect, stop: Callable[[], bool]) -> Recognition:
        heard.append(expect.step)
        if len(heard) == 1:
            raise ValueError("odd")
        return said(expect.step)

    stream = PooledStream("test", 8000, Jobs(executor), read)
    stream.expect(Expect(step="name"))
    stream.feed(AudioFrame(hiss(0.5, 3000), 8000))

    async def recognize(*, final: bool) -> "asyncio.Task[Recognition]":
        task = asyncio.create_task(stream.recognize(final=final))
        await asyncio.sleep(0)
        return task

    first = await recognize(final=True)
    executor.run()
    with pytest.raises(RecognizerError, match="odd"):
        await first
    speculative, final = await recognize(final=False), await recognize(final=True)
    assert len(executor.waiting) == 2
    stream.expect(Expect(step="name"))
    executor.run()
    assert (await speculative) is (await final)
    assert heard == ["name", "name"]
    await stream.close()
