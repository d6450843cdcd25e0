"""Recordings go when their time is over, and nothing else does."""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.model.calls import CallRecord
from ivr.model.errors import NotNow, NotThere, StoreError
from ivr.store.calls import open_store
from ivr.store.retention import delete_old_recordings, erase_recording, forget_old_recordings, sweep_recordings
from tests.databases import new_database
from tests.store.samples import NOON, ended_call, live_call


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


def test_what_is_under_a_legal_hold_stays_in_whatever_format(tmp_path: Path) -> None:
    kept = [recorded(tmp_path / "2026/held.opus", 200), recorded(tmp_path / "held.wav", 200)]
    gone = recorded(tmp_path / "2026/other.wav", 200)
    held = frozenset({"2026/held.wav", str(tmp_path / "held.wav")})
    assert delete_old_recordings(tmp_path, NOON - timedelta(days=90), held) == 1
    assert [path.exists() for path in (*kept, gone)] == [True, True, False]


def test_while_nobody_knows_what_is_under_a_legal_hold_nothing_is_deleted(tmp_path: Path) -> None:
    old = recorded(tmp_path / "old.wav", 200)

    async def run() -> None:
        refusing = Refusing("old.wav", away=True)
        asked = asyncio.Event()

        def utc() -> datetime:
            asked.set()
            return NOON

        sweeping = asyncio.create_task(sweep_recordings(tmp_path, 90, utc, records=refusing, mentions=refusing))
        await asked.wait()
        await asyncio.sleep(0)
        sweeping.cancel()
        await asyncio.wait({sweeping})

    asyncio.run(run())
    assert old.exists()


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


def path_in(record_folder: Path, name: str) -> str:
    recorded(record_folder / name, 0)
    return name


def test_the_sound_of_old_calls_goes_and_so_does_its_mention(tmp_path: Path) -> None:
    folder = tmp_path / "sound"

    async def run() -> None:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            old = replace(ended_call(recording=path_in(folder, "c1.opus")), call_id="c1")
            recorded(folder / "c1.wav", 0)
            new = replace(old, call_id="c2", recording=path_in(folder, "c2.wav"), ended_at=NOON + timedelta(days=1))
            live = replace(live_call(), call_id="c3", recording=path_in(folder, "c3.wav"))
            stray = replace(old, call_id="c4", recording="../outside.wav")
            outside = recorded(tmp_path / "outside.wav", 0)
            for call in (old, new, stray):
                await store.finish(call)
            await store.begin(live)
            before = NOON + timedelta(hours=1)
            assert await forget_old_recordings(folder, before, store.archive, store) == 2
            assert [(await store.archive.call(each)).recording for each in ("c1", "c2", "c3", "c4")] == [
                "", "c2.wav", "c3.wav", "",
            ]  # fmt: skip
            assert sorted(each.name for each in folder.iterdir()) == ["c2.wav", "c3.wav"]
            assert outside.exists()
            assert await forget_old_recordings(folder, before, store.archive, store) == 0

    asyncio.run(run())


def test_one_recording_is_erased_when_its_call_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "sound"

    async def run() -> None:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            call = replace(ended_call(recording=path_in(folder, "c1.wav")), call_id="c1")
            await store.begin(replace(call, ended_at=None, survey=None))
            with pytest.raises(NotNow, match="not over"):
                await erase_recording("c1", folder, store.archive, store)
            await store.finish(call)
            await store.holds.put(call.caller, "fraud case 7", "root")
            with pytest.raises(NotNow, match="legal hold"):
                await erase_recording("c1", folder, store.archive, store)
            assert (folder / "c1.wav").exists()
            await store.holds.lift(call.caller, "root")
            assert await erase_recording("c1", folder, store.archive, store) == 1
            assert not list(folder.iterdir())
            assert (await store.archive.call("c1")).recording == ""
            assert await erase_recording("c1", folder, store.archive, store) == 0
            with pytest.raises(NotThere):
                await erase_recording("c9", folder, store.archive, store)

    asyncio.run(run())


class Refusing:
    """Knows one old call, and writes nothing."""

    def __init__(self, recording: str, *, away: bool = False) -> None:
        self._recording, self._away = recording, away

    async def call(self, call_id: str) -> CallRecord:
        return ended_call(recording=self._recording)

    async def recorded_before(self, before: datetime) -> dict[str, str]:
        if self._away:
            raise StoreError("away")
        return {"c1": self._recording}

    async def held_sound(self) -> frozenset[str]:
        if self._away:
            raise StoreError("away")
        return frozenset()

    async def keep_recording(self, call_id: str, path: str) -> bool:
        return False


def test_a_database_that_refuses_is_asked_again_next_time(tmp_path: Path) -> None:
    async def run() -> None:
        name = path_in(tmp_path, "c1.wav")
        assert await forget_old_recordings(tmp_path, NOON, Refusing(name), Refusing(name)) == 1
        with pytest.raises(StoreError, match="still names it"):
            await erase_recording("c1", tmp_path, Refusing(name), Refusing(name))
        assert await forget_old_recordings(tmp_path, NOON, Refusing(name, away=True), Refusing(name)) == 0

    asyncio.run(run())


def test_a_disk_that_refuses_leaves_the_mention_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    async def run() -> None:
        name = path_in(tmp_path, "c1.wav")
        monkeypatch.setattr(Path, "unlink", refuse)
        assert await forget_old_recordings(tmp_path, NOON, Refusing(name), Refusing(name)) == 0
        with pytest.raises(StoreError, match="could not be deleted"):
            await erase_recording("c1", tmp_path, Refusing(name), Refusing(name))

    asyncio.run(run())
