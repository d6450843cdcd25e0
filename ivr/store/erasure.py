"""The right to be forgotten (domain.md 2.11): everything of one caller goes, figures stay under a pseudonym, and a
certificate says what was done. A legal hold keeps what it is on, and the certificate says so.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import NotThere, StoreError
from ivr.store.audit import append, hold
from ivr.store.forgetting import Forgotten, forget_words, message_files
from ivr.store.holds import is_held
from ivr.store.privacy_tables import erasures, legal_holds
from ivr.store.reach import reading, writing
from ivr.store.retention import delete_recording
from ivr.store.rows import to_ms
from ivr.store.tables import calls, queue_entries

BACKUPS_EXPIRE = timedelta(days=35)
"""domain.md 2.11: no backup may be kept longer."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks for an erasure, of whom, and why."""

    number: str
    """E.164."""

    reason: str
    who: str
    address: str = ""


class Erasures:
    """Every method raises `StoreError` where the database is away.

    Args:
        folder: of recordings and messages; no file outside of it is touched.
        key: secret of this installation; without it nobody finds out from a tombstone whose it is.
    """

    def __init__(
        self, engine: AsyncEngine, folder: Path, key: str, utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._folder, self._key, self._utc = engine, folder, key.encode(), utc

    async def erase(self, wanted: Wanted) -> Mapping[str, Any]:
        """Erase what there is of a caller; the certificate. Asking again erases what has come since.

        The sound goes first: where that fails, nothing else has changed and it can be asked again.

        Raises:
            StoreError: a file could not be deleted.
        """
        erasure_id = uuid4().hex
        async with writing(self._engine, "the records of a caller") as connection:
            # Held first, like everybody does who appends to the audit: nobody waits in a circle.
            await hold(connection)
            found, kept = await self._found(connection, wanted.number)
            files = [*(row["recording"] for row in found if row["recording"])]
            call_ids = [row["call_id"] for row in found]
            files += await message_files(connection, call_ids)
            sounds = await self._delete_sound(files)
            gone = replace(await forget_words(connection, call_ids), sound_files=sounds)
            await self._pseudonymise(connection, wanted.number, call_ids, f"erased:{erasure_id[:16]}")
            await connection.execute(delete(queue_entries).where(queue_entries.c.call_id.in_(call_ids)))
            certificate = self._certificate(erasure_id, wanted, gone, kept)
            await self._note(connection, certificate, wanted)
        log.info("caller_erased", erasure_id=erasure_id, calls=gone.calls, kept=len(kept))
        return certificate

    async def certificate(self, erasure_id: str) -> Mapping[str, Any]:
        """
        Raises:
            NotThere: there was no such erasure.
        """
        query = select(erasures.c.certificate).where(erasures.c.erasure_id == erasure_id)
        async with reading(self._engine, "the erasures") as connection:
            found = await connection.scalar(query)
        if found is None:
            raise NotThere("there was no erasure by that id")
        return dict(found)

    def subject_hash(self, number: str) -> str:
        """Under which a caller's tombstones are found by who knows the number and the key."""
        return hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()

    async def _found(
        self, connection: AsyncConnection, number: str
    ) -> tuple[list[Mapping[Any, Any]], list[dict[str, str]]]:
        """Calls to erase, and those that must stay, each with the reason."""
        theirs = or_(calls.c.caller == number, calls.c.called == number)
        query = select(calls, is_held().label("is_held")).where(theirs).order_by(calls.c.arrived_at_ms)
        reasons = {row.subject: row.reason for row in await connection.execute(select(legal_holds))}
        found, kept = list[Mapping[Any, Any]](), list[dict[str, str]]()
        for row in (await connection.execute(query)).mappings():
            if row["is_held"]:
                subject = next(one for one in (row["call_id"], row["caller"], row["called"]) if one in reasons)
                kept.append({"call_id": row["call_id"], "because": "legal_hold", "reason": reasons[subject]})
            elif row["ended_at_ms"] is None:
                kept.append({"call_id": row["call_id"], "because": "not_over", "reason": "ask again after the call"})
            else:
                found.append(row)
        return found, kept

    async def _delete_sound(self, files: Sequence[str]) -> int:
        try:
            return sum([await asyncio.to_thread(delete_recording, self._folder, file) for file in files])
        except OSError as error:
            raise StoreError(f"a recording could not be deleted ({type(error).__name__}); nothing is erased") from error

    async def _pseudonymise(
        self, connection: AsyncConnection, number: str, call_ids: Sequence[str], pseudonym: str
    ) -> None:
        """One name for all calls of one erasure: that somebody called twice is a figure, who it was is not."""
        ours = calls.c.call_id.in_(call_ids)
        await connection.execute(update(calls).where(ours).values(recording="", provider_ids={}))
        for end in (calls.c.caller, calls.c.called):
            await connection.execute(update(calls).where(ours, end == number).values({end: pseudonym}))

    def _certificate(
        self, erasure_id: str, wanted: Wanted, gone: Forgotten, kept: list[dict[str, str]]
    ) -> dict[str, Any]:
        now = self._utc()
        content: dict[str, Any] = {
            "erasure_id": erasure_id,
            "at": now.isoformat(),
            "by": wanted.who,
            "reason": wanted.reason,
            "subject_hash": self.subject_hash(wanted.number),
            "erased": asdict(gone),
            "kept": kept,
            "is_complete": not kept,
            "backups_expire_by": (now + BACKUPS_EXPIRE).date().isoformat(),
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return {**content, "sha256": hashlib.sha256(text.encode()).hexdigest()}

    async def _note(self, connection: AsyncConnection, certificate: Mapping[str, Any], wanted: Wanted) -> None:
        at_ms, erasure_id = to_ms(self._utc()), certificate["erasure_id"]
        row = {
            "erasure_id": erasure_id, "at_ms": at_ms, "who": wanted.who, "subject_hash": certificate["subject_hash"],
            "certificate": dict(certificate),
        }  # fmt: skip
        await connection.execute(insert(erasures), [row])
        detail = {"calls": certificate["erased"]["calls"], "kept": len(certificate["kept"])}
        await append(connection, [(at_ms, Deed(wanted.who, "caller.erase", erasure_id, wanted.address, detail))])
