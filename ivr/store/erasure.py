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
from sqlalchemy import and_, delete, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import NotThere, StoreError
from ivr.store.audit import append, hold
from ivr.store.forgetting import Forgotten, forget_words, message_files
from ivr.store.forgetting_later import due, erased_since, forget_due, note_due, open_cases_of
from ivr.store.forgetting_persons import (
    NOT_OVER,
    Kept,
    campaign_cases_of,
    forget_campaigns,
    forget_contacts,
    forget_customer,
    forget_recovery,
    recovery_cases_of,
    what_stays,
)
from ivr.store.holds import is_held
from ivr.store.persons import Person, calls_of, person_of
from ivr.store.privacy_tables import erasures
from ivr.store.reach import reading, writing
from ivr.store.retention import delete_recording
from ivr.store.rows import to_ms
from ivr.store.tables import calls, queue_entries

BACKUPS_EXPIRE = timedelta(days=35)
"""domain.md 2.11: no backup may be kept longer."""

SHARED = "calls from other numbers have this customer too; name the customer as well to erase all of it"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks for an erasure, of whom, and why."""

    number: str
    """E.164."""

    reason: str
    who: str
    address: str = ""
    customer: str = ""
    """Their id, where more is meant than the calls of that number."""

    withdrawn: int = 0
    """Callbacks and cases of campaigns that will not call them any more."""


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
        pseudonym = f"erased:{erasure_id[:16]}"
        async with writing(self._engine, "the records of a caller") as connection:
            # Held first, like everybody does who appends to the audit: nobody waits in a circle.
            await hold(connection)
            person = await person_of(connection, wanted.number, wanted.customer)
            found, kept = await self._found(connection, person)
            call_ids = [row["call_id"] for row in found]
            sounds = await self._delete_sound([*_sounds_of(found), *await message_files(connection, call_ids)])
            gone = replace(await forget_words(connection, call_ids), sound_files=sounds)
            await forget_contacts(connection, call_ids, pseudonym)
            await self._pseudonymise(connection, call_ids, pseudonym)
            await self._forget_places(connection, person, call_ids)
            gone, more_kept = await self._forget_cases(connection, person, call_ids, pseudonym, gone)
            stays = await what_stays(connection, person)
            certificate = self._certificate(erasure_id, wanted, gone, [*kept, *more_kept], stays)
            await self._note(connection, certificate, wanted)
            if not person.held_because:
                await forget_due(connection, wanted.number)
            if any(one["because"] == NOT_OVER for one in certificate["kept"]):
                await note_due(connection, erasure_id, wanted.number, wanted.customer, wanted.reason)
        log.info("caller_erased", erasure_id=erasure_id, calls=gone.calls, kept=len(certificate["kept"]))
        return certificate

    async def _forget_places(self, connection: AsyncConnection, person: Person, call_ids: Sequence[str]) -> None:
        """Of their calls, and where it is their number that somebody else's call asked to be called back."""
        place = queue_entries.c
        promised = and_(place.callback_number == person.number, place.call_id.not_in(sorted(person.holds)))
        wanted = place.call_id.in_(call_ids) if person.held_because else or_(place.call_id.in_(call_ids), promised)
        await connection.execute(delete(queue_entries).where(wanted))

    async def _forget_cases(
        self, connection: AsyncConnection, person: Person, call_ids: Sequence[str], pseudonym: str, gone: Forgotten
    ) -> tuple[Forgotten, Kept]:
        """What there is of a caller beside their calls; with what of it must stay."""
        campaigns, open_campaigns = await campaign_cases_of(connection, person)
        await forget_campaigns(connection, campaigns, pseudonym)
        recoveries, held = await recovery_cases_of(connection, person, call_ids)
        await forget_recovery(connection, recoveries, pseudonym, to_ms(self._utc()))
        kept = [*open_campaigns, *held]
        rows = 0
        if because := person.held_because:
            kept.append({"customer_hash": self.subject_hash(person.number), "because": "legal_hold", "reason": because})
        else:
            rows = await forget_customer(connection, person)
        kept += [
            {"customer_hash": self.subject_hash(name), "because": "shared", "reason": SHARED}
            for name in sorted(person.shared)
        ]
        counted = replace(gone, campaign_cases=len(campaigns), recovery_cases=len(recoveries), customer_rows=rows)
        return counted, kept

    async def open_cases(self, wanted: Wanted) -> Sequence[str]:
        """Ids of cases of campaigns that would still call them; none where a legal hold keeps everything."""
        return await open_cases_of(self._engine, wanted.number, wanted.customer)

    async def is_held(self, wanted: Wanted) -> bool:
        """A legal hold is on all of them: nothing is erased, and nothing is withdrawn."""
        async with reading(self._engine, "the holds") as connection:
            return bool((await person_of(connection, wanted.number, wanted.customer)).held_because)

    async def since(self, at: datetime) -> Mapping[str, str]:
        """Erasures by their ids, on whichever server: keyed hash of whose it was."""
        return await erased_since(self._engine, at)

    async def finish_due(self) -> int:
        """Erase those of whom something was not over when they asked, and now is; how many."""
        waiting = await due(self._engine, self._utc())
        for number, customer, reason in waiting:
            await self.erase(Wanted(number, reason, "ivr", customer=customer))
        return len(waiting)

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

    async def _found(self, connection: AsyncConnection, person: Person) -> tuple[list[Mapping[Any, Any]], Kept]:
        """Calls to erase, and those that must stay, each with the reason."""
        query = select(calls, is_held().label("is_held")).where(calls_of(person)).order_by(calls.c.arrived_at_ms)
        found, kept = list[Mapping[Any, Any]](), Kept()
        for row in (await connection.execute(query)).mappings():
            if row["is_held"] or person.held_because:
                held = (one for one in (row["call_id"], row["caller"], row["called"]) if one in person.holds)
                reason = person.holds.get(next(held, ""), person.held_because)
                kept.append({"call_id": row["call_id"], "because": "legal_hold", "reason": reason})
            elif row["ended_at_ms"] is None:
                kept.append({"call_id": row["call_id"], "because": NOT_OVER, "reason": "it is erased after the call"})
            else:
                found.append(row)
        return found, kept

    async def _delete_sound(self, files: Sequence[str]) -> int:
        try:
            return sum([await asyncio.to_thread(delete_recording, self._folder, file) for file in files])
        except OSError as error:
            raise StoreError(f"a recording could not be deleted ({type(error).__name__}); nothing is erased") from error

    async def _pseudonymise(self, connection: AsyncConnection, call_ids: Sequence[str], pseudonym: str) -> None:
        """One name for all calls of one erasure: that somebody called twice is a figure, who it was is not."""
        ours = calls.c.call_id.in_(call_ids)
        await connection.execute(update(calls).where(ours).values(recording="", provider_ids={}))
        is_ours = calls.c.direction == "outbound"
        for their_end, that_way in ((calls.c.called, is_ours), (calls.c.caller, not_(is_ours))):
            await connection.execute(update(calls).where(ours, that_way).values({their_end: pseudonym}))

    def _certificate(
        self, erasure_id: str, wanted: Wanted, gone: Forgotten, kept: Kept, stays: list[dict[str, Any]]
    ) -> dict[str, Any]:
        now = self._utc()
        content: dict[str, Any] = {
            "erasure_id": erasure_id,
            "at": now.isoformat(),
            "by": wanted.who,
            "reason": wanted.reason,
            "subject_hash": self.subject_hash(wanted.number),
            "erased": asdict(gone),
            "withdrawn": wanted.withdrawn,
            "kept": kept,
            "stays": stays,
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
        detail |= {"withdrawn": wanted.withdrawn} if wanted.withdrawn else {}
        await append(connection, [(at_ms, Deed(wanted.who, "caller.erase", erasure_id, wanted.address, detail))])


def _sounds_of(found: Sequence[Mapping[Any, Any]]) -> list[str]:
    """Recordings of calls, and what was heard while their telephone rang (named after the carrier's id)."""
    early = [str(given) for row in found for given in (row["provider_ids"] or {}).values()]
    names = [f"early/{one.partition('@')[0]}.wav" for one in early if one]
    return [*(row["recording"] for row in found if row["recording"]), *names]
