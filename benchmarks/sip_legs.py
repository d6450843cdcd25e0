"""CPU of one core per SIP leg: `python -m benchmarks.sip_legs [--seconds 10] [--legs 1 10 20]`.

The server runs alone in its process: every leg is a whole call with sound both ways, the bot talking all the time and
every frame of the caller's handed over. The callers are in another process. Goal: at most 1.2 % at 20 legs (issue 4).
"""

import argparse
import asyncio
import multiprocessing
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np

from ivr.model.audio import AudioFrame
from ivr.model.calls import Leg
from ivr.model.events import CallAnswered
from ivr.model.ports import Line
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.sip_door import SipDoor
from telephony.sip_server import SipServer
from telephony.sip_settings import SipSettings, SipTrunkSettings
from telephony.sip_trunk import SipTrunk

LOOPBACK = "127.0.0.1"
TRUNK = SipTrunkSettings("benchmark", sources=(LOOPBACK,), keep_alive_seconds=0)
SETTINGS = SipSettings(port=0, rtp_ports=(20000, 29998), trunks=(TRUNK,), invites_per_second=1000, most_calls=200)
PLAN = DialPlan(("+1",))


async def talking() -> AsyncIterator[AudioFrame]:
    """Speech-like noise without end."""
    frames = (np.random.default_rng(1).normal(0, 2000, (50, 160))).astype("<i2")
    while True:
        for row in frames:
            yield AudioFrame(row.tobytes(), 8000)


class Desk:
    """Talks and listens to whoever calls."""

    def __init__(self) -> None:
        self.frames = 0

    def flow_for(self, called: str) -> str:
        return "benchmark"

    def has_room(self) -> bool:
        return True

    async def run_call(self, line: Line, answered: CallAnswered, leg: Leg) -> None:
        async with asyncio.TaskGroup() as group:
            speaking = group.create_task(line.play(1, talking()))
            async for item in line.incoming():
                self.frames += isinstance(item, AudioFrame)
            speaking.cancel()

    async def ended(self, call_id: str, outcome: str, attempt_id: str) -> None:
        print("a call was not answered:", outcome)


async def an_end(desk: Desk) -> SipDoor:
    server = SipServer(SETTINGS)
    door = SipDoor(server, desk, PLAN, OutgoingCalls(1000, 3600))
    await server.open()
    return door


async def callers(port: int, legs: int, pipe: Connection) -> None:
    """Place the calls, talk on all of them, and hang up when told to."""
    door = await an_end(Desk())
    trunk = SipTrunk(door, replace(TRUNK, address=f"{LOOPBACK}:{port}"))
    for number in range(legs):
        await trunk.dial(f"+1555000{number:04}", "+15559", "benchmark", str(number))
    pipe.send("up")
    await asyncio.to_thread(pipe.recv)
    await door.close()


def call(port: int, legs: int, pipe: Connection) -> None:
    asyncio.run(callers(port, legs, pipe))


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(legs: int, seconds: float) -> None:
    desk = Desk()
    door = await an_end(desk)
    ours, theirs = multiprocessing.Pipe()
    program = multiprocessing.get_context("spawn").Process(target=call, args=(door.server.port, legs, theirs))
    program.start()
    await asyncio.to_thread(ours.recv)
    while len(door.lines) < legs:  # noqa: ASYNC110 - the lines tell nobody
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    frames, used, began = desk.frames, cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    share = (cpu() - used) / took * 100
    heard = (desk.frames - frames) / legs / took / 50
    late = sum(line.faults["late_tick"] for line in door.lines)
    print(f"{legs:3} legs: {share / legs:5.2f} % of a core each, {share:5.1f} % in all; "
          f"sound heard {heard:.3f} of real time; ticks over 100 ms late: {late}")  # fmt: skip
    ours.send("down")
    await door.close()
    await asyncio.to_thread(program.join)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--legs", type=int, nargs="+", default=[1, 10, 20])
    wanted = parser.parse_args()
    for legs in wanted.legs:
        asyncio.run(measure(legs, wanted.seconds))


if __name__ == "__main__":
    main()
