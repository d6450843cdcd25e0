"""`/api/session`: log in, log out, who am I, a new password. `/api/users`: the people of the house, for admins."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from ivr.model.errors import TooOften
from ivr.model.roles import Role, permissions_of
from ivr.store.accounts import Accounts, User, UserChange
from ivr.store.flow_versions import By
from ivr.store.passwords import LONGEST, temporary_password
from ivr.store.sessions import Opened, Sessions, csrf_of
from ivr.web.knocks import Knocks
from ivr.web.origin import address_of, from_our_own_page, network_of
from ivr.web.security import COOKIE, Door, Reader

LOGINS_A_MINUTE = 20
"""From one network: an office that begins its day, and not somebody who tries names."""

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Login(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    password: Password


class NewPassword(BaseModel):
    old: Password
    new: Password


class NewUser(BaseModel):
    name: Annotated[str, Field(max_length=64)]
    role: Role
    shown_as: Annotated[str, Field(max_length=100)] = ""
    password: Password | None = None
    """Left out: one is made up and told once, in the answer."""


class ChangedUser(BaseModel):
    role: Role | None = None
    shown_as: Annotated[str, Field(max_length=100)] | None = None
    is_active: bool | None = None
    password: Password | None = None


class UserShape(BaseModel):
    name: str
    role: Role
    shown_as: str
    is_active: bool
    must_change: bool
    created_at: datetime


class FreshUser(UserShape):
    temporary_password: str = ""


class Me(BaseModel):
    name: str
    role: Role
    shown_as: str
    must_change: bool
    permissions: list[str]
    csrf: str
    """To be sent back in the header X-CSRF-Token with everything that changes something."""


def accounts_router(
    accounts: Accounts, sessions: Sessions, door: Door, *, is_secure: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> APIRouter:  # fmt: skip
    """
    Args:
        is_secure: browsers reach us over https only, so the cookie must not travel otherwise.
    """
    router = APIRouter()
    router.include_router(_session_router(sessions, door, is_secure, clock))
    router.include_router(_users_router(accounts, door))
    return router


def _session_router(sessions: Sessions, door: Door, is_secure: bool, clock: Callable[[], float]) -> APIRouter:
    router, knocks = APIRouter(prefix="/api/session", tags=["session"]), Knocks(LOGINS_A_MINUTE)

    def opened(request: Request, response: Response, found: Opened) -> Me:
        response.set_cookie(
            COOKIE, found.token, max_age=int(sessions.lifetimes.longest), httponly=True, samesite="lax",
            secure=is_secure or request.url.scheme == "https",
        )  # fmt: skip
        response.headers["Cache-Control"] = "no-store"
        return _me(found.user, found.token)

    def check_rate(request: Request) -> None:
        if not knocks.allows(network_of(request), clock()):
            raise TooOften("too many logins from your network; try again in a minute", 60.0)

    @router.post("")
    async def log_in(request: Request, response: Response, login: Login) -> Me:
        from_our_own_page(request, door.public_host)
        check_rate(request)
        return opened(request, response, await sessions.log_in(login.name, login.password, address_of(request)))

    @router.get("")
    async def who_am_i(request: Request, response: Response) -> Me:
        response.headers["Cache-Control"] = "no-store"
        return _me(await door.person(request, even_stale=True), request.cookies[COOKIE])

    @router.delete("", status_code=204)
    async def log_out(request: Request, response: Response) -> None:
        await door.person(request, even_stale=True)
        await sessions.log_out(request.cookies[COOKIE], address_of(request))
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")

    @router.post("/password")
    async def change_password(request: Request, response: Response, wish: NewPassword) -> Me:
        user = await door.person(request, even_stale=True)
        check_rate(request)
        found = await sessions.change_password(user.name, wish.old, wish.new, address_of(request))
        return opened(request, response, found)

    return router


def _users_router(accounts: Accounts, door: Door) -> APIRouter:
    router = APIRouter(prefix="/api/users", tags=["users"])
    Admin = Annotated[Reader, Depends(door.may("users.change"))]  # noqa: N806  a type, made here for its door

    @router.get("")
    async def list_users(reader: Admin) -> dict[str, list[UserShape]]:
        return {"users": [_shape(user) for user in await accounts.users()]}

    @router.post("", status_code=201)
    async def add_user(reader: Admin, response: Response, wish: NewUser) -> FreshUser:
        made_up = "" if wish.password else temporary_password(wish.name)
        user = User(wish.name, wish.role, wish.shown_as, must_change=True)
        found = await accounts.add(user, wish.password or made_up, _by(reader))
        response.headers["Cache-Control"] = "no-store"
        return FreshUser(**_fields(found), temporary_password=made_up)

    @router.patch("/{name}")
    async def change_user(reader: Admin, name: str, wish: ChangedUser) -> UserShape:
        change = UserChange(wish.role, wish.shown_as, wish.is_active, wish.password, must_change=name != reader.who)
        return _shape(await accounts.change(name, change, _by(reader)))

    @router.delete("/{name}", status_code=204)
    async def remove_user(reader: Admin, name: str) -> None:
        await accounts.remove(name, _by(reader))

    return router


def _by(reader: Reader) -> By:
    return By(reader.who, reader.address)


def _me(user: User, token: str) -> Me:
    return Me(
        name=user.name, role=user.role, shown_as=user.shown_as or user.name, must_change=user.must_change,
        permissions=list(permissions_of(user.role)), csrf=csrf_of(token),
    )  # fmt: skip


def _shape(user: User) -> UserShape:
    return UserShape(**_fields(user))


def _fields(user: User) -> dict[str, Any]:
    return {
        "name": user.name, "role": user.role, "shown_as": user.shown_as or user.name, "is_active": user.is_active,
        "must_change": user.must_change, "created_at": user.created_at,
    }  # fmt: skip
