"""Who may do what over HTTP: the API key, or a person who logged in; and an audit of every personal record shown.

A key is for programs and may do everything. People have a session (cookie) and a role; what changes something needs, on
top of the cookie, that the request comes from a page of ours and shows the session's CSRF token.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from fastapi import Request

from ivr.model.audit import Detail
from ivr.model.errors import NotAllowed
from ivr.model.roles import MAY, Permission, Role
from ivr.store.accounts import User
from ivr.store.sessions import csrf_of
from ivr.web.origin import address_of, from_our_own_page
from ivr.web.problems import KeyNotSet, KeyWrong, LoginNeeded, NotFromHere, PasswordStale

COOKIE = "ivr_session"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks: who holds the key, or a person."""

    who: str
    """A user's name; or `key:` and the first 8 hex digits of the key's SHA-256: tells keys apart, reveals none."""

    address: str
    """Network address of the other end."""

    role: Role = "admin"
    is_person: bool = False


class Audit(Protocol):
    """Where it is noted who looked at what; `ivr.store.calls.SqlCallStore` is one."""

    async def keep_look(
        self, who: str, action: str, subject: str, address: str, detail: Detail | None = None
    ) -> None: ...


class SessionBook(Protocol):
    """Whose session a cookie is; `ivr.store.sessions.Sessions` is one."""

    async def user(self, token: str) -> User | None: ...


Guard = Callable[[Request], Awaitable[Reader]]
"""A FastAPI dependency: the reader, or NotAllowed."""


class Door:
    """Lets in who may come in. As a dependency itself (`Depends(door)`) only administrators and the key."""

    def __init__(self, key: str, sessions: SessionBook | None = None, public_host: str = "") -> None:
        self._key = key
        self._digest = hashlib.sha256(key.encode()).digest()
        self._sessions = sessions
        self.public_host = public_host
        """Under which browsers know us, where a proxy in front tells us another."""

    async def __call__(self, request: Request) -> Reader:
        return await self._let_in(request, ("admin",))

    def person_with(self, *roles: Role) -> Guard:
        """Let in people of these roles, and the key."""

        async def guard(request: Request) -> Reader:
            return await self._let_in(request, roles)

        return guard

    def may(self, permission: Permission) -> Guard:
        """Let in whoever has this permission (`ivr.model.roles.MAY`), and the key."""
        return self.person_with(*MAY[permission])

    async def person(self, request: Request, *, even_stale: bool = False) -> User:
        """Who is logged in, whatever their role; also for pages and websockets, which have cookies and no key.

        Args:
            even_stale: also somebody who must change their password first.

        Raises:
            LoginNeeded: nobody is.
            PasswordStale: they must change their password first.
            NotFromHere: the request changes something, and comes from another site or without the CSRF token.
        """
        token = request.cookies.get(COOKIE, "")
        user = await self._sessions.user(token) if token and self._sessions else None
        if user is None:
            raise LoginNeeded("log in first: POST /api/session")
        if request.method not in SAFE_METHODS:
            self.check_page(request, token)
        if user.must_change and not even_stale:
            raise PasswordStale("change your password first: POST /api/session/password")
        return user

    def check_page(self, request: Request, token: str) -> None:
        """
        Raises:
            NotFromHere: another site's page sent it, or it does not show the CSRF token of the session.
        """
        from_our_own_page(request, self.public_host)
        shown = request.headers.get(CSRF_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, csrf_of(token).encode()):
            raise NotFromHere(f"show the session's token in the header {CSRF_HEADER} (GET /api/session tells it)")

    async def _let_in(self, request: Request, roles: tuple[Role, ...]) -> Reader:
        # A request that shows a key stands or falls with it; a cookie beside it does not help.
        if "authorization" in request.headers or COOKIE not in request.cookies:
            return self._holder_of_key(request)
        user = await self.person(request)
        if user.role not in roles:
            log.warning("role_refused", path=request.scope["path"], who=user.name, role=user.role)
            raise NotAllowed(f"this is for: {', '.join(roles)}; you are logged in as {user.role}")
        return Reader(user.name, address_of(request), user.role, is_person=True)

    def _holder_of_key(self, request: Request) -> Reader:
        if not self._key:
            raise KeyNotSet("this server has no API key: set IVR_API_KEY and start it again, or log in")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        offered = hashlib.sha256(given.strip().encode("utf-8", "surrogateescape")).digest()
        # Digests have one length, so the comparison says nothing about the length of the key either.
        if scheme.lower() != "bearer" or not hmac.compare_digest(offered, self._digest):
            log.warning("api_key_refused", path=request.scope["path"])
            raise KeyWrong("send the header 'Authorization: Bearer <IVR_API_KEY>', or log in")
        return Reader(f"key:{self._digest.hex()[:8]}", address_of(request))


def guard_with(key: str, sessions: SessionBook | None = None, public_host: str = "") -> Door:
    """Ask for `Authorization: Bearer <key>` or a session; without a key on our side only people get in."""
    return Door(key, sessions, public_host)


def shortened(party: str) -> str:
    """A number as it may stand in the audit, which outlives the right to it; other names are as they are."""
    return f"…{party[-4:]}" if party.startswith("+") else party


async def note_look(audit: Audit, reader: Reader, action: str, subject: str, **detail: str | int | bool) -> None:
    """Note the look, before anything is shown.

    Raises:
        StoreError: it could not be noted.
    """
    await audit.keep_look(reader.who, action, subject, reader.address, detail)
    log.info("record_shown", who=reader.who, action=action, subject=subject)
