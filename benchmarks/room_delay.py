"""One-way delay line → room → line: `python -m benchmarks.room_delay [--pairs twilio+browser …] [--calls 2]`.

The far ends are another process. Each beeps every 0.6 s; the delay of a beep runs from the moment its first frame
was handed to the network until its first sample began to play at the other far end: all that we add, and the network
of this machine. Prints the delay at each loss, and what mixing costs. `benchmarks.lines` prints all figures of lines.
"""

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import spread, table
from benchmarks.line_browser import BrowserKind
from benchmarks.line_kinds import LineKind
from benchmarks.line_sip import SipKind
from benchmarks.line_twilio import TwilioKind
from ivr.call.agent_leg import AgentLeg
from ivr.call.rooms import LiveRoom, Rooms
from ivr.model.audio import AudioFrame
from ivr.model.ports import Line

KINDS: dict[str, LineKind] = {
    "twilio": TwilioKind(), "sip": SipKind(), "browser": BrowserKind("pcmu"), "opus": BrowserKind("opus"),
}  # fmt: skip
PAIRS = [
    ("twilio", "twilio"), ("twilio", "sip"), ("twilio", "browser"), ("sip", "sip"), ("sip", "browser"),
    ("browser", "browser"),
]  # fmt: skip
"""Caller's line and agent's line; each pair is measured both ways."""

SECONDS = 16.0
WARM_UP_SECONDS = 4.0
BEEP_FRAMES, PERIOD_FRAMES = 5, 30
SETTLING_BEEPS = 5
AUDIBLE = 2000


class Silence:
    def frame(self, rate: int, index: int) -> NDArray[np.int16]:
        return np.zeros(rate // 50, np.int16)


class Beeper:
    """Beeps every 0.6 s, at a moment of its own, and notes when it hears the other do so."""

    def __init__(self, number: int, seconds: float) -> None:
        self.seconds, self._first = seconds, 7 + number * 11 % (PERIOD_FRAMES - 12)
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
            if begins - self._last > 0.35:
                self.heard.append(begins)
            self._last = at + loud[-1] / 8000


def delays(said: Sequence[float], heard: Sequence[float]) -> list[float]:
    """Seconds from each beep to the first one heard within half a second of it."""
    found = []
    for at in said:
        after = [each - at for each in heard if 0 <= each - at < 0.5]
        found += after[:1]
    return found


def far_ends(calls: list[tuple[str, Any, float]], seconds: float, answer: Any) -> None:
    """Runs in a process of its own: all far ends."""

    async def all_talk() -> list[Beeper]:
        phones = [Beeper(number, seconds) for number in range(len(calls))]
        work = [
            KINDS[kind].call(ticket, phone, loss) for (kind, ticket, loss), phone in zip(calls, phones, strict=True)
        ]
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


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one pair of lines. Seconds."""

    delays: dict[float, list[float]]
    """By loss, both ways."""

    beeps: dict[float, int]
    late: list[float]
    """Of each tick of each room."""


async def measure(pair: tuple[str, str], losses: Sequence[float], seconds: float) -> Measured:
    """One bridged call for each of `losses`, all at once: caller and agent both lose so much."""
    rooms, late, calls = Rooms(), list[float](), len(losses)
    async with AsyncExitStack() as stack:
        bridges = Bridges(rooms, stack)
        await bridges.prepare(calls)
        far = FarCalls(seconds)
        for side, kind in zip(("caller", "agent"), pair, strict=True):

            async def take(number: int, line: Line, side: str = side) -> None:
                await bridges.take(number, side, line)

            for number, ticket in enumerate(await stack.enter_async_context(KINDS[kind].serving(calls, take))):
                far.calls.append((kind, ticket, losses[number]))
        far.start()
        await asyncio.sleep(WARM_UP_SECONDS)
        rooms.punctuality.observers.append(late.append)
        await asyncio.sleep(seconds - WARM_UP_SECONDS - 1.5)
        rooms.punctuality.observers.clear()
        phones = await far.end()
    return found(phones, losses, late)


@dataclass(slots=True)
class FarCalls:
    """All far ends, in a process of their own."""

    seconds: float
    calls: list[tuple[str, Any, float]] = field(default_factory=list)
    """Kind, ticket, loss."""

    _process: Any = None
    _answer: Any = None

    def start(self) -> None:
        apart = multiprocessing.get_context("spawn")
        self._answer = apart.Queue()
        self._process = apart.Process(target=far_ends, args=(self.calls, self.seconds, self._answer))
        self._process.start()

    async def end(self) -> list[tuple[list[float], list[float]]]:
        """What each said and heard when."""
        told: list[tuple[list[float], list[float]]] = await asyncio.to_thread(self._answer.get)
        await asyncio.to_thread(self._process.join)
        return told


def found(phones: list[tuple[list[float], list[float]]], losses: Sequence[float], late: list[float]) -> Measured:
    """Without the beeps of the first seconds."""
    measured, calls = Measured({each: [] for each in losses}, dict.fromkeys(losses, 0), late), len(losses)
    for at, loss in enumerate(losses):
        for here, there in ((at, calls + at), (calls + at, at)):
            said = phones[here][0][SETTLING_BEEPS:-1]
            measured.delays[loss] += delays(said, phones[there][1])
            measured.beeps[loss] += len(said)
    return measured


HEAD = ("pair", "loss", "delay p50", "p95", "p99 ms", "beeps")


def rows(pair: tuple[str, str], measured: Measured) -> list[tuple[str, ...]]:
    made = []
    for loss, found in measured.delays.items():
        delay = spread(found)
        times = [ms(each) for each in (delay.p50, delay.p95, delay.p99)]
        made.append(("+".join(pair), f"{loss:.0%}", *times, f"{delay.count}/{measured.beeps[loss]}"))
    return made


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


async def clocks(rooms_open: int = 20, seconds: float = 4.0) -> None:
    """Processor time of so many rooms, each with a clock of its own, and with one clock for all."""
    for one_clock in (False, True):
        rooms = Rooms()
        async with AsyncExitStack() as stack:
            made = [await stack.enter_async_context(rooms.open(Silence())) for _ in range(rooms_open)]
            bare = [LiveRoom(Silence(), rooms.punctuality) for _ in range(rooms_open)]
            for room in bare if one_clock else made:
                for name in ("caller", "agent"):
                    room.sit(name, "agent", 8000)
            used, began = time.process_time(), time.monotonic()
            for number in range(round(seconds * 50)):
                await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
                if one_clock:
                    for room in bare:
                        room.tick()
            print(f"{rooms_open} rooms, {'one clock' if one_clock else 'a clock each'}: "
                  f"{(time.process_time() - used) / seconds:.1%} of a core")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", nargs="*", default=["+".join(pair) for pair in PAIRS])
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--loss", nargs="*", type=float, default=[0.0, 0.02])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    mixing()
    asyncio.run(clocks())
    made = []
    for pair in options.pairs:
        caller, _, agent = pair.partition("+")
        losses = [loss for loss in options.loss for _ in range(options.calls)]
        measured = asyncio.run(measure((caller, agent), losses, options.seconds))
        made += rows((caller, agent), measured)
        print(f"{pair}: worst tick {ms(max(measured.late, default=None))} ms late")
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(table(HEAD, made))


if __name__ == "__main__":
    main()
