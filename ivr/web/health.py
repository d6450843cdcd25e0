"""`/healthz`: the program is alive. `/readyz`: it can take a call now; if not, what is missing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse

PROBE_SECONDS = 2.0
"""Longest a probe may take; one that takes longer is not ready."""

Probe = Callable[[], Awaitable[str]]
"""Empty when ready, else why not, in words for the one who runs the server."""

log = structlog.get_logger(__name__)


def health_router(probes: Mapping[str, Probe], timeout_seconds: float = PROBE_SECONDS) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        reasons = await asyncio.gather(*(_ask(name, probe, timeout_seconds) for name, probe in probes.items()))
        missing = [{"what": name, "why": why} for name, why in zip(probes, reasons, strict=True) if why]
        content = {"status": "not ready" if missing else "ready", "checked": list(probes), "not_ready": missing}
        return JSONResponse(content, 503 if missing else 200)

    return router


async def _ask(name: str, probe: Probe, timeout_seconds: float) -> str:
    try:
        return await asyncio.wait_for(probe(), timeout_seconds)
    except TimeoutError:
        return f"no answer within {timeout_seconds:g} s"
    except Exception as error:
        log.warning("readiness_probe_failed", what=name, exc_info=error)
        return f"the check itself failed ({type(error).__name__})"
