"""Who may read what: one key for the API, compared in constant time, and an audit of every personal record shown."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from fastapi import Request

from ivr.web.problems import KeyNotSet, KeyWrong

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever holds the key."""

    who: str
    """`key:` and the first 8 hex digits of its SHA-256: tells keys apart, reveals none."""

    address: str
    """Network address of the other end."""


class Audit(Protocol):
    """Where it is noted who looked at what; `ivr.store.calls.SqlCallStore` is one."""

    async def keep_look(self, who: str, action: str, subject: str, address: str) -> None: ...


Guard = Callable[[Request], Awaitable[Reader]]
"""A FastAPI dependency: the reader, or KeyWrong / KeyNotSet."""


def guard_with(key: str) -> Guard:
    """Ask for `Authorization: Bearer <key>`; without a key on our side nobody gets in."""
    digest = hashlib.sha256(key.encode()).digest()

    async def guard(request: Request) -> Reader:
        if not key:
            raise KeyNotSet("this server has no API key: set IVR_API_KEY and start it again")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        offered = hashlib.sha256(given.strip().encode("utf-8", "surrogateescape")).digest()
        # Digests have one length, so the comparison says nothing about the length of the key either.
        if scheme.lower() != "bearer" or not hmac.compare_digest(offered, digest):
            log.warning("api_key_refused", path=request.scope["path"])
            raise KeyWrong("send the header 'Authorization: Bearer <IVR_API_KEY>'")
        return Reader(f"key:{digest.hex()[:8]}", request.client.host if request.client else "")

    return guard


async def note_look(audit: Audit, reader: Reader, action: str, subject: str) -> None:
    """Note the look, before anything is shown.

    Raises:
        StoreError: it could not be noted.
    """
    await audit.keep_look(reader.who, action, subject, reader.address)
    log.info("record_shown", who=reader.who, action=action, subject=subject)
