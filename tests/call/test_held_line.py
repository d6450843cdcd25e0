"""A line on hold: the caller's clocks stand still, ours do not."""

import asyncio
from typing import cast

from ivr.call.bridging import Bridged
from ivr.call.dictaphone import Dictaphone
from ivr.call.errands import Errands
from ivr.call.timing import BETWEEN_KEYS, FILLER, NO_INPUT
from ivr.model.commands import CancelTimer, StartTimer
from ivr.model.events import CallEvent, LineHeld, TimerFired
from tests.call.fakes import Memory, ToneVoice, around


class Fired:
    """What comes of timers, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._more = asyncio.Event()

    def post(self, event: CallEvent) -> None:
        assert isinstance(event, TimerFired)
        self.names.append(event.name)
        self._more.set()

    async def last(self, name: str) -> None:
        async with asyncio.timeout(60):
            while not self.names or self.names[-1] != name:
                self._more.clear()
                await self._more.wait()


def errands(fired: Fired) -> Errands:
    return Errands(cast(Bridged, None), cast(Dictaphone, None), around(ToneVoice(), Memory()), fired.post)


def test_the_callers_clocks_stand_still_on_hold_and_go_on_afterwards() -> None:
    async def run() -> list[str]:
        fired = Fired()
        work = errands(fired)
        work.run(StartTimer(NO_INPUT, 0.01))
        work.saw(LineHeld(True))
        work.saw(LineHeld(True))
        work.run(StartTimer(BETWEEN_KEYS, 0.0))
        work.run(StartTimer(FILLER, 0.05))
        await fired.last(FILLER)
        work.saw(LineHeld(False))
        work.saw(LineHeld(False))
        await fired.last(NO_INPUT)
        return fired.names

    assert asyncio.run(run()) == [FILLER, BETWEEN_KEYS, NO_INPUT]


def test_a_clock_that_is_cancelled_or_set_anew_on_hold_is_as_it_was_told() -> None:
    async def run() -> list[str]:
        fired = Fired()
        work = errands(fired)
        work.run(StartTimer(NO_INPUT, 0.0))
        work.run(StartTimer(BETWEEN_KEYS, 0.0))
        work.saw(LineHeld(True))
        work.run(CancelTimer(NO_INPUT))
        work.run(StartTimer(BETWEEN_KEYS, 0.02))
        work.saw(LineHeld(False))
        work.run(StartTimer(FILLER, 0.06))
        await fired.last(FILLER)
        await work.stop()
        return fired.names

    assert asyncio.run(run()) == [BETWEEN_KEYS, FILLER]
