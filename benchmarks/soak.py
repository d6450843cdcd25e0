"""Does a server that takes calls all day stay as it was? Waves of real calls (Media Streams, real speech), most of
them left at odd moments; after each wave, when the house is empty: memory, files, threads, processor time when idle.

    python -m benchmarks.soak --waves 20 --callers 12
    python -m benchmarks.soak --base http://127.0.0.1:8000 --pid 4711

Ends with 1 if anything keeps growing: see `LIMITS`.
"""

import argparse
import asyncio
import sys
import time
from dataclasses import astuple, dataclass
from random import Random

import httpx
import numpy as np
import psutil

from benchmarks.callers import play
from benchmarks.far_server import Server
from benchmarks.load import VOICES, arguments, server_for, warm_up
from benchmarks.odd_callers import crowd
from telephony.standin.carrier import StandInCarrier

CROWDS_A_WAVE = 3
TALK_SECONDS = 15.0
EMPTY_SECONDS = 60.0
IDLE_SECONDS = 5.0
WARMING = 60
"""So many times `IDLE_SECONDS` may the server prepare itself."""

LIMITS = {"memory": 0.1, "files": 0.02, "threads": 0.02, "idle": 0.25}
"""MB, open files and threads that stay for each call, over the second half of the waves; cores an idle server uses.
A call that is kept whole (its sound of a minute) is 1 MB and more."""


@dataclass(frozen=True, slots=True)
class Held:
    calls: int
    memory: float
    """MB, resident."""

    files: int
    threads: int
    idle: float
    """Cores."""


def held(server: Server, calls: int) -> Held:
    """Waits until nobody is on the line."""
    until = time.monotonic() + EMPTY_SECONDS
    while live(server) and time.monotonic() < until:
        time.sleep(0.2)
    process = psutil.Process(server.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(IDLE_SECONDS)
    idle = (sum(process.cpu_times()[:2]) - before) / IDLE_SECONDS
    return Held(calls, process.memory_info().rss / 2**20, process.num_fds(), process.num_threads(), idle)


def live(server: Server) -> float:
    metrics = httpx.get(f"{server.where.base}/metrics", timeout=10.0).text
    return next(float(line.split()[1]) for line in metrics.splitlines() if line.startswith("ivr_live_calls "))


async def leave_early(server: Server, callers: int, dice: Random) -> int:
    where = server.where
    async with StandInCarrier(where.base, where.public, where.account, where.token) as carrier:
        for _ in range(CROWDS_A_WAVE):
            await crowd(carrier, where.called, callers, dice)
    return CROWDS_A_WAVE * callers


def slope(waves: list[Held], name: str) -> float:
    """For each call, by least squares over the second half: the first calls fill caches."""
    half = waves[len(waves) // 2 :]
    if len(half) < 2:
        return 0.0
    return float(np.polyfit([each.calls for each in half], [getattr(each, name) for each in half], 1)[0])


def soak(server: Server, waves: int, callers: int) -> list[Held]:
    print("  calls   MB memory   files  threads   idle cores", flush=True)
    seen, calls = [held(server, 0)], 0
    while seen[0].idle > LIMITS["idle"] / 2 and len(seen) < WARMING:  # prompts are made beforehand
        seen = [held(server, 0), *seen]
    seen = seen[:1]
    for wave in range(waves):
        calls += asyncio.run(leave_early(server, callers, Random(wave)))
        calls += len(play(server.where, max(1, callers // 4), TALK_SECONDS, VOICES)[0].calls)
        seen.append(held(server, calls))
        print("{:7d} {:11.1f} {:7d} {:8d} {:12.3f}".format(*astuple(seen[-1])), flush=True)
    return seen


def main() -> None:
    parser = arguments("Does a server that takes calls all day stay as it was?")
    parser.add_argument("--callers", type=int, default=12, help="at once (12)")
    parser.add_argument("--waves", type=int, default=20, help="20")
    options: argparse.Namespace = parser.parse_args()
    with server_for(options, options.callers * 2) as server:
        if server.pid is None:
            raise SystemExit("--base needs --pid as well")
        warm_up(server)
        seen = soak(server, options.waves, options.callers)
    kept = {name: slope(seen, name) for name in ("memory", "files", "threads")} | {"idle": seen[-1].idle}
    print(f"\nFor each call, over the second half: {kept['memory'] * 1024:.1f} KB, {kept['files']:.4f} files, "
          f"{kept['threads']:.4f} threads; idle: {kept['idle']:.3f} cores")  # fmt: skip
    sys.exit(any(kept[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    main()
