"""A program killed without warning has kept every promise it made, and its calls are closed at the next start."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import calls, surveys

ROOT = Path(__file__).parents[2]
PROMISES_BEFORE_THE_KILL = 60


def promises_of_a_killed_program(url: str) -> set[tuple[str, str]]:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.store.talkative_calls", url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(PROMISES_BEFORE_THE_KILL)]
        program.kill()
        lines += program.stdout.readlines()
    assert len(lines) >= PROMISES_BEFORE_THE_KILL
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {(what, call_id) for what, call_id in whole}


def test_after_a_kill_every_answered_call_has_exactly_one_survey_record(url: str) -> None:
    promises = promises_of_a_killed_program(url)

    async def run() -> None:
        for node in ("north", "south"):
            async with open_store(url, node=node):
                pass
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            kept = {row.call_id: row for row in await connection.execute(select(calls))}
            found = [row for row in await connection.execute(select(surveys))]
        await engine.dispose()
        assert Counter(row.call_id for row in found) == Counter(kept.keys())
        assert {call_id for _, call_id in promises} <= kept.keys()
        assert all(row.ended_at_ms is not None for row in kept.values())
        statuses = {row.call_id: row.status for row in found}
        finished = {call_id for what, call_id in promises if what == "finished"}
        answered = {call_id for what, call_id in promises if what == "answered"}
        assert finished
        assert {statuses[call_id] for call_id in finished} == {"completed"}
        assert {statuses[call_id] for call_id in answered} <= {"completed", "partial"}

    asyncio.run(run())
