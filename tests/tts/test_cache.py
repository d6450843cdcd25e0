"""Prompts on disk: found again after a restart, made again when damaged, bounded."""

import asyncio
import os
from pathlib import Path

import pytest
import structlog

from ivr.model.errors import ConfigError
from tts.cache import CacheLimits, PromptCache, prompt_key

KEYS = [prompt_key("hibari", "1", "en", f"Prompt {number}.", 8000) for number in range(6)]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def prompt_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.ulaw"))


async def kept(folder: Path, sounds: dict[str, bytes], limits: CacheLimits | None = None) -> None:
    cache = PromptCache(folder, limits)
    for key, sound in sounds.items():
        cache.keep(key, sound)
    await cache.close()


async def found(folder: Path, key: str) -> bytes | None:
    cache = PromptCache(folder)
    sound = await cache.find(key)
    await cache.close()
    return sound


def test_anything_that_changes_the_sound_changes_the_key() -> None:
    keys = {
        prompt_key("hibari", "1", "en", "Hello.", 8000),
        prompt_key("espeak", "1", "en", "Hello.", 8000),
        prompt_key("hibari", "2", "en", "Hello.", 8000),
        prompt_key("hibari", "1", "zh", "Hello.", 8000),
        prompt_key("hibari", "1", "en", "Hello!", 8000),
        prompt_key("hibari", "1", "en", "Hello.", 16000),
    }
    assert len(keys) == 6


def test_a_prompt_is_there_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> list[bytes | None]:
        cache = PromptCache(tmp_path)
        before = await cache.find(KEYS[0])
        cache.keep(KEYS[0], b"sound")
        at_once = await cache.find(KEYS[0])
        await cache.close()
        return [before, at_once, await found(tmp_path, KEYS[0]), await found(tmp_path, KEYS[1])]

    assert asyncio.run(scenario()) == [None, b"sound", b"sound", None]


@pytest.mark.parametrize("damage", [b"", b"IVRP", b"IVRP1\0\0\0\0other sound", b"RIFF" * 10])
def test_a_damaged_file_counts_as_absent_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    async def scenario() -> list[bytes | None]:
        await kept(tmp_path, {KEYS[0]: b"sound"})
        prompt_files(tmp_path)[0].write_bytes(damage)
        with structlog.testing.capture_logs() as logs:
            missing = await found(tmp_path, KEYS[0])
        assert [line["event"] for line in logs] == ["cached prompt is damaged, made again"]
        await kept(tmp_path, {KEYS[0]: b"sound again"})
        return [missing, await found(tmp_path, KEYS[0])]

    assert asyncio.run(scenario()) == [None, b"sound again"]


def test_a_file_that_vanished_counts_as_absent(tmp_path: Path) -> None:
    async def scenario() -> bytes | None:
        await kept(tmp_path, {KEYS[0]: b"sound"})
        cache = PromptCache(tmp_path)
        prompt_files(tmp_path)[0].unlink()
        sound = await cache.find(KEYS[0])
        await cache.close()
        return sound

    assert asyncio.run(scenario()) is None


def test_the_least_recently_used_files_go_first_when_the_folder_is_full(tmp_path: Path) -> None:
    async def scenario() -> None:
        await kept(tmp_path, {key: bytes(100) for key in KEYS[:3]})
        for age, key in enumerate(KEYS[:3]):
            os.utime(tmp_path / key[:2] / f"{key}.ulaw", (1000 + age, 1000 + age))
        await found(tmp_path, KEYS[0])  # used now: the youngest
        await kept(tmp_path, {KEYS[3]: bytes(100)}, CacheLimits(disk_bytes=330))

    asyncio.run(scenario())
    assert files(tmp_path) == sorted(f"{key}.ulaw" for key in (KEYS[0], KEYS[3]))


def test_memory_is_bounded_and_what_left_it_comes_from_disk(tmp_path: Path) -> None:
    async def scenario() -> list[bytes | None]:
        cache = PromptCache(tmp_path, CacheLimits(memory_bytes=250))
        for number, key in enumerate(KEYS[:3]):
            cache.keep(key, bytes([number]) * 100)
            await cache.find(KEYS[0])
        await cache.close()
        cache = PromptCache(tmp_path, CacheLimits(memory_bytes=250))
        sounds = [await cache.find(key) for key in KEYS[:3]]
        for path in prompt_files(tmp_path):
            path.unlink()
        sounds += [await cache.find(key) for key in KEYS[:3]]
        await cache.close()
        return sounds

    first, second, third = b"\0" * 100, b"\1" * 100, b"\2" * 100
    assert asyncio.run(scenario()) == [first, second, third, None, second, third]


def test_what_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "tmp123.part").write_bytes(b"half")
    asyncio.run(kept(tmp_path, {}))
    assert files(tmp_path) == []


def test_a_disk_that_refuses_costs_no_prompt(tmp_path: Path) -> None:
    async def scenario() -> bytes | None:
        cache = PromptCache(tmp_path)
        (tmp_path / KEYS[0][:2]).write_bytes(b"a file where the folder should be")
        cache.keep(KEYS[0], b"sound")
        await cache.close()
        return await cache.find(KEYS[0])

    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(scenario()) == b"sound"
    assert [line["event"] for line in logs] == ["prompt not written to the cache"]


def test_a_folder_in_the_place_of_a_file_costs_a_warning_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / KEYS[0][:2] / f"{KEYS[0]}.ulaw").mkdir(parents=True)

    async def scenario() -> list[bytes | None]:
        cache = PromptCache(tmp_path)
        damaged = await cache.find(KEYS[0])
        cache.keep(KEYS[0], b"sound")
        await cache.close()
        return [damaged, await cache.find(KEYS[0])]

    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(scenario()) == [None, b"sound"]
    assert [line["event"] for line in logs] == [
        "cached prompt is damaged, made again",
        "cached prompt could not be removed",
        "prompt not written to the cache",
    ]
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_used_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="choose a folder we may write"):
        PromptCache(tmp_path / "file")
