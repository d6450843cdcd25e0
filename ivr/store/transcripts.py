"""Words of calls are kept for as long as the settings say, and no longer; what happened and the figures stay."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import exists, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.model.errors import IvrError
from ivr.store.forgetting import Forgotten, forget_words, message_files
from ivr.store.holds import is_held
from ivr.store.reach import writing
from ivr.store.retention import SWEEP_SECONDS, delete_recording
from ivr.store.rows import to_ms
from ivr.store.tables import calls, journal, messages

AT_ONCE = 100
"""Calls in one transaction: the writer of live calls waits for it."""

log = structlog.get_logger(__name__)


class Transcripts:
    """What was said in calls that are over."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def forget_before(self, before: datetime, folder: Path) -> Forgotten:
        """Take the words out of calls that ended before an aware moment, and delete the sound of their messages in
        `folder`; calls under a legal hold stay as they are.

        Raises:
            StoreError: the database is away, or a file could not be deleted; what was done until then stays done.
        """
        gone = Forgotten()
        while True:
            part = await self._forget_some(before, folder)
            gone += part
            if part.calls < AT_ONCE:
                return gone

    async def _forget_some(self, before: datetime, folder: Path) -> Forgotten:
        # Every call has a journal until its words are forgotten.
        has_words = or_(
            exists().where(journal.c.call_id == calls.c.call_id), exists().where(messages.c.call_id == calls.c.call_id)
        )
        over = (calls.c.ended_at_ms.is_not(None), calls.c.ended_at_ms < to_ms(before))
        query = select(calls.c.call_id).where(*over, has_words, not_(is_held())).limit(AT_ONCE)
        async with writing(self._engine, "the words of old calls") as connection:
            call_ids = list((await connection.execute(query)).scalars())
            files = await message_files(connection, call_ids)
            sounds = sum([await asyncio.to_thread(delete_recording, folder, file) for file in files])
            gone = await forget_words(connection, call_ids)
        return gone + Forgotten(sound_files=sounds)


async def sweep_transcripts(
    transcripts: Transcripts,
    folder: Path,
    days: int,
    utc: Callable[[], datetime],
    pause_seconds: float = SWEEP_SECONDS,
) -> None:
    """Forget what is too old, now and again and again; runs until it is cancelled."""
    while True:
        try:
            gone = await transcripts.forget_before(utc() - timedelta(days=days), folder)
            if gone.calls:
                log.info("transcripts_deleted", calls=gone.calls, days=days)
        except IvrError as error:
            log.warning("transcripts_not_deleted", code=error.code)
        await asyncio.sleep(pause_seconds)
