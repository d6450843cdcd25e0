"""`/phone`: a page that calls this server from a browser. Its tickets come from `ivr.web.webrtc`."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from ivr.model.errors import NotThere

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


@dataclass(frozen=True, slots=True)
class Offered:
    """A number that browsers may call."""

    number: str
    """As in config.yaml."""

    name: Mapping[str, str]
    """What callers choose it by, by language."""

    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What can be asked for there, by language."""


Offers = Callable[[], Sequence[Offered]]


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


def phone_router(offers: Offers, *, is_open: bool) -> APIRouter:
    """The page, its files, and whom it may call.

    Args:
        is_open: anybody gets a ticket by asking; else the page needs one in its address (`/phone#token=…`).
    """
    router = APIRouter(prefix="/phone", tags=["phone"])
    files = _files()

    @router.get("", include_in_schema=False)
    async def page(request: Request) -> Response:
        return files["index.html"].answer(request)

    @router.get("/numbers")
    async def list_numbers(response: Response) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        return {"is_open": is_open, "numbers": [_shape(one) for one in offers()]}

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
