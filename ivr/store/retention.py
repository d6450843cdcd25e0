"""Recordings are kept for as long as the settings say, and no longer. Records of calls stay; their sound goes."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

SWEEP_SECONDS = 6 * 3600.0
"""How often recordings are looked through; a recording outlives its time by no more than this."""

log = structlog.get_logger(__name__)


async def sweep_recordings(
    folder: Path, days: int, utc: Callable[[], datetime], pause_seconds: float = SWEEP_SECONDS
) -> None:
    """Delete what is too old, now and again and again; runs until it is cancelled."""
    while True:
        gone = await asyncio.to_thread(delete_old_recordings, folder, utc() - timedelta(days=days))
        if gone:
            log.info("recordings_deleted", recordings=gone, days=days)
        await asyncio.sleep(pause_seconds)


def delete_old_recordings(folder: Path, before: datetime) -> int:
    """Delete the WAV files in `folder` that were last written before an aware moment; how many went.

    Nothing but regular files inside the folder is touched, and a file that cannot be deleted is logged and left.
    """
    gone = 0
    for path in folder.rglob("*.wav"):
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_mtime >= before.timestamp():
                continue
            path.unlink()
            gone += 1
        except OSError as error:
            log.warning("recording_not_deleted", error=type(error).__name__)
    return gone
