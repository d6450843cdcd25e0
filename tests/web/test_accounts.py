"""Logging in over HTTP, what each role may do, requests from other sites, users, and the audit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, Request

from ivr.model.roles import ROLES, Role, permissions_of
from ivr.store.accounts import User
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords
from ivr.web.accounts import LOGINS_A_MINUTE, accounts_router
from ivr.web.app import create_app
from ivr.web.audit import audit_router
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.web.origin import network_of
from ivr.web.security import COOKIE, Door
from tests.databases import new_database
from tests.store.samples import ended_call

KEY, GOOD = "a key nobody guesses", "correct horse battery"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


@dataclass
class Office:
    http: httpx.AsyncClient
    store: SqlCallStore
    now: list[float] = field(default_factory=lambda: [0.0])

    async def log_in(self, name: str, password: str = GOOD) -> dict[str, str]:
        """The headers of a page of ours that somebody has logged in on."""
        self.now[0] += 60.0
        answer = await self.http.post("/api/session", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        self.http.cookies.clear()
        return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}", "X-CSRF-Token": answer.json()["csrf"]}


@asynccontextmanager
async def office(folder: Path, *, key: str = KEY, is_secure: bool = False) -> AsyncIterator[Office]:
    """A person for each role, named as the role; one finished call."""
    quick = Passwords(PasswordHasher(1, 8, 1))
    async with open_store(new_database(folder / "ivr.db"), passwords=quick) as store:
        for role in ROLES:
            await store.accounts.add(User(role, role), GOOD, By("test"))
        await store.finish(ended_call("c1", recording=""))
        door, now = Door(key, store.sessions, "public.test"), [0.0]
        app = create_app(
            api_key=key, archive=store.archive, audit=store, recordings=folder, meters=Meters(), live=LiveCalls(),
            probes={}, door=door, routers=[
                accounts_router(store.accounts, store.sessions, door, is_secure=is_secure, clock=lambda: now[0]),
                audit_router(store.audit, store, door),
                try_out(door),
            ],
        )  # fmt: skip
        wire = httpx.ASGITransport(app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=wire, base_url="http://ivr.test") as http:
            yield Office(http, store, now)


def try_out(door: Door) -> APIRouter:
    """A route for each way to ask for somebody."""
    router = APIRouter(prefix="/try")
    router.add_api_route("/admins", lambda: {}, dependencies=[Depends(door)])
    router.add_api_route("/trainers", lambda: {}, dependencies=[Depends(door.person_with("trainer", "analyst"))])
    router.add_api_route("/change", lambda: {}, methods=["POST"], dependencies=[Depends(door.may("queues.read"))])
    return router


def with_office(folder: Path, act: Callable[[Office], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with office(folder, **more) as opened:
            await act(opened)

    asyncio.run(run())


def test_logging_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        answer = await it.http.post("/api/session", json={"name": "trainer", "password": GOOD})
        me = answer.json()
        assert (me["name"], me["role"], me["must_change"]) == ("trainer", "trainer", False)
        assert me["permissions"] == list(permissions_of("trainer"))
        cookie = answer.headers["set-cookie"].lower()
        assert "; httponly" in cookie
        assert "; samesite=lax" in cookie
        assert "; path=/" in cookie
        assert "; secure" not in cookie
        assert answer.headers["cache-control"] == "no-store"
        again = await it.http.get("/api/session")
        assert again.json() == me

    with_office(tmp_path, act)


def test_over_https_the_cookie_never_travels_in_the_open(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        answer = await it.http.post("/api/session", json={"name": "trainer", "password": GOOD})
        assert "; secure" in answer.headers["set-cookie"].lower()

    with_office(tmp_path, act, is_secure=True)


def test_a_wrong_login_says_the_same_whatever_was_wrong(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        told = []
        for name, password in (("trainer", "wrong one, surely"), ("nobody", GOOD)):
            answer = await it.http.post("/api/session", json={"name": name, "password": password})
            assert "set-cookie" not in answer.headers
            told.append((answer.status_code, answer.json()))
        assert told[0] == told[1]
        assert (told[0][0], told[0][1]["code"]) == (401, "not_allowed.login")

    with_office(tmp_path, act)


def test_too_many_logins_from_one_network_have_to_wait(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        wishes = [{"name": f"name{number}", "password": "x"} for number in range(LOGINS_A_MINUTE + 1)]
        answers = [await it.http.post("/api/session", json=wish) for wish in wishes]
        assert [answer.status_code for answer in answers] == [401] * LOGINS_A_MINUTE + [429]
        assert answers[-1].headers["retry-after"] == "60"

    with_office(tmp_path, act)


def test_a_locked_name_is_told_when_to_come_back(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        wish = {"name": "trainer", "password": "wrong one, surely"}
        answers = [await it.http.post("/api/session", json=wish) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert 25 < int(answers[-1].headers["retry-after"]) <= 30

    with_office(tmp_path, act)


ROUTES: dict[str, tuple[str, ...]] = {
    "/api/calls": ("supervisor", "trainer", "auditor", "admin"),
    "/api/calls/c1": ("supervisor", "trainer", "admin"),
    "/api/calls/c1/journal": ("supervisor", "trainer", "admin"),
    "/api/users": ("admin",),
    "/api/audit": ("auditor", "admin"),
    "/api/audit/verdict": ("auditor", "admin"),
    "/try/admins": ("admin",),
    "/try/trainers": ("trainer", "analyst"),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_is_its_own_and_nothing_else(tmp_path: Path, role: Role) -> None:
    async def act(it: Office) -> None:
        headers = await it.log_in(role)
        for path, roles in ROUTES.items():
            answer = await it.http.get(path, headers=headers)
            assert answer.status_code == (200 if role in roles else 403), path
        last = (await it.http.get("/api/calls/c1", headers=WITH_KEY)).status_code
        assert last == 200
        looks = (await it.http.get("/api/audit", headers=WITH_KEY, params={"who": role, "action": "call."})).json()
        expected = ["call.journal", "call.read"] if role in ROUTES["/api/calls/c1"] else []
        assert [entry["action"] for entry in looks["entries"]] == expected

    with_office(tmp_path, act)


def test_the_key_opens_everything_and_a_wrong_key_is_not_helped_by_a_cookie(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        for path in ROUTES:
            assert (await it.http.get(path, headers=WITH_KEY)).status_code == 200
        cookie = await it.log_in("admin")
        wrong = {**cookie, "Authorization": "Bearer wrong"}
        assert (await it.http.get("/api/users", headers=wrong)).status_code == 401

    with_office(tmp_path, act)


def test_without_a_key_people_still_get_in_and_nobody_else(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        assert (await it.http.get("/api/users")).status_code == 503
        assert (await it.http.get("/api/users", headers={"Authorization": "Bearer "})).status_code == 503
        assert (await it.http.get("/api/users", headers=await it.log_in("admin"))).status_code == 200

    with_office(tmp_path, act, key="")


def test_a_cookie_that_is_nobodys_opens_nothing(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        for value in ("guessed", "", "\x80"):
            cookie = {b"Cookie": f"{COOKIE}={value}".encode("latin-1")}
            answer = await it.http.get("/api/users", headers=cookie)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed.login_needed")

    with_office(tmp_path, act)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 200),
        ({"Origin": "http://ivr.test", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://public.test"}, 200),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": ""}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
    ],
)
def test_what_changes_something_must_come_from_our_own_page(tmp_path: Path, more: dict[str, str], status: int) -> None:
    async def act(it: Office) -> None:
        headers = {**await it.log_in("agent"), **more}
        answer = await it.http.post("/try/change", headers=headers)
        assert answer.status_code == status, answer.text
        # A program with the key has no cookie that another site could use.
        assert (await it.http.post("/try/change", headers=WITH_KEY)).status_code == 200

    with_office(tmp_path, act)


def test_nobody_is_logged_in_by_another_site(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        wish, headers = {"name": "agent", "password": GOOD}, {"Origin": "https://evil.test"}
        assert (await it.http.post("/api/session", json=wish, headers=headers)).status_code == 403

    with_office(tmp_path, act)


def test_logging_out_needs_the_token_and_ends_it(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        headers = await it.log_in("agent")
        assert (await it.http.delete("/api/session", headers={"Cookie": headers["Cookie"]})).status_code == 403
        answer = await it.http.delete("/api/session", headers=headers)
        assert answer.status_code == 204
        assert f'{COOKIE}=""' in answer.headers["set-cookie"]
        assert (await it.http.get("/api/session", headers=headers)).status_code == 401

    with_office(tmp_path, act)


def test_a_new_user_gets_a_password_once_and_must_change_it_before_anything_else(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        admin = await it.log_in("admin")
        wish = {"name": "bob", "role": "trainer", "shown_as": "Bob B."}
        made = await it.http.post("/api/users", json=wish, headers=admin)
        assert made.status_code == 201
        given = made.json()["temporary_password"]
        listed = (await it.http.get("/api/users", headers=admin)).json()["users"]
        bob = next(user for user in listed if user["name"] == "bob")
        assert (bob["role"], bob["shown_as"], bob["must_change"], "password" in str(bob)) == (
            "trainer", "Bob B.", True, False,
        )  # fmt: skip
        headers = await it.log_in("bob", given)
        refused = await it.http.get("/api/calls", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed.change_password")
        assert (await it.http.get("/api/session", headers=headers)).json()["must_change"]
        new = {"old": given, "new": "a whole new sentence"}
        changed = await it.http.post("/api/session/password", json=new, headers=headers)
        assert (changed.status_code, changed.json()["must_change"]) == (200, False)
        assert (await it.http.get("/api/session", headers=headers)).status_code == 401
        fresh = await it.log_in("bob", "a whole new sentence")
        assert (await it.http.get("/api/calls", headers=fresh)).status_code == 200

    with_office(tmp_path, act)


def test_users_are_changed_and_removed_and_all_of_it_is_in_the_audit(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        admin = await it.log_in("admin")
        changed = await it.http.patch("/api/users/agent", json={"role": "supervisor"}, headers=admin)
        assert (changed.status_code, changed.json()["role"]) == (200, "supervisor")
        assert (await it.http.delete("/api/users/analyst", headers=admin)).status_code == 204
        assert (await it.http.delete("/api/users/analyst", headers=admin)).status_code == 404
        assert (await it.http.delete("/api/users/admin", headers=admin)).status_code == 400
        assert (await it.http.patch("/api/users/agent", json={"role": "boss"}, headers=admin)).status_code == 422
        assert (
            await it.http.post("/api/users", json={"name": "agent", "role": "agent"}, headers=admin)
        ).status_code == 400
        found = (await it.http.get("/api/audit", params={"action": "user."}, headers=admin)).json()["entries"]
        told = [(entry["who"], entry["action"], entry["subject"], entry["detail"]) for entry in found[:2]]
        assert told == [
            ("admin", "user.remove", "analyst", {"role": "analyst"}),
            ("admin", "user.change", "agent", {"role": "supervisor"}),
        ]  # fmt: skip
        assert found[0]["address"] == "192.0.2.1"

    with_office(tmp_path, act)


def test_the_audit_is_paged_verified_and_reading_it_is_in_it(tmp_path: Path) -> None:
    async def act(it: Office) -> None:
        auditor = await it.log_in("auditor")
        first = (await it.http.get("/api/audit", params={"limit": 3}, headers=auditor)).json()
        assert first["entries"][0]["action"] == "audit.list"
        second = (await it.http.get("/api/audit", params={"before": first["before"]}, headers=auditor)).json()
        assert second["before"] is None
        numbers = [entry["number"] for entry in (*first["entries"], *second["entries"])]
        assert numbers == list(range(len(numbers), 0, -1))
        verdict = (await it.http.get("/api/audit/verdict", headers=auditor)).json()
        assert (verdict["is_whole"], verdict["broken"]) == (True, None)
        assert verdict["entries"] == len(numbers) + 2
        assert (await it.http.get("/api/audit", params={"limit": 0}, headers=auditor)).status_code == 422

    with_office(tmp_path, act)


@pytest.mark.parametrize(
    ("host", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::/64"), ("2001:db8::ffff:1", "2001:db8::/64"), ("x", "x")],
)
def test_an_ipv6_network_counts_as_one(host: str, network: str) -> None:
    assert network_of(Request({"type": "http", "client": (host, 1)})) == network
