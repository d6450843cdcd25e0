"""What the API tells about messages, and to whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from ivr.model.calls import Message
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.tables import audit
from ivr.web.messages import messages_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import guard_with
from tests.databases import new_database
from tests.store.samples import NOON, live_call

KEY = "a key nobody guesses"


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, SqlCallStore]]:
    async with open_store(new_database(folder / "ivr.db")) as store:
        app = FastAPI()
        answer_with_problems(app)
        app.include_router(messages_router(store.archive.messages, store, guard_with(KEY), folder))
        wire = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=wire, base_url="http://ivr") as http:
            await store.begin(live_call())
            yield http, store


def left(path: str, number: int = 1) -> Message:
    return Message(f"c1-{number}", "c1", "wish", NOON, 3.25, "please call me", path)


def test_a_message_is_listed_read_and_played_and_every_look_is_audited(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (http, store):
            (tmp_path / "c1-1.wav").write_bytes(b"RIFF")
            await store.keep_message(left("c1-1.wav"))
            headers = {"Authorization": f"Bearer {KEY}"}
            shape = {
                "message_id": "c1-1", "call_id": "c1", "name": "wish", "at": "2026-11-22T12:00:00.250000Z",
                "seconds": 3.25, "transcript": "please call me", "audio": "/api/messages/c1-1/audio",
            }  # fmt: skip
            listed = await http.get("/api/messages?call_id=c1", headers=headers)
            assert listed.json() == {"messages": [shape], "next": None}
            assert (await http.get("/api/messages/c1-1", headers=headers)).json() == shape
            sound = await http.get("/api/messages/c1-1/audio", headers=headers)
            assert (sound.status_code, sound.headers["content-type"], sound.content) == (200, "audio/wav", b"RIFF")
            engine = make_engine(database_url(new_database(tmp_path / "ivr.db")))
            async with engine.connect() as connection:
                looks = (
                    await connection.execute(select(audit.c.action, audit.c.subject).order_by(audit.c.number))
                ).all()
            await engine.dispose()
            assert [tuple(look) for look in looks] == [
                ("messages.list", "c1"), ("message.read", "c1-1"), ("message.audio", "c1-1"),
            ]  # fmt: skip

    asyncio.run(run())


@pytest.mark.parametrize("path", ["", "gone.wav", "../secret.wav"])
def test_sound_that_is_not_there_or_not_ours_is_a_problem(tmp_path: Path, path: str) -> None:
    async def run() -> None:
        async with served(tmp_path) as (http, store):
            (tmp_path.parent / "secret.wav").write_bytes(b"RIFF")
            await store.keep_message(left(path))
            answer = await http.get("/api/messages/c1-1/audio", headers={"Authorization": f"Bearer {KEY}"})
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/api/messages", "/api/messages/c1-1", "/api/messages/c1-1/audio"])
def test_nobody_reads_without_the_key(tmp_path: Path, path: str) -> None:
    async def run() -> None:
        async with served(tmp_path) as (http, _):
            assert (await http.get(path)).status_code == 401

    asyncio.run(run())
