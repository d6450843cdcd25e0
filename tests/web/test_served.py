"""The application on a real socket: live events arrive while the stream is open, and stopping lets watchers go."""

import asyncio
from pathlib import Path

import httpx
import uvicorn

from ivr.store.calls import open_store
from ivr.web.app import create_app
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from tests.databases import new_database

KEY = {"Authorization": "Bearer k"}


class Announced(uvicorn.Server):
    """Says when it listens, so that nobody has to guess."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets=None)
        self.listening.set()

    @property
    def port(self) -> int:
        return int(self.servers[0].sockets[0].getsockname()[1])


def test_a_watcher_sees_a_call_while_it_happens_and_is_let_go_at_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        live = LiveCalls()
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            app = create_app(
                api_key="k", archive=store.archive, audit=store, recordings=tmp_path, meters=Meters(), live=live,
                probes={"database": store.ready},
            )  # fmt: skip
            server = Announced(uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="off"))
            serving = asyncio.create_task(server.serve())
            await server.listening.wait()
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=KEY) as http:
                assert (await http.get("/readyz")).status_code == 200
                await watch_a_call(http, live)
            server.should_exit = True
            await serving

    asyncio.run(run())


async def watch_a_call(http: httpx.AsyncClient, live: LiveCalls) -> None:
    seen: list[str] = []
    live.began("c1", flow="bank")
    async with http.stream("GET", "/api/live") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                seen.append(line.removeprefix("event: "))
            if line == "event: began":
                live.happened("heard", "c1", text="find a branch")
            if line == "event: heard":
                live.ended("c1")
            if line == "event: ended":
                live.close()
    assert seen == ["began", "heard", "ended"]
