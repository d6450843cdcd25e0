"""Forgetting a caller over HTTP, and what must not be forgotten: who may, what is answered, what is refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.retention import erase_recording
from ivr.web.erasures import erasures_router, sound_erasure_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import guard_with
from tests.databases import new_database
from tests.store.samples import ended_call

KEY = "a key nobody guesses"
CALLER = "+8613800000001"
WISH = {"number": CALLER, "reason": "they asked for it"}


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, SqlCallStore]]:
    async with open_store(new_database(folder / "ivr.db")) as store:
        await store.finish(ended_call("c1", recording=""))
        app = FastAPI()
        answer_with_problems(app)
        eraser = partial(erase_recording, folder=folder, records=store.archive, mentions=store)
        app.include_router(erasures_router(store.erasures(folder, KEY), store.holds, store, guard_with(KEY)))
        app.include_router(sound_erasure_router(eraser, store, guard_with(KEY)))
        wire, key = httpx.ASGITransport(app), {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(transport=wire, base_url="http://ivr.test", headers=key) as http:
            yield http, store


def with_server(folder: Path, act: Callable[[httpx.AsyncClient, SqlCallStore], Awaitable[None]]) -> None:
    async def run() -> None:
        async with served(folder) as (http, store):
            await act(http, store)

    asyncio.run(run())


def test_the_answer_to_an_erasure_is_its_certificate_and_it_can_be_read_again(tmp_path: Path) -> None:
    async def act(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        answer = await http.post("/api/erasures", json=WISH)
        assert answer.status_code == 201
        certificate = answer.json()
        assert (certificate["erased"]["calls"], certificate["is_complete"]) == (1, True)
        assert certificate["reason"] == "they asked for it"
        again = await http.get(f"/api/erasures/{certificate['erasure_id']}")
        assert (again.status_code, again.json()) == (200, certificate)
        assert (await http.get("/api/erasures/none")).status_code == 404
        assert (await store.archive.call("c1")).caller != CALLER
        noted = [(entry.deed.action, entry.deed.subject) for entry in await store.audit.page(AuditFilter())]
        assert noted == [("erasure.read", certificate["erasure_id"]), ("caller.erase", certificate["erasure_id"])]

    with_server(tmp_path, act)


def test_a_hold_is_put_listed_obeyed_and_lifted(tmp_path: Path) -> None:
    async def act(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        put = await http.post("/api/holds", json={"subject": CALLER, "reason": "fraud case 7"})
        assert (put.status_code, put.json()["reason"]) == (201, "fraud case 7")
        assert [one["subject"] for one in (await http.get("/api/holds")).json()["holds"]] == [CALLER]
        kept = (await http.post("/api/erasures", json=WISH)).json()["kept"]
        assert kept[0] == {"call_id": "c1", "because": "legal_hold", "reason": "fraud case 7"}
        assert [one["because"] for one in kept] == ["legal_hold", "legal_hold"]  # the call, and what is known of them
        assert (await http.delete(f"/api/holds/{CALLER}")).status_code == 204
        assert (await http.delete(f"/api/holds/{CALLER}")).status_code == 404
        assert (await http.post("/api/erasures", json=WISH)).json()["erased"]["calls"] == 1

    with_server(tmp_path, act)


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/api/erasures", {"number": "0101", "reason": "they asked for it"}),
        ("/api/erasures", {"number": CALLER, "reason": ""}),
        ("/api/erasures", {"number": CALLER}),
        ("/api/holds", {"subject": "", "reason": "fraud case 7"}),
    ],
)
def test_without_a_number_and_a_reason_nothing_is_done(tmp_path: Path, path: str, wish: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        assert (await http.post(path, json=wish)).status_code in (400, 422)
        assert (await store.archive.call("c1")).caller == CALLER
        assert await store.audit.page(AuditFilter()) == ()

    with_server(tmp_path, act)


def test_nobody_erases_without_the_key(tmp_path: Path) -> None:
    async def act(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        http.headers.pop("authorization")
        assert (await http.post("/api/erasures", json=WISH)).status_code == 401
        assert (await http.get("/api/holds")).status_code == 401
        assert (await store.archive.call("c1")).caller == CALLER

    with_server(tmp_path, act)


def test_one_recording_is_deleted_with_a_reason_and_never_under_a_hold(tmp_path: Path) -> None:
    async def act(http: httpx.AsyncClient, store: SqlCallStore) -> None:
        (tmp_path / "c2.wav").write_bytes(b"RIFF")
        await store.finish(ended_call("c2", recording="c2.wav"))
        sound, why = "/api/calls/c2/recording", {"reason": "they asked for it"}
        assert (await http.delete(sound)).status_code in (400, 422)
        await http.post("/api/holds", json={"subject": CALLER, "reason": "fraud case 7"})
        assert (await http.delete(sound, params=why)).status_code == 409
        assert (tmp_path / "c2.wav").exists()
        await http.delete(f"/api/holds/{CALLER}")
        assert (await http.delete(sound, params=why)).status_code == 204
        assert not (tmp_path / "c2.wav").exists()
        assert (await store.archive.call("c2")).recording == ""
        noted = await store.audit.page(AuditFilter(action="call.erase_recording"))
        assert [(entry.deed.subject, entry.deed.detail) for entry in noted] == [("c2", why)] * 2
        assert (await http.delete("/api/calls/none/recording", params=why)).status_code == 404

    with_server(tmp_path, act)
