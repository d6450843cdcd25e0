"""Prompts already made, as ready µ-law: in memory, and on disk across restarts.

A prompt is found by a hash of voice, language, text and rate. Files are written whole or not at all, checked when read,
and the least recently used go first when the folder is full. A file that is damaged counts as absent.
"""

import asyncio
import hashlib
import os
import tempfile
import zlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import structlog

from ivr.model.errors import ConfigError

log = structlog.get_logger(__name__)

_MAGIC = b"IVRP1"
_HEADER_BYTES = len(_MAGIC) + 4
_SUFFIX = ".ulaw"
_UNFINISHED = ".part"
_MOST_WAITING_WRITES = 256
_SHRINK_TO = 0.9
"""Share of the limit kept when the folder is full, so that not every new prompt has to delete one."""


@dataclass(frozen=True, slots=True)
class CacheLimits:
    memory_bytes: int = 32 * 2**20
    """An hour and ten minutes of µ-law at 8 kHz."""

    disk_bytes: int = 512 * 2**20


def prompt_key(voice: str, version: str, language: str, text: str, rate: int) -> str:
    """Hexadecimal name of a prompt; anything that changes how it sounds changes it."""
    parts = "\x1f".join((voice, version, language, str(rate), text))
    return hashlib.sha256(parts.encode()).hexdigest()[:40]


class PromptCache:
    """One for all calls. Looking up never waits for a disk that has nothing; writing never delays a call."""

    def __init__(self, folder: Path, limits: CacheLimits | None = None) -> None:
        """
        Raises:
            ConfigError: the folder cannot be made or written.
        """
        self._folder = folder
        self._limits = limits or CacheLimits()
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._in_memory = 0
        self._disk: OrderedDict[str, int] = OrderedDict()
        self._on_disk = 0
        self._guard = Lock()
        self._waiting_writes = 0
        self._disk_thread = ThreadPoolExecutor(1, thread_name_prefix="prompt-cache")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            self._take_stock()
        except OSError as error:
            raise ConfigError(f"the prompt cache cannot use {folder}: {error}; choose a folder we may write") from error

    async def find(self, key: str) -> bytes | None:
        """The prompt as µ-law, or None."""
        sound = self._memory.get(key)
        if sound is not None:
            self._memory.move_to_end(key)
            return sound
        if key not in self._disk:
            return None
        sound = await asyncio.wrap_future(self._disk_thread.submit(self._read, key))
        if sound is not None:
            self._remember(key, sound)
        return sound

    def keep(self, key: str, sound: bytes) -> None:
        """Remember a prompt now and write it soon; when the disk cannot keep up it stays in memory only."""
        self._remember(key, sound)
        if self._waiting_writes < _MOST_WAITING_WRITES:
            self._count_write(1)
            self._disk_thread.submit(self._write, key, sound)

    async def close(self) -> None:
        """Returns when everything is on disk."""
        await asyncio.to_thread(self._disk_thread.shutdown)

    def _remember(self, key: str, sound: bytes) -> None:
        self._in_memory += len(sound) - len(self._memory.pop(key, b""))
        self._memory[key] = sound
        while self._in_memory > self._limits.memory_bytes:
            self._in_memory -= len(self._memory.popitem(last=False)[1])

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / (key + _SUFFIX)

    def _take_stock(self) -> None:
        """Learn what is on disk, oldest use first (the time of last use is kept as modification time)."""
        for leftover in self._folder.glob(f"??/*{_UNFINISHED}"):
            leftover.unlink(missing_ok=True)
        found = []
        for path in self._folder.glob(f"??/*{_SUFFIX}"):
            facts = path.stat()
            found.append((facts.st_mtime, path.stem, facts.st_size))
        for _, key, size in sorted(found):
            self._disk[key] = size
            self._on_disk += size

    def _read(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            content = b""
        sound = content[_HEADER_BYTES:]
        if content[:_HEADER_BYTES] != _header(sound):
            log.warning("cached prompt is damaged, made again", file=path.name)
            self._forget(key)
            return None
        with self._guard:
            if key in self._disk:
                self._disk.move_to_end(key)
        return sound

    def _write(self, key: str, sound: bytes) -> None:
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=_UNFINISHED)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_header(sound) + sound)
                os.replace(unfinished, path)
            except OSError:
                os.unlink(unfinished)
                raise
        except OSError as error:
            log.warning("prompt not written to the cache", error=str(error))
        else:
            with self._guard:
                size = _HEADER_BYTES + len(sound)
                self._on_disk += size - self._disk.pop(key, 0)
                self._disk[key] = size
            self._shrink()
        finally:
            self._count_write(-1)

    def _shrink(self) -> None:
        if self._on_disk <= self._limits.disk_bytes:
            return
        while self._disk and self._on_disk > self._limits.disk_bytes * _SHRINK_TO:
            self._forget(next(iter(self._disk)))

    def _forget(self, key: str) -> None:
        with self._guard:
            self._on_disk -= self._disk.pop(key, 0)
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            log.warning("cached prompt could not be removed", error=str(error))

    def _count_write(self, by: int) -> None:
        with self._guard:
            self._waiting_writes += by


def _header(sound: bytes) -> bytes:
    return _MAGIC + zlib.crc32(sound).to_bytes(4, "big")
