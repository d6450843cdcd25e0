"""Which requests reach NiceGUI: its pages and files for anybody who asks, its live connection only for who is logged
in and comes from a page of ours."""

from collections.abc import Collection
from pathlib import Path

import structlog
from fastapi import FastAPI, Request
from nicegui import core, ui
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivr.model.errors import NotAllowed
from ivr.web.origin import from_our_own_page
from ivr.web.problems import NotFromHere, status_of
from ivr.web.security import Door

SOCKET, FILES = "/_nicegui_ws/", "/_nicegui/"
SAFE = {
    # NiceGUI compiles its templates in the browser and writes styles and an import map into the page.
    "content-security-policy": "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}

ICON = Path(__file__).parent / "static" / "icon.svg"

log = structlog.get_logger(__name__)


class ConsoleMount(Mount):
    """NiceGUI under `/`, but only what is its own: every other unknown path gets our own answer."""

    def __init__(self, app: ASGIApp, door: Door, paths: Collection[str]) -> None:
        super().__init__("/", app)
        self._door, self._paths, self._inner = door, frozenset([*paths, "/favicon.ico"]), app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if path in self._paths or path.startswith((SOCKET, FILES)):
            return super().matches(scope)
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(SOCKET):
            try:
                await self._check_socket(scope)
            except NotAllowed as error:
                log.warning("console_socket_refused", code=error.code)
                await _refuse(scope, send, status_of(error))
                return
            await self._inner(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._inner(scope, receive, _with_headers(send))
        except RuntimeError as error:
            # Starlette's own words for a browser that went on before it had got the file; nothing of ours failed.
            if str(error) != "No response returned.":
                raise
            log.info("console_visitor_went_on")

    async def _check_socket(self, scope: Scope) -> None:
        """
        Raises:
            NotAllowed: a page of somebody else, or nobody is logged in.
        """
        request = Request({**scope, "type": "http", "method": "GET"})
        if scope["type"] == "websocket" and "origin" not in request.headers:
            raise NotFromHere("browsers say where a page comes from; this one does not")
        from_our_own_page(request, self._door.public_host)
        await self._door.person(request)


def mount(app: FastAPI, door: Door, paths: Collection[str]) -> None:
    """Serve NiceGUI's pages under `paths` beside the routes that `app` has already. Once for each application; where
    one program builds several, NiceGUI's pages belong to the last."""
    # It refuses new middleware after it has served; ours is the same for every application of a program.
    core.app.middleware_stack = None
    core.app.user_middleware.clear()
    ui.run_with(app, mount_path="/", title="IVR", show_welcome_message=False, reconnect_timeout=5.0, favicon=ICON)
    app.router.routes.pop()
    app.router.routes.append(ConsoleMount(core.app, door, paths))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(name.encode(), value.encode()) for name, value in SAFE.items()]
            if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})
