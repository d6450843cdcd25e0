"""`GET /api/audit`: who did and looked at what, for auditors and administrators. Reading it is in it too."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from ivr.model.audit import AuditEntry
from ivr.store.audit import MOST_PER_PAGE, AuditFilter, AuditLog
from ivr.store.rows import from_ms
from ivr.web.security import Audit, Door, Reader, note_look


def wanted_entries(
    who: str = "",
    action: Annotated[str, Query(description="`login`, or with a dot at the end all that begin so: `call.`")] = "",
    subject: str = "",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    before: Annotated[int, Query(ge=0, description="Only entries before this number: the next page")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 100,
) -> AuditFilter:
    return AuditFilter(who, action, subject, since, until, before, limit)


def audit_router(log: AuditLog, audit: Audit, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api/audit", tags=["audit"])
    Known = Annotated[Reader, Depends(door.may("audit.read"))]  # noqa: N806  a type, made here for its door

    @router.get("")
    async def list_entries(reader: Known, wanted: Annotated[AuditFilter, Depends(wanted_entries)]) -> dict[str, Any]:
        await note_look(audit, reader, "audit.list", "")
        found = await log.page(wanted)
        is_full = len(found) == wanted.limit and found[-1].number > 1
        return {"entries": [_shape(entry) for entry in found], "before": found[-1].number if is_full else None}

    @router.get("/verdict")
    async def verify(reader: Known) -> dict[str, Any]:
        """Hold the whole chain against its hashes: about a second for each 100,000 entries."""
        await note_look(audit, reader, "audit.verify", "")
        verdict = await log.verify()
        broken = verdict.broken
        return {
            "is_whole": broken is None, "entries": verdict.entries, "end": verdict.end.hash,
            "broken": {"number": broken.number, "why": broken.why} if broken else None,
        }  # fmt: skip

    return router


def _shape(entry: AuditEntry) -> dict[str, Any]:
    deed = entry.deed
    return {
        "number": entry.number, "at": from_ms(entry.at_ms), "who": deed.who, "action": deed.action,
        "subject": deed.subject, "address": deed.address, "detail": dict(deed.detail), "hash": entry.hash,
    }  # fmt: skip
