"""One-way delay line → room → line: `python -m benchmarks.room_delay [--pairs twilio+twilio] [--calls 1 10 20]`.

The far ends are another process. Each beeps once a second; the delay of a beep runs from the moment its first frame
was handed to the network until its first sample began to play at the other far end: all that we add, and the network
of this machine. Prints delay at each loss, how late the ticks of the rooms were, and the processor time of a leg.
"""

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import spread, table
from benchmarks.line_kinds import KINDS, PAIRS
from ivr.call.agent_leg import AgentLeg
from ivr.call.rooms import LiveRoom, Rooms
from ivr.model.audio import AudioFrame
from ivr.model.ports import Line

SECONDS = 16.0
WARM_UP_SECONDS = 3.0
BEEP_FRAMES, PERIOD_FRAMES = 5, 50
AUDIBLE = 2000


class Silence:
    def frame(self, rate: int, index: int) -> NDArray[np.int16]:
        return np.zeros(rate // 50, np.int16)


class Beeper:
    """Beeps once a second, at a moment of its own, and notes when it hears the other do so."""

    def __init__(self, number: int, seconds: float) -> None:
        self.seconds, self._first = seconds, 7 + number * 11 % (PERIOD_FRAMES - 10)
        self.said: list[float] = []
        self.heard: list[float] = []
        wave = 12000 * np.sin(2 * np.pi * 1000 * np.arange(160 * BEEP_FRAMES) / 8000 + 1.2)
        self._beep = wave.astype(np.int16).reshape(BEEP_FRAMES, 160)
        self._quiet = np.zeros(160, np.int16)
        self._last = 0.0

    def say(self, number: int, at: float) -> NDArray[np.int16]:
        frame = number % PERIOD_FRAMES - self._first
        if frame == 0:
            self.said.append(at)
        return self._beep[frame] if 0 <= frame < BEEP_FRAMES else self._quiet

    def hear(self, at: float, samples: NDArray[np.int16]) -> None:
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
        if loud.size:
            begins = at + loud[0] / 8000
            if begins - self._last > 0.4:
                self.heard.append(begins)
            self._last = at + loud[-1] / 8000


def delays(said: Sequence[float], heard: Sequence[float]) -> list[float]:
    """Seconds from each beep to the first one heard within half a second of it."""
    found = []
    for at in said:
        after = [each - at for each in heard if 0 <= each - at < 0.5]
        found += after[:1]
    return found


def far_ends(calls: list[tuple[str, Any, int]], seconds: float, loss: float, answer: Any) -> None:
    """Runs in a process of its own: all far ends."""

    async def all_talk() -> list[Beeper]:
        phones = [Beeper(number, seconds) for _, _, number in calls]
        work = [KINDS[kind].call(ticket, phone, loss) for (kind, ticket, _), phone in zip(calls, phones, strict=True)]
        await asyncio.gather(*work)
        return phones

    phones = asyncio.run(all_talk())
    answer.put([(phone.said, phone.heard) for phone in phones])


class Bridges:
    """The rooms: caller so and so of each kind goes into room so and so."""

    def __init__(self, rooms: Rooms, stack: AsyncExitStack) -> None:
        self._rooms, self._stack = rooms, stack
        self._made: dict[int, LiveRoom] = {}

    async def prepare(self, calls: int) -> None:
        for number in range(calls):
            self._made[number] = await self._stack.enter_async_context(self._rooms.open(Silence()))

    async def take(self, room: int, side: str, line: Line) -> None:
        seat = self._made[room].sit(side, "agent", line.rate)
        await AgentLeg(line, seat).run()


async def measure(pair: tuple[str, str], calls: int, loss: float, seconds: float) -> tuple[str, ...]:
    rooms, late = Rooms(), list[float]()
    async with AsyncExitStack() as stack:
        bridges = Bridges(rooms, stack)
        await bridges.prepare(calls)
        tickets: list[tuple[str, Any, int]] = []
        for side, kind in zip(("caller", "agent"), pair, strict=True):

            async def take(number: int, line: Line, side: str = side) -> None:
                await bridges.take(number, side, line)

            served = await stack.enter_async_context(KINDS[kind].serving(calls, take))
            tickets += [(kind, ticket, index) for index, ticket in enumerate(served, len(tickets))]
        apart = multiprocessing.get_context("spawn")
        answer = apart.Queue()
        process = apart.Process(target=far_ends, args=(tickets, seconds, loss, answer))
        process.start()
        await asyncio.sleep(WARM_UP_SECONDS)
        rooms.punctuality.observers.append(late.append)
        used, began = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds - WARM_UP_SECONDS - 1.5)
        core = (time.process_time() - used) / (time.monotonic() - began)
        rooms.punctuality.observers.clear()
        phones = await asyncio.to_thread(answer.get)
        await asyncio.to_thread(process.join)
    return row(pair, calls, loss, found(phones, calls), late, core)


def found(phones: list[tuple[list[float], list[float]]], calls: int) -> tuple[list[float], int]:
    """Delays of all beeps both ways but those of the first seconds, and how many beeps there were."""
    ways = [
        (phones[here][0], phones[there][1])
        for at in range(calls)
        for here, there in ((at, calls + at), (calls + at, at))
    ]
    later = [(said[3:-1], heard) for said, heard in ways]
    return [delay for said, heard in later for delay in delays(said, heard)], sum(len(said) for said, _ in later)


def row(
    pair: tuple[str, str], calls: int, loss: float, measured: tuple[list[float], int], late: list[float], core: float
) -> tuple[str, ...]:
    delay, tick = spread(measured[0]), spread(late)
    return (
        "+".join(pair),
        str(calls),
        f"{loss:.0%}",
        *(ms(each) for each in (delay.p50, delay.p95, delay.p99)),
        f"{delay.count}/{measured[1]}",
        *(ms(each) for each in (tick.p50, tick.p95, tick.p99, max(late, default=0.0))),
        f"{core / calls / 2:.2%}",
    )


def ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f}"


def mixing() -> None:
    """What one tick of one room costs, by parties; the last row mixes three rates."""
    for rates in ([8000] * 2, [8000] * 3, [8000] * 10, [8000, 48000], [8000, 16000, 48000]):
        room = LiveRoom(Silence(), Rooms().punctuality).room
        for name, rate in enumerate(rates):
            room.join(str(name), "agent", rate)
        took = []
        for _ in range(1000):
            for name, rate in enumerate(rates):
                room.put(str(name), AudioFrame(bytes(rate // 25), rate))
            began = time.perf_counter()
            room.mix()
            took.append(time.perf_counter() - began)
        cost = spread(took)
        times = [f"{(each or 0) * 1e6:.0f}" for each in (cost.p50, cost.p95, cost.p99)]
        print(f"mixing {len(rates)} parties at {sorted(set(rates))}: {' / '.join(times)} µs (p50 / p95 / p99)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", nargs="*", default=["+".join(pair) for pair in PAIRS])
    parser.add_argument("--calls", nargs="*", type=int, default=[1, 10, 20])
    parser.add_argument("--loss", nargs="*", type=float, default=[0.0, 0.02])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    mixing()
    head = (
        "pair",
        "calls",
        "loss",
        "delay p50",
        "p95",
        "p99 ms",
        "beeps",
        "tick late p50",
        "p95",
        "p99",
        "worst ms",
        "leg/core",
    )
    rows = []
    for pair in options.pairs:
        caller, _, agent = pair.partition("+")
        for calls in options.calls:
            for loss in options.loss:
                rows.append(asyncio.run(measure((caller, agent), calls, loss, options.seconds)))
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(table(head, rows))


if __name__ == "__main__":
    main()
