"""Agents and queues over HTTP: who works, who waits and why; changes take effect at once and are noted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from ivr.model.routing import QueueSettings, WrapUp
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.routing import SqlRoutingBook
from ivr.store.tables import audit
from ivr.web.routing import routing_routers
from ivr.web.security import guard_with
from tests.databases import new_database
from tests.routing.fakes import Caller, House, opened
from tests.web.served import KEY, Served, served

ANN = {"name": "Ann", "skills": {"lang:en": 5, "card": 3}, "queues": [{"queue": "general", "priority": 2}]}


@dataclass
class Desk:
    house: House
    served: Served
    book: SqlRoutingBook

    async def send(self, method: str, path: str, **wish: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEY}"}
        return await self.served.http.request(method, f"/api/{path}", json=wish or None, headers=headers)

    async def answer(self, method: str, path: str, **wish: Any) -> dict[str, Any]:
        found = await self.send(method, path, **wish)
        assert found.status_code == 200, found.text
        body = found.json()
        assert isinstance(body, dict)
        return body


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    queues = (QueueSettings("general", join_empty=True), QueueSettings("owed", wrap_up=WrapUp("mandatory")))
    async with opened(*queues) as house, open_store(new_database(folder / "ivr.db"), node="desk") as store:
        routers = routing_routers(house.dispatcher, store.routing, store, guard_with(KEY))
        async with served(folder, routers=routers) as web:
            yield Desk(house, web, store.routing)


def at_a_desk(folder: Path, run: Callable[[Desk], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), desk(folder) as it:
            await run(it)

    asyncio.run(whole())


def test_an_agent_is_made_works_and_is_removed(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        made = await it.answer("PUT", "agents/ann", **ANN)
        assert (made["state"], made["queues"], made["skills"]) == (
            "offline", [{"queue": "general", "priority": 2, "delay_seconds": 0.0}], {"lang:en": 5, "card": 3},
        )  # fmt: skip
        assert [one.agent_id for one in await it.book.agents()] == ["ann"]
        assert (await it.answer("POST", "agents/ann/state", state="login"))["reason"] == "login"
        assert (await it.answer("POST", "agents/ann/state", state="available"))["state"] == "available"
        resting = await it.answer("POST", "agents/ann/state", state="break", reason="lunch")
        assert (resting["state"], resting["reason"]) == ("break", "lunch")
        assert (await it.send("POST", "agents/ann/heartbeat")).status_code == 204
        assert (await it.answer("POST", "agents/ann/state", state="offline"))["state"] == "offline"
        assert [one["agent_id"] for one in (await it.answer("GET", "agents"))["agents"]] == ["ann"]
        assert (await it.send("DELETE", "agents/ann")).status_code == 204
        assert (await it.send("GET", "agents/ann")).status_code == 404
        assert await it.book.agents() == ()

    at_a_desk(tmp_path, run)


def test_what_cannot_be_is_told_with_its_reason(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.answer("PUT", "agents/ann", **ANN)
        early = await it.send("POST", "agents/ann/wrap-up", disposition="resolved")
        assert (early.status_code, early.json()["code"]) == (409, "not_now")
        await it.answer("POST", "agents/ann/state", state="available")
        odd = await it.send("POST", "agents/ann/state", state="break", reason="beach")
        assert (odd.status_code, odd.json()["code"]) == (400, "bad_query")
        assert (await it.send("PUT", "agents/ann", skills={"card": 9})).status_code == 422
        assert (await it.send("PUT", "agents/..%2Fann", **ANN)).status_code in (404, 422)
        assert (await it.send("GET", "queues/nowhere")).status_code == 404
        assert (await it.send("GET", "queues/general/entries/e9/why")).status_code == 404
        assert (await it.served.http.get("/api/agents")).status_code == 401

    at_a_desk(tmp_path, run)


def test_a_supervisor_sees_who_waits_and_why_and_may_step_in(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.answer("PUT", "agents/ann", **{**ANN, "skills": {"lang:zh": 5}})
        await it.answer("POST", "agents/ann/state", state="available")
        it.house.join(Caller("c1", tier="gold"))
        await it.house.settle()
        (entry,) = (await it.answer("GET", "queues/general/entries"))["entries"]
        assert (entry["state"], entry["priority"], entry["position"], entry["tier"]) == ("waiting", 60, 1, "gold")
        why = await it.answer("GET", f"queues/general/entries/{entry['entry_id']}/why")
        assert why["agents"] == [{"agent_id": "ann", "excluded": "has not lang:en>=1"}]
        assert (why["steps"], why["next_step_in"]) == (["lang:en>=1"], None)
        assert (await it.send("GET", f"queues/owed/entries/{entry['entry_id']}/why")).status_code == 404
        changed = await it.answer("POST", f"queues/general/entries/{entry['entry_id']}/priority", priority=200)
        assert (changed["priority"], changed["emergency"]) == (200, False)
        pulled = await it.answer("POST", f"queues/general/entries/{entry['entry_id']}/pull", agent_id="ann")
        assert (pulled["state"], pulled["agent"]) == ("offered", "ann")
        (await it.house.phones.next()).accept()
        await it.house.tables.next()
        figures = await it.answer("GET", "queues/general")
        assert (figures["talking"], figures["answered"], figures["service_level"]) == (1, 1, 1.0)
        assert (figures["agents"], figures["waiting"], figures["is_open"]) == ({"on_call": 1}, 0, True)
        (entry,) = (await it.answer("GET", "queues/general/entries"))["entries"]
        assert (entry["state"], entry["agent"], entry["position"]) == ("connected", "ann", 0)

    at_a_desk(tmp_path, run)


def test_wrap_up_is_extended_once_and_ends_with_a_disposition_where_one_is_owed(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.answer("PUT", "agents/ann", **{**ANN, "queues": [{"queue": "owed"}]})
        await it.answer("POST", "agents/ann/state", state="available")
        joined = it.house.join(Caller("c1"), "owed")
        (await it.house.phones.next()).accept()
        (await it.house.tables.next()).ends("agent")
        await joined
        longer = await it.answer("POST", "agents/ann/wrap-up", extend_seconds=60.0)
        assert (longer["state"], longer["wrap_up_left"]) == ("wrap_up", 90.0)
        assert (await it.send("POST", "agents/ann/wrap-up", extend_seconds=60.0)).status_code == 409
        assert (await it.send("POST", "agents/ann/wrap-up", disposition="")).status_code == 400
        assert (await it.answer("POST", "agents/ann/wrap-up", disposition="resolved"))["state"] == "available"

    at_a_desk(tmp_path, run)


def test_who_changed_what_is_in_the_audit_and_the_routes_are_described(tmp_path: Path) -> None:
    async def run(it: Desk) -> None:
        await it.answer("PUT", "agents/ann", **ANN)
        await it.answer("POST", "agents/ann/state", state="available")
        await it.answer("GET", "queues/general/entries")
        engine = make_engine(database_url(new_database(tmp_path / "ivr.db")))
        async with engine.connect() as connection:
            noted = [(row.action, row.subject) for row in await connection.execute(select(audit))]
        await engine.dispose()
        assert noted == [("agent.keep", "ann"), ("agent.available", "ann"), ("queue.entries", "general")]
        described = (await it.served.http.get("/openapi.json")).json()["paths"]
        assert "/api/queues/{queue}/entries/{entry_id}/why" in described
        assert all(route["summary"] for path, routes in described.items() for route in routes.values()
                   if path.startswith(("/api/agents", "/api/queues")))  # fmt: skip
        assert [one["queue"] for one in (await it.answer("GET", "queues"))["queues"]] == ["general", "owed"]

    at_a_desk(tmp_path, run)
