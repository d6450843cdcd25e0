"""Recordings are kept for as long as the settings say, and no longer; and one can be erased before its time.

Records of calls stay; their sound goes, and with it the mention of it. The sound goes first: whatever fails after
that leaves a record that names nothing, and the next sweep puts that right.
"""

import asyncio
from collections.abc import Callable, Set
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from ivr.model.calls import CallRecord
from ivr.model.errors import IvrError, NotNow, StoreError

SWEEP_SECONDS = 6 * 3600.0
"""How often recordings are looked through; a recording outlives its time by no more than this."""

SUFFIXES = (".wav", ".opus", ".part")
"""What a recording may be: as it is made, as it is kept, and half way between."""

log = structlog.get_logger(__name__)


class Records(Protocol):
    """Where calls are read; `ivr.store.archive.CallArchive` is one."""

    async def call(self, call_id: str) -> CallRecord: ...

    async def recorded_before(self, before: datetime) -> dict[str, str]: ...

    async def held_sound(self) -> frozenset[str]:
        """Paths that must not be deleted."""


class Mentions(Protocol):
    """Where the path of a recording is written; `ivr.store.calls.SqlCallStore` is one."""

    async def keep_recording(self, call_id: str, path: str) -> bool: ...


async def sweep_recordings(
    folder: Path,
    days: int,
    utc: Callable[[], datetime],
    pause_seconds: float = SWEEP_SECONDS,
    records: Records | None = None,
    mentions: Mentions | None = None,
) -> None:
    """Delete what is too old, now and again and again; runs until it is cancelled. With `records` and `mentions` the
    paths go out of the records too."""
    while True:
        before = utc() - timedelta(days=days)
        try:
            held = await records.held_sound() if records else frozenset()
            gone = await asyncio.to_thread(delete_old_recordings, folder, before, held)
            if records and mentions:
                gone += await forget_old_recordings(folder, before, records, mentions)
            if gone:
                log.info("recordings_deleted", recordings=gone, days=days)
        except IvrError as error:
            # What is under a legal hold is not known just now, so nothing is deleted.
            log.warning("recordings_not_deleted", code=error.code)
        await asyncio.sleep(pause_seconds)


def delete_old_recordings(folder: Path, before: datetime, held: Set[str] = frozenset()) -> int:
    """Delete the recordings in `folder` that were last written before an aware moment; how many went.

    Nothing but regular files inside the folder is touched, and a file that cannot be deleted is logged and left.
    `held` are paths that stay, in whatever format.
    """
    gone, stay = 0, {(folder / path).resolve().with_suffix("") for path in held}
    for path in (path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}")):
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_mtime >= before.timestamp():
                continue
            if path.resolve().with_suffix("") in stay:
                continue
            path.unlink()
            gone += 1
        except OSError as error:
            log.warning("recording_not_deleted", error=type(error).__name__)
    return gone


async def forget_old_recordings(folder: Path, before: datetime, records: Records, mentions: Mentions) -> int:
    """Delete the sound of calls that ended before an aware moment, and its path in their records; how many files went.
    What the database or the disk refuses is logged and left for the next time."""
    gone = 0
    try:
        while old := await records.recorded_before(before):
            forgotten = 0
            for call_id, path in old.items():
                try:
                    gone += await asyncio.to_thread(delete_recording, folder, path)
                except OSError as error:
                    log.warning("recording_not_deleted", call_id=call_id, error=type(error).__name__)
                    continue
                forgotten += await mentions.keep_recording(call_id, "")
            if not forgotten:
                break
    except IvrError as error:
        log.warning("recordings_not_forgotten", code=error.code)
    return gone


async def erase_recording(call_id: str, folder: Path, records: Records, mentions: Mentions) -> int:
    """Delete the sound of one call, in every format, and its path in the record; how many files went.

    Raises:
        NotThere: there is no call by that id.
        NotNow: the call is not over and its recording still being written, or it is under a legal hold.
        StoreError: the file could not be deleted, or the record still names it.
    """
    call = await records.call(call_id)
    if call.ended_at is None:
        raise NotNow("the call is not over; erase its recording when it is")
    if call.recording and call.recording in await records.held_sound():
        raise NotNow("this call, or its caller, is under a legal hold; lift that first (DELETE /api/holds/…)")
    try:
        gone = await asyncio.to_thread(delete_recording, folder, call.recording) if call.recording else 0
    except OSError as error:
        raise StoreError(f"the recording could not be deleted ({type(error).__name__})") from error
    if call.recording and not await mentions.keep_recording(call_id, ""):
        raise StoreError("the sound is deleted, but the record still names it; ask again")
    log.info("recording_erased", call_id=call_id, files=gone)
    return gone


def delete_recording(folder: Path, recording: str) -> int:
    """Delete the file a record names, and the same in the other formats; how many there were. A path that leads out of
    `folder` is left alone.

    Raises:
        OSError: the disk refused.
    """
    path, gone = (folder / recording).resolve(), 0
    if not path.is_relative_to(folder.resolve()):
        log.warning("recording_not_ours")
        return 0
    for each in (path.with_suffix(suffix) for suffix in SUFFIXES):
        if each.is_file():
            each.unlink()
            gone += 1
    return gone
