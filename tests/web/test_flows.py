"""Flows over HTTP: published, rolled back and tried on a share of calls, by whoever holds the key, and noted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from ivr.config import Config
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import audit
from ivr.web.flows import flows_router
from ivr.web.security import guard_with
from ivr.wiring.flows import FlowShelf
from ivr.wiring.publishing import PublishedFlows
from ivr.wiring.versions import FlowDesk
from tests.databases import new_database
from tests.web.served import KEY, Served, served
from tests.wiring.kit import FLOW, config, edit, text


@dataclass
class Publishing:
    settings: Config
    store: SqlCallStore
    flows: PublishedFlows
    served: Served

    async def post(self, what: str, flow: str = FLOW, **wish: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEY}"}
        return await self.served.http.post(f"/api/flows/{flow}/{what}", json=wish, headers=headers)


@asynccontextmanager
async def publishing(folder: Path) -> AsyncIterator[Publishing]:
    settings = config(folder)
    async with open_store(new_database(settings.store.path)) as store:
        flows = PublishedFlows(FlowShelf(settings), store.flows)
        await flows.load()
        router = flows_router(store.flows, FlowDesk(settings, store.flows), flows, guard_with(KEY))
        async with served(folder, routers=[router]) as http:
            yield Publishing(settings, store, flows, http)


def with_publishing(folder: Path, run: Callable[[Publishing], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with publishing(folder) as it:
            await run(it)

    asyncio.run(opened())


def test_what_is_published_over_http_is_served_once_the_server_has_taken_it_up(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        folder = it.flows.served()[FLOW]
        (listed,) = (await it.served.get("/api/flows")).json()["flows"]
        assert (listed["served"], listed["published"], listed["live"]) == (folder, False, "")
        version = edit(it.settings, text("ten")).version
        answer = (await it.post("publish", note="summer")).json()
        assert (answer["live"], answer["served"]) == (version, folder)
        await it.flows.look()
        (listed,) = (await it.served.get("/api/flows")).json()["flows"]
        assert (listed["served"], listed["published"], listed["live"]) == (version, True, version)
        about = (await it.served.get(f"/api/flows/{FLOW}/versions")).json()
        assert [(one["version"], one["note"]) for one in about["versions"]] == [(version, "summer")]
        assert [(one["action"], one["who"].split(":")[0]) for one in about["history"]] == [("publish_untested", "key")]

    with_publishing(tmp_path, run)


def test_rollback_and_canary_answer_with_what_is_live_now(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        first, second = edit(it.settings, text("nine")).version, ""
        await it.post("publish")
        second = edit(it.settings, text("ten")).version
        await it.post("publish")
        back = (await it.post("rollback")).json()
        assert (back["live"], back["previous"]) == (first, second)
        tried = (await it.post("canary", version=second[:6], share=0.25)).json()
        assert (tried["live"], tried["canary"], tried["share"]) == (first, second, 0.25)
        assert (await it.post("canary")).json()["canary"] == ""

    with_publishing(tmp_path, run)


def test_a_broken_draft_is_refused_with_its_line_and_nothing_changes(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        (it.settings.flows.folder / f"{FLOW}.yaml").write_text(text().replace("then: what", "then: nowhere"))
        answer = await it.post("publish")
        assert answer.status_code == 422
        assert "hours.yaml:7: error: step 'greet'" in answer.json()["detail"]
        assert await it.store.flows.live() == {}

    with_publishing(tmp_path, run)


def test_a_draft_whose_conversations_go_differently_is_refused_unless_that_is_wanted_and_noted(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        tests = it.settings.flows.folder / "shop" / "tests" / "hours.yaml"
        tests.parent.mkdir()
        talk = '[{ bot: Welcome to the shop. }, { press: "1" }, { bot: We open at nine. }]'
        tests.write_text(f"flow: hours.yaml\nconversations: [{{ name: hours, talk: {talk} }}]\n")
        version = edit(it.settings, text("ten")).version
        for what in ({}, {"canary": True}):
            answer = await it.post("canary" if what else "publish", version="draft")
            assert (answer.status_code, answer.json()["code"]) == (422, "flow.conversations")
            assert "tests/hours.yaml:2: hours: expected to hear 'We open at nine.'" in answer.json()["detail"]
        assert await it.store.flows.live() == {}
        assert (await it.post("publish", untested=True)).json()["live"] == version
        edit(it.settings, text("nine"))
        assert (await it.post("canary", version="draft", share=0.5)).status_code == 200
        history = await it.store.flows.history(FLOW)
        assert [change.action for change in history] == ["canary", "publish_untested"]
        engine = make_engine(database_url(new_database(it.settings.store.path)))
        async with engine.connect() as connection:
            noted = (await connection.execute(select(audit.c.action).order_by(audit.c.number))).scalars().all()
        await engine.dispose()
        # What was refused changed nothing, so there is nothing of it to note.
        assert noted == ["flow.publish_untested", "flow.canary"]

    with_publishing(tmp_path, run)


def test_names_lead_nowhere_but_into_the_folder_of_flows(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        for name in ("%2e%2e/%2e%2e/etc/passwd", "shop/..%2f..%2fconfig", "/etc/passwd"):
            assert (await it.post("publish", name)).status_code == 404
        assert (await it.post("rollback")).status_code == 404
        assert (await it.post("canary", version="draft", share=2)).status_code == 400

    with_publishing(tmp_path, run)


def test_nobody_publishes_without_the_key_and_everybody_who_does_is_noted(tmp_path: Path) -> None:
    async def run(it: Publishing) -> None:
        for what in ("publish", "rollback", "canary"):
            assert (await it.served.http.post(f"/api/flows/{FLOW}/{what}", json={})).status_code == 401
        assert (await it.served.http.get("/api/flows")).status_code == 401
        await it.post("publish")
        engine = make_engine(database_url(new_database(it.settings.store.path)))
        async with engine.connect() as connection:
            noted = (await connection.execute(select(audit.c.action, audit.c.subject))).all()
        await engine.dispose()
        assert [tuple(row) for row in noted] == [("flow.publish_untested", FLOW)]

    with_publishing(tmp_path, run)
