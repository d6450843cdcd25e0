"""Recordings go when their time is over, and nothing else does."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.store.retention import delete_old_recordings, sweep_recordings
from tests.store.samples import NOON


def recorded(path: Path, days_ago: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    then = (NOON - timedelta(days=days_ago)).timestamp()
    os.utime(path, (then, then))
    return path


def test_only_recordings_older_than_the_limit_are_deleted(tmp_path: Path) -> None:
    outside = recorded(tmp_path / "outside.wav", 400)
    folder = tmp_path / "recordings"
    old = [recorded(folder / "a.wav", 91), recorded(folder / "2026/08/b.wav", 200)]
    kept = [recorded(folder / "c.wav", 89), recorded(folder / "notes.txt", 400), outside]
    (folder / "link.wav").symlink_to(outside)
    (folder / "folder.wav").mkdir()
    assert delete_old_recordings(folder, NOON - timedelta(days=90)) == 2
    assert [path.exists() for path in old + kept] == [False, False, True, True, True]
    assert (folder / "link.wav").is_symlink()


def test_a_folder_that_is_not_there_has_nothing_to_delete(tmp_path: Path) -> None:
    assert delete_old_recordings(tmp_path / "none", NOON) == 0


def test_the_sweep_goes_on_until_it_is_cancelled(tmp_path: Path) -> None:
    async def run() -> None:
        asked = 0
        twice = asyncio.Event()

        def utc() -> datetime:
            nonlocal asked
            asked += 1
            if asked == 2:
                twice.set()
            return NOON

        recorded(tmp_path / "old.wav", 91)
        sweeping = asyncio.create_task(sweep_recordings(tmp_path, 90, utc, pause_seconds=0.0))
        await asyncio.wait_for(twice.wait(), 5.0)
        sweeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sweeping
        assert not (tmp_path / "old.wav").exists()

    asyncio.run(run())
