"""All figures of lines in one go (5 minutes): `python -m benchmarks.lines [delay] [legs] [ticks]`.

    delay   one way, line → room → line, for every pair of kinds, at 0 and 2 % loss
    legs    processor time of a leg of each kind at 1, 10 and 20 legs that talk and listen
    ticks   how late the rooms tick with 20 bridged calls

The far ends are another process. Goals (issue 4): at most 80 ms; at most 1.2 % of a core for a SIP or Twilio leg and
3 % for a PCMU browser leg at 20; no tick later than 60 ms.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import numpy as np

from benchmarks.figures import spread, table
from benchmarks.room_delay import HEAD, KINDS, PAIRS, FarCalls, measure, ms, rows
from ivr.model.audio import AudioFrame
from ivr.model.ports import Line

DELAY_SECONDS = 14.0
LEGS = [(kind, legs) for kind in ("twilio", "sip", "browser") for legs in (1, 10, 20)] + [("opus", 20)]
LEG_SECONDS = 6.0
SETUP_SECONDS = 0.4
"""Of each leg more: a browser is set up in a tenth of a second of both sides."""

BRIDGED = [("twilio", "browser"), ("sip", "sip")]
BRIDGED_CALLS = 20


async def noise(rate: int) -> AsyncIterator[AudioFrame]:
    pcm = np.random.default_rng(1).normal(0, 2000, rate // 50).astype("<i2").tobytes()
    while True:
        yield AudioFrame(pcm, rate)


class Centre:
    """Talks without end on every line, and listens."""

    def __init__(self) -> None:
        self.frames = 0
        self.heard: set[int] = set()

    async def take(self, number: int, line: Line) -> None:
        speaking = asyncio.create_task(line.play(1, noise(line.rate)))
        async for item in line.incoming():
            if isinstance(item, AudioFrame):
                self.frames += 1
                self.heard.add(number)
        speaking.cancel()


async def leg_cost(kind: str, legs: int) -> tuple[str, ...]:
    centre, far = Centre(), FarCalls(LEG_SECONDS + 5.0 + legs * SETUP_SECONDS)
    async with KINDS[kind].serving(legs, centre.take) as tickets:
        far.calls = [(kind, ticket, 0.0) for ticket in tickets]
        far.start()
        while len(centre.heard) < legs:  # noqa: ASYNC110 - the benchmark looks, nobody tells it
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.5)
        frames, used, began, late = centre.frames, time.process_time(), time.monotonic(), list[float]()
        while (now := time.monotonic()) - began < LEG_SECONDS:
            await asyncio.sleep(0.02)
            late.append(time.monotonic() - now - 0.02)
        used, spent = time.process_time() - used, time.monotonic() - began
        heard = (centre.frames - frames) / legs / spent / 50
        await far.end()
    return (kind, str(legs), f"{used / spent / legs:.2%}", f"{used / spent:.1%}", f"{heard:.2f}", ms(spread(late).p99))


async def delay() -> None:
    made = []
    for pair in PAIRS:
        made += rows(pair, await measure(pair, [0.0, 0.0, 0.02, 0.02], DELAY_SECONDS))
    print(table(HEAD, made))


async def legs() -> None:
    head = ("line", "legs", "of a core each", "in all", "heard of real time", "loop late p99 ms")
    print(table(head, [await leg_cost(kind, count) for kind, count in LEGS]))


async def ticks() -> None:
    made = []
    for pair in BRIDGED:
        late = (await measure(pair, [0.0] * BRIDGED_CALLS, 18.0)).late
        tick = spread(late)
        times = [ms(each) for each in (tick.p50, tick.p95, tick.p99, max(late, default=None))]
        made.append(("+".join(pair), str(BRIDGED_CALLS), *times))
    print(table(("pair", "calls", "tick late p50", "p95", "p99", "worst ms"), made))


WHAT: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {"delay": delay, "legs": legs, "ticks": ticks}


def main() -> None:
    began = time.monotonic()
    for what in sys.argv[1:] or WHAT:
        asyncio.run(WHAT[what]())
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
