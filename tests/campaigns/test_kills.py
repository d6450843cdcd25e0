"""Killed at random moments a server settles every case once and dials no attempt twice: the carrier's own log says."""

import asyncio
import random
from pathlib import Path

from benchmarks.campaign_kills import Trial
from ivr.store.engine import sqlite_url

CASES, KILLS, LONGEST = 16, 3, 1.0


def test_killed_again_and_again_every_case_is_settled_once_and_no_attempt_dialled_twice(
    tmp_path: Path,
) -> None:
    url = sqlite_url(tmp_path / "ivr.db")
    told = asyncio.run(Trial(url, CASES, random.Random(7)).run(KILLS, LONGEST))
    assert told.states.total() == CASES
    assert set(told.states) == {"confirmed", "unreachable"}
    assert told.settled.total() == len(told.settled) == told.letters == CASES
    assert told.dialled_twice == 0
    assert set(told.dialled) <= told.written
    assert told.dialled.total() >= CASES
