"""Errors that no client sees, and those that tell it when to come back."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from ivr.model.errors import StoreError
from ivr.web.problems import answer_with_problems


def app_that_reads() -> FastAPI:
    app = FastAPI()
    answer_with_problems(app)

    @app.post("/read")
    async def read(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/away")
    async def away() -> None:
        raise StoreError("away")

    return app


def test_a_client_that_hangs_up_in_the_middle_of_its_request_is_no_error_of_ours() -> None:
    sent = list[MutableMapping[str, Any]]()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/read", "raw_path": b"/read", "query_string": b"", "headers": [], "client": ("test", 1),
        "server": ("test", 80), "root_path": "",
    }  # fmt: skip
    asyncio.run(app_that_reads()(scope, receive, send))
    assert [message.get("status") for message in sent if message["type"] == "http.response.start"] == [499]


def test_while_the_database_is_away_it_is_told_when_to_come_back() -> None:
    answer = TestClient(app_that_reads()).get("/away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
