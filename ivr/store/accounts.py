"""The people of the house: who they are, their role, and the hash of their password.

Every change is in the audit, in the same transaction.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ivr.model.audit import Deed, Detail
from ivr.model.errors import BadQuery, NotThere
from ivr.model.roles import ROLES, Role
from ivr.store.account_tables import login_failures, sessions, users
from ivr.store.audit import append, hold
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords, check_password
from ivr.store.reach import reading, writing
from ivr.store.rows import from_ms, to_ms

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
"""No colon: `key:…` is an API key, `user@host` a command line."""

WHAT = "the accounts"


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    shown_as: str = ""
    """As colleagues and callers may read it; empty: the name."""

    is_active: bool = True
    must_change: bool = False
    """The password was given by somebody else."""

    created_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UserChange:
    """None: as it was."""

    role: Role | None = None
    shown_as: str | None = None
    is_active: bool | None = None
    password: str | None = None
    must_change: bool = True
    """Whether a new password is to be changed at the next login."""


class Accounts:
    """Raises `StoreError` where the database is away."""

    def __init__(
        self, engine: AsyncEngine, passwords: Passwords, utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._passwords = passwords
        self._utc = utc

    async def users(self) -> tuple[User, ...]:
        """All, by name."""
        async with reading(self._engine, WHAT) as connection:
            rows = (await connection.execute(select(users).order_by(users.c.name))).mappings()
            return tuple(user_of(row) for row in rows)

    async def user(self, name: str) -> User:
        """
        Raises:
            NotThere: nobody has that name.
        """
        async with reading(self._engine, WHAT) as connection:
            return await _user(connection, name)

    async def add(self, user: User, password: str, by: By) -> User:
        """
        Raises:
            BadQuery: the name, the role or the password will not do, or the name is taken.
        """
        _check_name(user.name)
        _check_role(user.role)
        check_password(password, user.name)
        kept = await self._passwords.hashed(password)
        now = to_ms(self._utc())
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            if await connection.scalar(select(users.c.name).where(users.c.name == user.name)):
                raise BadQuery(f"there is a user {user.name} already; choose another name")
            row = {
                "name": user.name, "shown_as": user.shown_as, "role": user.role, "password_hash": kept,
                "must_change": user.must_change, "is_active": user.is_active, "created_at_ms": now,
                "changed_at_ms": now,
            }  # fmt: skip
            await connection.execute(insert(users), [row])
            await self._note(connection, by, "user.add", user.name, {"role": user.role})
            return await _user(connection, user.name)

    async def change(self, name: str, change: UserChange, by: By) -> User:
        """What is told of in the audit; a new role or password, or none at all any more, ends their sessions.

        Raises:
            NotThere: nobody has that name.
            BadQuery: the role or password will not do, or nobody could administer this server any more.
        """
        new = {"shown_as": change.shown_as, "role": change.role, "is_active": change.is_active}
        fresh: dict[str, Any] = {field: value for field, value in new.items() if value is not None}
        if change.role is not None:
            _check_role(change.role)
        if change.password is not None:
            check_password(change.password, name)
            fresh |= {
                "password_hash": await self._passwords.hashed(change.password), "must_change": change.must_change,
            }  # fmt: skip
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            before = await _user(connection, name)
            changed = {"changed_at_ms": to_ms(self._utc()), **fresh}
            await connection.execute(update(users).where(users.c.name == name).values(changed))
            after = await _user(connection, name)
            if before.role == "admin" and before.is_active and not (after.role == "admin" and after.is_active):
                await self._keep_an_admin(connection)
            if change.password is not None or (before.role, before.is_active) != (after.role, after.is_active):
                await connection.execute(delete(sessions).where(sessions.c.name == name))
            if change.password is not None:
                await connection.execute(delete(login_failures).where(login_failures.c.name == name))
            await self._note(connection, by, "user.change", name, _told(change))
            return after

    async def remove(self, name: str, by: By) -> None:
        """
        Raises:
            NotThere: nobody has that name.
            BadQuery: nobody could administer this server any more.
        """
        async with writing(self._engine, WHAT) as connection:
            await hold(connection)
            user = await _user(connection, name)
            await connection.execute(delete(sessions).where(sessions.c.name == name))
            await connection.execute(delete(users).where(users.c.name == name))
            if user.role == "admin" and user.is_active:
                await self._keep_an_admin(connection)
            await self._note(connection, by, "user.remove", name, {"role": user.role})

    async def _keep_an_admin(self, connection: AsyncConnection) -> None:
        left = select(func.count()).select_from(users).where(users.c.role == "admin", users.c.is_active)
        if not await connection.scalar(left):
            raise BadQuery("this is the last administrator; make somebody else one first")

    async def _note(self, connection: AsyncConnection, by: By, action: str, name: str, detail: Detail) -> None:
        deed = Deed(by.who, action, name, by.address, detail)
        await append(connection, [(to_ms(self._utc()), deed)])


def user_of(row: Mapping[Any, Any]) -> User:
    return User(
        row["name"], cast(Role, row["role"]), row["shown_as"], row["is_active"], row["must_change"],
        from_ms(row["created_at_ms"]),
    )  # fmt: skip


def _told(change: UserChange) -> Detail:
    """What changed, for the audit. Never the password."""
    told: dict[str, str | int | bool] = {}
    if change.role is not None:
        told["role"] = change.role
    if change.is_active is not None:
        told["is_active"] = change.is_active
    if change.shown_as is not None:
        told["shown_as"] = change.shown_as
    if change.password is not None:
        told["password"] = "changed"
    return told


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadQuery("a name has 2 to 64 of a-z, 0-9, dot, dash and underscore, and begins with a letter or digit")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadQuery(f"there is no role {role!r}; there are: {', '.join(ROLES)}")


async def _user(connection: AsyncConnection, name: str) -> User:
    row = (await connection.execute(select(users).where(users.c.name == name))).mappings().first()
    if row is None:
        raise NotThere(f"there is no user {name!r}; see: ivr users list")
    return user_of(row)
