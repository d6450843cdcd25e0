"""Many callers at once who hang up at odd moments: afterwards the server is as it was before."""

import asyncio
from random import Random

import numpy as np
import psutil
import pytest

from telephony.standin.carrier import StandInCarrier
from telephony.standin.clip import Clip, at_level
from telephony.standin.script import CutSocket, HangUp, Press, Speak, StaySilent, Step
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace
from tests.server.running import ACCOUNT, CALLED, PUBLIC, SECRET, Running, eventually

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

CALLERS, ROUNDS = 8, 2
MOST_GROWTH = 150 * 2**20
"""Bytes: models and arenas that the first calls allocate included; a leak of whole calls would be far above."""


def babble(dice: Random) -> Clip:
    """Something loud and voiced that means nothing."""
    seconds = dice.uniform(0.3, 1.2)
    at = np.arange(int(8000 * seconds)) / 8000
    voiced = np.sum([np.sin(2 * np.pi * 120 * n * at) / n for n in range(1, 20)], axis=0)
    samples = at_level(voiced.astype(np.float32), -20.0)
    return Clip("", samples, 0, samples.size - 1)


def moody(dice: Random) -> list[Step]:
    """A caller who leaves in the middle of something."""
    begin: list[Step] = dice.choice(
        [
            [],
            [StaySilent(dice.uniform(0.0, 1.5))],
            [Press(dice.choice(["2", "14", "*", "0"]), after=dice.uniform(0.1, 0.8))],
            [Speak(babble(dice), after=dice.uniform(0.1, 1.0))],
            [Press("2", after=0.2), Press("44", after=0.3)],
        ]
    )
    endings: list[Step] = [HangUp(), CutSocket(), HangUp(after=dice.uniform(0.02, 0.5)), CutSocket(after=0.1)]
    end = dice.choice(endings)
    return [*begin, StaySilent(dice.uniform(0.0, 1.0)), end]


async def crowd(server: Running, dice: Random) -> list[CallTrace]:
    async with StandInCarrier(server.url, PUBLIC, ACCOUNT, SECRET) as carrier:
        talkers = [Talker(moody(dice)) for _ in range(CALLERS)]
        placed = [carrier.place_call(f"+1555{dice.randrange(10**7):07}", CALLED, each) for each in talkers]
        return list(await asyncio.gather(*placed))


def test_a_crowd_that_hangs_up_at_odd_moments_leaves_nothing_behind(server: Running) -> None:
    program = psutil.Process(server.program.pid)
    asyncio.run(crowd(server, Random(0)))
    eventually(lambda: server.meter("ivr_live_calls") == 0.0, "an empty house")
    before = program.memory_info().rss
    traces = [trace for seed in range(1, ROUNDS + 1) for trace in asyncio.run(crowd(server, Random(seed)))]
    assert [trace.trouble for trace in traces] == [""] * len(traces)
    eventually(lambda: server.meter("ivr_live_calls") == 0.0, "an empty house")
    records = [server.record_of(trace.call_sid, trace.caller) for trace in traces]
    assert {record["disconnect_by"] for record in records} <= {"customer", "network"}
    assert all(record["survey"] for record in records)
    assert server.http.get("/healthz").status_code == 200
    assert server.http.get("/readyz").status_code == 200
    assert program.memory_info().rss - before < MOST_GROWTH
    assert len(program.children(recursive=True)) == 0
