"""`/phone`: a page that calls this server from a browser, and the tickets it calls with. Whoever reaches the page may
call, as whoever knows a telephone number may; how often from one address is limited."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from ivr.model.errors import NotThere, TooOften
from ivr.web.allowance import Allowance
from ivr.web.origin import from_our_own_page, network_of

FOLDER = Path(__file__).parent / "static" / "phone"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SAFE = {
    # Nothing from elsewhere is loaded, run or asked, and nobody frames the page to trick callers.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
CALLS_AT_ONCE = 10
SECONDS_PER_CALL = 6.0
"""From one address: ten calls at once (an office behind one address), then one each six seconds."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A number that browsers may call."""

    number: str
    """As in config.yaml; "*" too."""

    name: Mapping[str, str]
    """What callers choose it by, by language."""

    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What can be asked for there, by language."""


Offers = Callable[[], Sequence[Offered]]
Tickets = Callable[[Mapping[str, Any]], str]
"""A signed, short-lived, single-use token that carries these claims."""

IceServers = Callable[[], Sequence[Mapping[str, Any]]]
"""What a browser needs to get through to us, in the form of `RTCIceServer`; may hold credentials for this call only."""


class Wish(BaseModel):
    """Whom to call."""

    number: Annotated[str, Field(max_length=100)]


@dataclass(frozen=True, slots=True)
class File:
    """Read once, so that no path of a request ever reaches the disk."""

    content: bytes
    kind: str
    tag: str

    def answer(self, request: Request) -> Response:
        headers = {**SAFE, "ETag": self.tag}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.kind)


def phone_router(
    offers: Offers,
    tickets: Tickets,
    ice_servers: IceServers = lambda: (),
    clock: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """The page, its files, the numbers it offers, and the ticket for one call."""
    router = APIRouter(prefix="/phone", tags=["phone"])
    files = _files()
    allowance = Allowance(CALLS_AT_ONCE, SECONDS_PER_CALL)

    @router.get("", include_in_schema=False)
    async def page(request: Request) -> Response:
        return files["index.html"].answer(request)

    @router.get("/numbers")
    async def list_numbers(response: Response) -> dict[str, list[dict[str, Any]]]:
        response.headers["Cache-Control"] = "no-store"
        return {"numbers": [_shape(one) for one in offers()]}

    @router.post("/token")
    async def issue(request: Request, response: Response, wish: Wish) -> dict[str, Any]:
        from_our_own_page(request)
        if wish.number not in {one.number for one in offers()}:
            raise NotThere("this number is not offered to browsers; GET /phone/numbers lists those that are")
        wait = allowance.take(network_of(request), clock())
        if wait:
            raise TooOften("too many calls from this address; try again in a moment", wait)
        response.headers["Cache-Control"] = "no-store"
        claims = {"role": "caller", "called": wish.number, "caller": "", "offer": "", "params": {}}
        return {"token": tickets(claims), "ice_servers": [dict(each) for each in ice_servers()]}

    @router.get("/{name}", include_in_schema=False)
    async def file(request: Request, name: str) -> Response:
        if name not in files:
            raise NotThere("there is no such page")
        return files[name].answer(request)

    return router


def _shape(one: Offered) -> dict[str, Any]:
    topics = {language: list(titles) for language, titles in one.topics.items()}
    return {"number": one.number, "name": dict(one.name), "topics": topics}


def _files() -> Mapping[str, File]:
    return {path.name: _file(path) for path in FOLDER.iterdir() if path.suffix in TYPES}


def _file(path: Path) -> File:
    content = path.read_bytes()
    return File(content, TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:16]}"')
