"""HTTP requests of a flow to the company's own systems. Whatever happens comes back as one `Fetched`."""

import asyncio

import httpx
import structlog

from ivr.model.commands import Fetch
from ivr.model.events import Fetched

log = structlog.get_logger(__name__)

RETRY_PAUSE_SECONDS = 0.2
WORTH_ANOTHER_TRY = {429, 502, 503, 504}
LARGEST_BODY = 1_000_000
"""Bytes; a flow uses a few fields, anything larger is a mistake of the other side."""


class HttpFetcher:
    """One client for all calls: connections are kept open, so that a lookup costs one round trip."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(
            follow_redirects=False, limits=httpx.Limits(max_connections=200, max_keepalive_connections=50)
        )

    async def fetch(self, request: Fetch) -> Fetched:
        """Try `1 + retries` times within `timeout_seconds` each; a request that changes something is only tried
        again if it carries an idempotency key."""
        may_repeat = request.method in ("GET", "HEAD") or bool(request.idempotency_key)
        tries = 1 + (request.retries if may_repeat else 0)
        answer = Fetched(request.name, ok=False, error="refused")
        for number in range(tries):
            if number:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
            answer = await self._once(request)
            if answer.ok or (answer.status and answer.status not in WORTH_ANOTHER_TRY):
                break
        if not answer.ok:
            log.warning("fetch failed", name=request.name, status=answer.status, error=answer.error)
        return answer

    async def close(self) -> None:
        await self._client.aclose()

    async def _once(self, request: Fetch) -> Fetched:
        headers = dict(request.headers)
        if request.idempotency_key:
            headers["Idempotency-Key"] = request.idempotency_key
        try:
            response = await self._client.request(
                request.method,
                request.url,
                json=request.body,
                headers=headers,
                timeout=request.timeout_seconds,
            )
        except httpx.TimeoutException:
            return Fetched(request.name, ok=False, error="timeout")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Fetched(request.name, ok=False, error="refused")
        return _read(request.name, response)

    async def __aenter__(self) -> "HttpFetcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _read(name: str, response: httpx.Response) -> Fetched:
    status = response.status_code
    if len(response.content) > LARGEST_BODY:
        return Fetched(name, ok=False, status=status, error="too_large")
    try:
        body = response.json() if response.content else None
    except ValueError:
        return Fetched(name, ok=False, status=status, error="not_json")
    return Fetched(
        name, ok=response.is_success, status=status, body=body, error="" if response.is_success else "status"
    )
