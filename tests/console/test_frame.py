"""Who gets to the console: log-in page, pages by role, the live connection by session and origin, and nothing more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from nicegui import ui
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ivr.console.frame import Frame, Place, Visitor
from ivr.console.login import login_router
from ivr.store.accounts import User
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords
from ivr.web.accounts import accounts_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import COOKIE, Door
from tests.databases import new_database

GOOD = "correct horse battery"
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


@dataclass
class House:
    http: httpx.AsyncClient
    store: SqlCallStore
    port: int

    async def log_in(self, name: str) -> str:
        """Their cookie."""
        answer = await self.http.post("/api/session", json={"name": name, "password": GOOD})
        return answer.raise_for_status().cookies[COOKIE]

    async def socket(self, origin: str | None, cookie: str = "") -> int:
        """Status of a try to open the live connection: 101 is open."""
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        try:
            async with connect(f"ws://127.0.0.1:{self.port}{SOCKET}", additional_headers=headers, origin=origin):  # type: ignore[arg-type]
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with open_store(new_database(folder / "a.db"), passwords=quick) as store:
        for name, role, stale in (("ann", "agent", False), ("sue", "supervisor", False), ("new", "agent", True)):
            await store.accounts.add(User(name, role, must_change=stale), GOOD, By("test", ""))  # type: ignore[arg-type]
        app, door = FastAPI(), Door("", store.sessions)
        answer_with_problems(app)
        app.include_router(accounts_router(store.accounts, store.sessions, door))
        app.include_router(login_router())
        frame = Frame(door)

        @frame.page(Place("/desk", ("Desk", "工作台"), "headset_mic", "desk.use"))
        async def desk(visitor: Visitor) -> None:
            ui.label(f"hello {visitor.user.name}")

        @frame.page(Place("/users", ("People", "人员"), "people", "users.change"))
        async def users(visitor: Visitor) -> None:
            ui.label("for few eyes")

        frame.serve(app)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            yield House(http, store, port)
        server.should_exit = True
        await serving


def run(tmp_path: Path, test: Callable[[House], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(60), house(tmp_path) as opened:
            await test(opened)

    asyncio.run(scenario())


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_page_and_back(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        answer = await house.http.get("/desk?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fdesk%3Fx%3D1")
        page = await house.http.get("/login")
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert (await house.http.get("/login/../../secrets")).status_code == 404
        await house.log_in("new")
        stale = await house.http.get("/desk")
        assert stale.headers["location"] == "/login?change=1&next=%2Fdesk"

    run(tmp_path, test)


def test_pages_are_shown_by_role_and_in_the_visitors_language(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.log_in("ann")
        desk = await house.http.get("/desk", headers={"Accept-Language": "zh-CN"})
        assert "hello ann" in desk.text
        assert "工作台" in desk.text
        assert "人员" not in desk.text
        assert "frame-ancestors 'none'" in desk.headers["content-security-policy"]
        assert desk.headers["cache-control"] == "no-store"
        refused = await house.http.get("/users")
        assert "for few eyes" not in refused.text
        assert "not for you" in refused.text

    run(tmp_path, test)


def test_the_live_connection_needs_a_session_and_a_page_of_ours(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        ours, cookie = f"http://127.0.0.1:{house.port}", await house.log_in("sue")
        assert await house.socket(ours, cookie) == 101
        assert await house.socket(ours) == 403
        assert await house.socket(ours, "made up") == 403
        assert await house.socket("https://elsewhere.example", cookie) == 403
        assert await house.socket(None, cookie) == 403
        await house.store.sessions.log_out(cookie, "")
        assert await house.socket(ours, cookie) == 403

    run(tmp_path, test)


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing"])
def test_other_paths_answer_as_if_there_were_no_console(tmp_path: Path, path: str) -> None:
    async def test(house: House) -> None:
        answer = await house.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "http.404")
        wrong = await house.http.put("/api/session", json={})
        assert wrong.status_code == 405

    run(tmp_path, test)
