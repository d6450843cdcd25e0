"""How long calls wait for the store: python -m benchmarks.store [--calls 48] [--seconds 10] [--url …].

Each call begins, journals 10 events a second, keeps two survey answers and finishes; then another begins. Printed:
p50/p95/p99 of each wait in milliseconds, CPU seconds per call, and what was lost (nothing, one hopes).
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ivr.model.calls import CallRecord, JournalEntry, Leg, SurveyRecord, Turn
from ivr.model.events import Heard
from ivr.store.archive import CallFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url

EVENTS_A_SECOND = 10
EVENTS_A_CALL = 30


async def one_line(store: SqlCallStore, line: int, until: float, waits: dict[str, list[float]]) -> None:
    number = 0
    while time.perf_counter() < until:
        number += 1
        record = CallRecord(
            f"l{line}-{number}", Leg("twilio"), "+15555550100", "+15555550101", "inbound", "bank/hotline", "v1", "en",
            datetime.now(UTC), datetime.now(UTC),
        )  # fmt: skip
        await timed(waits["begin"], store.begin(record))
        for seq in range(EVENTS_A_CALL):
            store.append(record.call_id, JournalEntry(seq, seq / EVENTS_A_SECOND, Heard("find a branch near here")))
            await asyncio.sleep(1 / EVENTS_A_SECOND)
        for name in ("csat", "resolved"):
            await timed(waits["survey answer"], store.keep_survey_answer(record.call_id, name, "5"))
        survey = SurveyRecord("completed", "", {"csat": "5", "resolved": "5"})
        turns = tuple(Turn(count, "greet", "find a branch near here") for count in range(6))
        await timed(waits["finish"], store.finish(replace(record, turns=turns, survey=survey)))


async def timed(waits: list[float], work: Awaitable[None]) -> None:
    began = time.perf_counter()
    await work
    waits.append(time.perf_counter() - began)


async def main(lines: int, seconds: float, url: str) -> None:
    waits: dict[str, list[float]] = defaultdict(list)
    troubles: Counter[str] = Counter()
    async with open_store(url, node="benchmark", on_trouble=lambda kind: troubles.update([kind])) as store:
        cpu, until = time.process_time(), time.perf_counter() + seconds
        async with asyncio.TaskGroup() as tasks:
            for line in range(lines):
                tasks.create_task(one_line(store, line, until, waits))
        cpu = time.process_time() - cpu
        began = time.perf_counter()
        await store.archive.page(CallFilter(limit=50))
        listing = time.perf_counter() - began
    for name, found in waits.items():
        p50, p95, p99 = np.percentile(found, [50, 95, 99]) * 1000
        print(f"{name:14} n={len(found):5}  p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f} ms")
    calls = len(waits["finish"])
    print(f"{calls} calls, {1000 * cpu / calls:.1f} ms CPU per call, list of 50 in {1000 * listing:.1f} ms")
    print(f"troubles: {dict(troubles) or 'none'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(given.calls, given.seconds, given.url or sqlite_url(Path(folder) / "ivr.db")))
