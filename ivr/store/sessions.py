"""Logging in and staying so. A session is an unguessable token in a cookie; the database keeps its hash, so that it can
be ended at once, on every node, and what is in the database lets nobody act as anybody.

Wrong passwords are counted before they are looked at, so that guessing side by side gains nothing, and for names that
nobody has as well, so that answers tell nothing about who is here.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed
from ivr.model.errors import LoginWrong, TooOften
from ivr.store.account_tables import login_failures, sessions, users
from ivr.store.accounts import NAME, WHAT, User, user_of
from ivr.store.audit import append, hold
from ivr.store.passwords import Passwords, check_password
from ivr.store.reach import reading, writing
from ivr.store.rows import to_ms
from ivr.store.writes import add

FREE_FAILURES = 5
FIRST_LOCK_SECONDS = 30.0
LONGEST_LOCK_SECONDS = 900.0
"""From the fifth wrong password on, each doubles the wait. Bounded: a stranger must not keep somebody out for good."""

FORGET_SECONDS = 86_400.0
SEEN_SECONDS = 60.0
"""How exactly it is known when a session was last used: it costs a write."""

NOBODY = "-"
"""What names that nobody can have are counted under."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Of sessions, in seconds."""

    idle: float = 1_800.0
    longest: float = 43_200.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun."""

    user: User
    token: str
    """For the cookie; kept nowhere else."""


def csrf_of(token: str) -> str:
    """What a page of ours shows with each request that changes something: no page of another site can know it."""
    return hmac.new(token.encode(), b"ivr csrf", hashlib.sha256).hexdigest()


def lock_seconds(failures: int) -> float:
    """How long after the last of so many wrong passwords in a row the next one is looked at."""
    if failures < FREE_FAILURES:
        return 0.0
    return min(FIRST_LOCK_SECONDS * 2.0 ** min(failures - FREE_FAILURES, 30), LONGEST_LOCK_SECONDS)


class Sessions:
    """Raises `StoreError` where the database is away."""

    def __init__(
        self,
        engine: AsyncEngine,
        passwords: Passwords,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        lifetimes: Lifetimes | None = None,
    ) -> None:
        self._engine = engine
        self._passwords = passwords
        self._utc = utc
        self.lifetimes = lifetimes or Lifetimes()

    async def log_in(self, name: str, password: str, address: str) -> Opened:
        """
        Raises:
            LoginWrong: name or password, or the account is switched off.
            TooOften: too many wrong ones for this name; says when to come back.
        """
        name = _counted(name)
        user = await self._right(name, password, address)
        return await self._open(user, address, "login")

    async def change_password(self, name: str, old: str, new: str, address: str) -> Opened:
        """All sessions of the user end, and a new one begins.

        Raises:
            LoginWrong, TooOften: as `log_in`, of the old one.
            BadQuery: the new one will not do.
        """
        check_password(new, name)
        user = await self._right(_counted(name), old, address)
        kept = await self._passwords.hashed(new)
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            fresh = {"password_hash": kept, "must_change": False, "changed_at_ms": self._now()}
            await connection.execute(update(users).where(users.c.name == name).values(fresh))
            await connection.execute(delete(sessions).where(sessions.c.name == name))
        return await self._open(replace(user, must_change=False), address, "password.change")

    async def user(self, token: str) -> User | None:
        """Whose session it is; None: nobody's, or it has expired."""
        now, key = self._now(), _hash(token)
        query = select(users, sessions.c.seen_at_ms, sessions.c.began_at_ms).join(sessions)
        async with reading(self._engine, WHAT) as connection:
            row = (await connection.execute(query.where(sessions.c.token_hash == key))).mappings().first()
        if row is None or not row["is_active"]:
            return None
        since_seen, since_began = (now - row["seen_at_ms"]) / 1000, (now - row["began_at_ms"]) / 1000
        if since_seen >= self.lifetimes.idle or since_began >= self.lifetimes.longest:
            return None
        if since_seen >= SEEN_SECONDS:
            async with writing(self._engine, WHAT) as connection:
                await connection.execute(
                    update(sessions).where(sessions.c.token_hash == key).values(seen_at_ms=now)
                )  # fmt: skip
        return user_of(row)

    async def log_out(self, token: str, address: str) -> None:
        """Nothing happens where it is no session."""
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            gone = delete(sessions).where(sessions.c.token_hash == _hash(token)).returning(sessions.c.name)
            name = await connection.scalar(gone)
            if name:
                await append(connection, [(self._now(), Deed(name, "logout", name, address))])

    async def _right(self, name: str, password: str, address: str) -> User:
        """The user, if the password is theirs."""
        await self._count(name)
        async with reading(self._engine, WHAT) as connection:
            row = (await connection.execute(select(users).where(users.c.name == name))).mappings().first()
        fits = await self._passwords.fits(password, row["password_hash"] if row else "")
        if row is None or not fits or not row["is_active"]:
            # A name that nobody has may be a password in the wrong field: it is not written down.
            deed = Deed("", "login.refused", row["name"] if row else "", address)
            async with writing(self._engine, WHAT) as connection:
                await append(connection, [(self._now(), deed)])
            raise LoginWrong("name or password is wrong")
        return user_of(row)

    async def _count(self, name: str) -> None:
        """Count a wrong password; a right one takes it back."""
        now = self._now()
        async with writing(self._engine, WHAT) as connection:
            await add(connection, login_failures, [{"name": name, "failures": 0, "last_ms": now}])
            mine = login_failures.c.name == name
            # Also locks the row: whoever tries the same name waits for us here.
            lock = update(login_failures).where(mine).values(name=name)
            found = (await connection.execute(lock.returning(login_failures))).one()
            passed = (now - found.last_ms) / 1000
            failures = found.failures if passed < FORGET_SECONDS else 0
            wait = lock_seconds(failures) - passed
            if wait > 0:
                raise TooOften("too many wrong passwords for this name; try again later", wait)
            counted = {"failures": failures + 1, "last_ms": now}
            await connection.execute(update(login_failures).where(mine).values(counted))
            old = login_failures.c.last_ms < now - FORGET_SECONDS * 1000
            await connection.execute(delete(login_failures).where(old))

    async def _open(self, user: User, address: str, action: str) -> Opened:
        token, now = secrets.token_urlsafe(32), self._now()
        row = {
            "token_hash": _hash(token), "name": user.name, "began_at_ms": now, "seen_at_ms": now, "address": address,
        }  # fmt: skip
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            await connection.execute(delete(login_failures).where(login_failures.c.name == user.name))
            await self._sweep(connection, now)
            await connection.execute(insert(sessions), [row])
            await append(connection, [(now, Deed(user.name, action, user.name, address))])
        return Opened(user, token)

    async def _sweep(self, connection: AsyncConnection, now: int) -> None:
        is_idle = sessions.c.seen_at_ms < now - self.lifetimes.idle * 1000
        is_old = sessions.c.began_at_ms < now - self.lifetimes.longest * 1000
        await connection.execute(delete(sessions).where(or_(is_idle, is_old)))

    def _now(self) -> int:
        return to_ms(self._utc())


def _counted(name: str) -> str:
    name = name.strip().lower()
    return name if NAME.fullmatch(name) else NOBODY


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
