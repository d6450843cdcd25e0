"""The real application over a real store, asked without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ivr.store.calls import SqlCallStore, open_store
from ivr.web.app import create_app
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from tests.databases import new_database

KEY = "a key nobody guesses"


@dataclass
class Served:
    http: httpx.AsyncClient
    store: SqlCallStore
    meters: Meters
    live: LiveCalls
    folder: Path

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """With the key."""
        return await self.http.get(path, headers={"Authorization": f"Bearer {KEY}"}, **more)


@asynccontextmanager
async def served(folder: Path, api_key: str = KEY, **more: Any) -> AsyncIterator[Served]:
    meters, live = Meters(), LiveCalls()
    async with open_store(new_database(folder / "ivr.db"), on_trouble=meters.store_trouble) as store:
        more.setdefault("probes", {"database": store.ready})
        app = create_app(
            api_key=api_key, archive=store.archive, audit=store, recordings=folder, meters=meters, live=live, **more
        )
        wire = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=wire, base_url="http://ivr") as http:
            yield Served(http, store, meters, live, folder)
