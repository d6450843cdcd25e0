"""Many callers at once who hang up at odd moments: afterwards the server is as it was before."""

import asyncio
from random import Random

import psutil
import pytest

from benchmarks.odd_callers import crowd
from telephony.standin.carrier import StandInCarrier
from telephony.standin.trace import CallTrace
from tests.server.running import ACCOUNT, CALLED, PUBLIC, SECRET, Running, eventually

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("server")]

CALLERS, ROUNDS = 8, 2
MOST_GROWTH = 150 * 2**20
"""Bytes: models and arenas that the first calls allocate included; a leak of whole calls would be far above."""


async def leaving(server: Running, dice: Random) -> list[CallTrace]:
    async with StandInCarrier(server.url, PUBLIC, ACCOUNT, SECRET) as carrier:
        return await crowd(carrier, CALLED, CALLERS, dice)


def test_a_crowd_that_hangs_up_at_odd_moments_leaves_nothing_behind(server: Running) -> None:
    program = psutil.Process(server.program.pid)
    asyncio.run(leaving(server, Random(0)))
    eventually(lambda: server.meter("ivr_live_calls") == 0.0, "an empty house")
    before = program.memory_info().rss
    traces = [trace for seed in range(1, ROUNDS + 1) for trace in asyncio.run(leaving(server, Random(seed)))]
    assert [trace.trouble for trace in traces] == [""] * len(traces)
    eventually(lambda: server.meter("ivr_live_calls") == 0.0, "an empty house")
    records = [server.record_of(trace.call_sid, trace.caller) for trace in traces]
    assert {record["disconnect_by"] for record in records} <= {"customer", "network"}
    assert all(record["survey"] for record in records)
    assert server.http.get("/healthz").status_code == 200
    assert server.http.get("/readyz").status_code == 200
    assert program.memory_info().rss - before < MOST_GROWTH
    assert len(program.children(recursive=True)) == 0
