"""The HTTP application, put together from collaborators that are already built. It builds nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import APIRouter, FastAPI

from ivr.web.calls import Archive, calls_router, recordings_router
from ivr.web.describing import describe_api
from ivr.web.health import Probe, health_router
from ivr.web.live import LiveCalls, live_router
from ivr.web.metrics import Meters, metrics_router
from ivr.web.problems import answer_with_problems
from ivr.web.security import Audit, Door, guard_with
from ivr.web.webhook_shapes import describe_webhooks

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    *,
    api_key: str,
    archive: Archive,
    audit: Audit,
    recordings: Path,
    meters: Meters,
    live: LiveCalls,
    probes: Mapping[str, Probe],
    routers: Sequence[APIRouter] = (),
    lifespan: Lifespan | None = None,
    version: str = "0",
    door: Door | None = None,
    reason_to_listen: bool = False,
) -> FastAPI:
    """
    Args:
        api_key: what `Authorization: Bearer` must carry; empty: the API answers 503 and says why.
        archive: where calls are read.
        audit: where every look is noted.
        recordings: the folder that `CallRecord.recording` is relative to (or inside of).
        probes: what must be ready before a call can be taken, by name.
        routers: what belongs to others: the telephone line, the example bank.
        lifespan: run around the serving of requests.
        version: of this program, for the description of the API.
        door: who gets in; left out: whoever has the key.
        reason_to_listen: recordings only to who says why.
    """
    app = FastAPI(title="A call centre that answers", version=version, lifespan=lifespan, docs_url=None, redoc_url=None)
    answer_with_problems(app)
    describe_api(app)
    door = door or guard_with(api_key)
    app.include_router(health_router(probes))
    app.include_router(metrics_router(meters))
    app.include_router(calls_router(archive, audit, door))
    app.include_router(recordings_router(archive, audit, door, recordings, reason_to_listen=reason_to_listen))
    for router in (live_router(live, audit, door), *routers):
        app.include_router(router)
    describe_webhooks(app)
    return app
