"""Killed at random moments no case is lost and nobody is dialled twice for one attempt: the carrier's own log says."""

import asyncio
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from ivr.store.campaign_tables import campaign_attempts, campaign_cases
from ivr.store.engine import database_url, make_engine
from tests.campaigns.kit import ROOT

CASES = 15
KILLS = 2


def run_until_killed(url: str, paper: Path, after: float | None) -> list[str]:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.dialling_program", url, str(paper), str(CASES)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with program:
        assert program.stdout
        first = program.stdout.readline()
        killer = threading.Timer(after, program.kill) if after is not None else None
        if killer:
            killer.start()
        rest = program.stdout.readlines()
        if killer:
            killer.cancel()
    return [first.strip(), *(line.strip() for line in rest)]


def test_killed_again_and_again_every_case_is_settled_once_and_no_attempt_dialled_twice(
    url: str, tmp_path: Path
) -> None:
    paper, chance = tmp_path / "carrier.log", random.Random(7)
    for _ in range(KILLS):
        run_until_killed(url, paper, chance.uniform(0.0, 0.6))
    assert run_until_killed(url, paper, None) == ["received", "done"]
    dialled = [line.split()[0] for line in paper.read_text().splitlines()]
    assert Counter(dialled).most_common(1)[0][1] == 1

    async def kept() -> tuple[Counter[str], set[str]]:
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            states = Counter(row.state for row in await connection.execute(select(campaign_cases)))
            written = {row.attempt_id for row in await connection.execute(select(campaign_attempts))}
        await engine.dispose()
        return states, written

    states, written = asyncio.run(kept())
    # Who was being dialled when the program died may be due again later; nobody is lost, nothing hangs in mid-air.
    assert states.total() == CASES
    assert set(states) <= {"confirmed", "scheduled", "unreachable"}
    assert states["confirmed"] > 0
    assert set(dialled) <= written
