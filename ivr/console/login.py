"""`/login`: the page where people of the house log in, and change a password that somebody else gave them.

A plain page without NiceGUI: its live connection is only for who is logged in. It uses `/api/session`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request, Response

from ivr.model.errors import NotThere
from ivr.web.phone import TYPES, File

FOLDER = Path(__file__).parent / "static"


def login_router() -> APIRouter:
    """The page and the files of the whole console: styles, scripts."""
    router = APIRouter(prefix="/login", include_in_schema=False)
    files = _files()

    @router.get("")
    async def page(request: Request) -> Response:
        return files["login.html"].answer(request)

    @router.get("/{name}")
    async def file(request: Request, name: str) -> Response:
        if name not in files:
            raise NotThere("there is no such page")
        return files[name].answer(request)

    return router


def _files() -> Mapping[str, File]:
    """Read once, so that no path of a request ever reaches the disk."""
    found = {}
    for path in FOLDER.iterdir():
        if path.suffix in TYPES:
            content = path.read_bytes()
            found[path.name] = File(content, TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return found
