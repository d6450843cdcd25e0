"""The caller hangs up at every instant of a call: all is freed within a second, and the record is complete."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call.live import Surroundings
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord
from ivr.model.commands import Command, Fetch
from ivr.model.events import CallerHungUp, CallEvent, DigitPressed, Fetched, SpeechStarted
from tests.call.fakes import FRAME, Memory, ScriptEars, ScriptLine, ToneVoice, around
from tests.call.test_conductor import SURVEY, flow
from tests.call.test_reception import Call

FREED_SECONDS = 1.0
WORDS = ("find", "card", "5", "book", "friday", "five")
"""Through a lookup, keys, a date, the goodbye and the survey."""

Far = tuple[int, tuple[object, ...]]
REFERENCE: tuple[Far, ...] = (
    (2, (SpeechStarted(0.5), FRAME)),
    (1, (FRAME,)),
    (1, (DigitPressed("4"), DigitPressed("4"), DigitPressed("2"), DigitPressed("1"))),
    (1, (FRAME, FRAME)),
    (1, (FRAME,)),
    (2, (FRAME,)),
)
"""After so many more utterances were played, the caller does this."""


class SlowBank:
    """Takes a moment, so that a hang-up can come in between."""

    async def fetch(self, request: Fetch) -> Fetched:
        for _ in range(5):
            await asyncio.sleep(0)
        return Fetched(request.name, ok=True, status=200, body={"found": True})


@dataclass
class Leaver:
    """Hangs up as soon as so many things have happened in the call."""

    line: ScriptLine
    after: int
    reason: str
    seen: int = 0

    def __call__(self, call_id: str, at: float, what: CallEvent | Command) -> None:
        self.seen += 1
        if self.seen == self.after:
            self.line.arrivals.put_nowait(CallerHungUp(self.reason))


def surroundings(voice: ToneVoice, store: Memory, watcher: Callable[..., None]) -> Surroundings:
    usual = around(voice, store)
    return Surroundings(
        voice, SlowBank(), usual.switchboard, store, usual.clock, usual.directory, usual.apologies,
        patience=usual.patience, watchers=(watcher,),
    )  # fmt: skip


def held(after: int, reason: str = "caller", recordings: Path | None = None) -> tuple[Call, CallRecord, Leaver]:
    """One call whose caller leaves after so many events and commands. Far away the script just goes on."""
    line, voice, store = ScriptLine(), ToneVoice(), Memory()
    leaver = Leaver(line, after, reason)
    call = Call(
        ScriptEars(*WORDS), line, dialogue=flow(), survey=SURVEY, voice=voice, store=store, recordings=recordings,
        surroundings=surroundings(voice, store, leaver),
    )  # fmt: skip

    async def scenario() -> CallRecord:
        before = asyncio.all_tasks()
        taking = asyncio.create_task(call.take())
        caller = asyncio.create_task(follow(call))
        record = await asyncio.wait_for(taking, 5)
        await stopped(caller)
        await all_ended(before)
        assert record is not None
        return record

    return call, asyncio.run(scenario()), leaver


async def follow(call: Call) -> None:
    for utterances, does in REFERENCE:
        await call.speaking(utterances, *does)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def all_ended(before: set[asyncio.Task[Any]]) -> None:
    left = asyncio.all_tasks() - before
    if left:
        _, running = await asyncio.wait(left, timeout=FREED_SECONDS)
        assert not running, f"still running: {running}"


def whole_call() -> int:
    """How many instants there are: the same call, held to its end."""
    _, record, leaver = held(after=-1)
    assert (record.end_reason, record.disconnect_by) == ("self_service_completed", "system")
    return leaver.seen


INSTANTS = whole_call()


def check(call: Call, record: CallRecord, reason: str) -> None:
    assert call.ears.closed
    assert call.reception.live == {}
    assert call.store.finished == [record]
    assert len(call.store.began) == 1
    assert record.survey is not None
    assert record.ended_at is not None
    assert record.disconnect_by in (
        {"caller": "customer", "provider": "customer", "network": "network"}[reason],
        "system",
    )
    assert record.end_reason
    events = [entry.event for entry in call.store.journal]
    assert [entry.seq for entry in call.store.journal] == list(range(1, len(events) + 1))
    assert sum(isinstance(event, CallerHungUp) for event in events) == 1
    assert isinstance(events[-1], CallerHungUp)


@pytest.mark.parametrize("after", range(1, INSTANTS + 1))
def test_a_hang_up_after_each_event_of_a_call(after: int) -> None:
    call, record, _ = held(after)
    check(call, record, "caller")


@settings(max_examples=20, deadline=None)
@given(after=st.integers(1, INSTANTS), reason=st.sampled_from(["caller", "network", "provider"]))
def test_a_line_that_goes_for_any_reason_at_any_instant(after: int, reason: str) -> None:
    call, record, _ = held(after, reason)
    check(call, record, reason)


@pytest.mark.parametrize("after", [1, 5, INSTANTS // 2, INSTANTS - 2])
def test_the_recording_is_closed_whenever_the_caller_goes(after: int, tmp_path: Path) -> None:
    call, record, _ = held(after, recordings=tmp_path)
    check(call, record, "caller")
    assert Path(record.recording).stat().st_size >= 44


@settings(max_examples=15, deadline=None)
@given(ticks=st.integers(0, 60))
def test_a_hang_up_between_two_events(ticks: int) -> None:
    """Not only when something was seen: after any number of turns of the event loop."""
    line, voice, store = ScriptLine(), ToneVoice(), Memory()
    call = Call(ScriptEars(*WORDS), line, survey=SURVEY, voice=voice, store=store)

    async def scenario() -> CallRecord | None:
        before = asyncio.all_tasks()
        taking = asyncio.create_task(call.take())
        caller = asyncio.create_task(follow(call))
        await turns_of_the_loop(ticks)
        line.arrivals.put_nowait(CallerHungUp("caller"))
        record = await asyncio.wait_for(taking, 5)
        await stopped(caller)
        await all_ended(before)
        return record

    record = asyncio.run(scenario())
    assert record is not None
    check(call, record, "caller")


def turns_of_the_loop(count: int) -> Coroutine[Any, Any, None]:
    async def pass_by() -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    return pass_by()


def test_a_call_that_is_cancelled_has_its_record_too() -> None:
    """The server stops while the caller speaks."""
    call = Call(ScriptEars(), survey=SURVEY)

    async def scenario() -> None:
        taking = asyncio.create_task(call.take())
        await call.speaking(2, AudioFrame(FRAME.pcm, FRAME.rate))
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)

    asyncio.run(scenario())
    (record,) = call.store.finished
    assert record.survey is not None
    assert call.ears.closed
    assert call.reception.live == {}
