"""The frame round every page of the console: who may see it, navigation, language, colours, and the states a page can
be in. A page registers with `Frame.page`, in wiring, before `Frame.serve`."""

import json
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass, field
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, ui
from nicegui.language import Language

from ivr.console.gate import mount
from ivr.console.words import Say, Words, preferred, speaker
from ivr.model.errors import IvrError
from ivr.model.roles import MAY, Permission
from ivr.store.accounts import User
from ivr.web.origin import address_of
from ivr.web.problems import LoginNeeded, PasswordStale
from ivr.web.security import Door, Reader

LANGUAGE_COOKIE, THEME_COOKIE = "ivr_language", "ivr_theme"
YEAR_SECONDS = 31_536_000
SESSION_LOOK_SECONDS = 30.0
"""How soon a page notices that its visitor was logged out elsewhere."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page."""

    user: User
    request: Request
    language: str
    """en or zh."""

    say: Say
    """Looks in the words of the page, then in those of the frame."""

    @property
    def reader(self) -> Reader:
        """For the audit of what they are shown (`ivr.web.security.note_look`)."""
        return Reader(self.user.name, address_of(self.request), self.user.role, is_person=True)

    def may(self, permission: Permission) -> bool:
        return self.user.role in MAY[permission]


Build = Callable[[Visitor], Awaitable[None]]
"""Puts a page together inside the frame."""


@dataclass(frozen=True, slots=True)
class Place:
    """One page, as the navigation shows it."""

    path: str
    """`/desk`; may not hold parameters, use the query."""

    title: tuple[str, str]
    """English, Chinese."""

    icon: str
    """Name of a Material icon."""

    permission: Permission
    words: Words = field(default_factory=dict)
    in_navigation: bool = True
    under: str = ""
    """Path of the page that the navigation shows as the current one, for pages that are not in it."""


class Frame:
    """One for each application."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._places: list[Place] = []

    def page(self, place: Place) -> Callable[[Build], Build]:
        """Register a page; the navigation keeps the order of registration."""

        def register(build: Build) -> Build:
            self._places.append(place)

            @ui.page(place.path, title=place.title[0], response_timeout=10.0)
            async def show(request: Request, client: Client) -> Response | None:
                return await self._show(place, build, request, client)

            return build

        return register

    def serve(self, app: FastAPI) -> None:
        """Mount all registered pages into `app`, which has its own routes already."""
        mount(app, self._door, [place.path for place in self._places])

    async def _show(self, place: Place, build: Build, request: Request, client: Client) -> Response | None:
        try:
            user = await self._door.person(request)
        except (LoginNeeded, PasswordStale) as error:
            stale = "change=1&" if isinstance(error, PasswordStale) else ""
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?{stale}next={quote(here, safe='')}", 303)
        language = preferred(request.cookies.get(LANGUAGE_COOKIE, ""), request.headers.get("accept-language", ""))
        visitor = Visitor(user, request, language, speaker(language, place.words))
        client.page = copy(client.page)
        # Of the parts that come with NiceGUI: the foot of tables, messages of the connection.
        client.page.language = PARTS_LANGUAGES[language]
        client.title = f"{place.title[language == 'zh']} · {visitor.say('brand')}"
        self._dress(visitor)
        self._layout(visitor, place)
        with ui.element("main").classes("page").props('id="main" tabindex="-1"'):
            if not visitor.may(place.permission):
                log.warning("page_refused", path=place.path, who=user.name, role=user.role)
                role = visitor.say(user.role)
                told("lock", visitor.say("not_yours"), visitor.say("not_yours_remedy", role=role))
                return None
            try:
                await build(visitor)
            except IvrError as error:
                log.warning("page_failed", path=place.path, code=error.code)
                failed(visitor)
        return None

    def _dress(self, visitor: Visitor) -> None:
        theme = visitor.request.cookies.get(THEME_COOKIE, "auto")
        ui.add_head_html('<link rel="stylesheet" href="/login/console.css">')
        lost = json.dumps([visitor.say("connection_lost"), visitor.say("connecting_again")])
        ui.add_head_html(f"<script>{SAY_LOST}({lost})</script>")
        ui.dark_mode({"dark": True, "light": False}.get(theme))
        ui.colors(primary="#0f766e", secondary="#52635e", accent="#5b3fb4", positive="#15803d", negative="#c02626")
        ui.timer(SESSION_LOOK_SECONDS, lambda: self._still_here(visitor))

    def _layout(self, visitor: Visitor, here: Place) -> None:
        say, row = visitor.say, int(visitor.language == "zh")
        ui.html(f'<a class="skip" href="#main">{say("skip")}</a>', sanitize=False)
        with ui.element("header").classes("bar"):
            ui.icon("support_agent").classes("logo").props('aria-hidden="true"')
            ui.label(say("brand")).classes("brand")
            ui.label(visitor.user.shown_as or visitor.user.name).classes("who").props(
                f'title="{say("you", name=visitor.user.name, role=say(visitor.user.role))}"'
            )
            _quiet(say("other_language"), say("other_language_title"), _set(LANGUAGE_COOKIE, ("zh", "en")[row]))
            _quiet("", say("theme"), TOGGLE_THEME, icon="contrast")
            _quiet("", say("log_out"), LOG_OUT, icon="logout")
        shown = [one for one in self._places if one.in_navigation and visitor.may(one.permission)]
        with ui.element("nav").classes("places").props(f'aria-label="{say("navigation")}"'):
            for place in shown:
                current = ' aria-current="page"' if place.path == (here.under or here.path) else ""
                with ui.element("a").props(f'href="{place.path}"{current}'):
                    ui.icon(place.icon).props('aria-hidden="true"')
                    ui.label(place.title[row])

    async def _still_here(self, visitor: Visitor) -> None:
        """The cookie is only known to the request; the session may have ended since."""
        try:
            await self._door.person(visitor.request)
        except (LoginNeeded, PasswordStale):
            ui.navigate.to("/login")
        except IvrError as error:
            log.warning("a session could not be looked up", code=error.code)


PARTS_LANGUAGES: dict[str, Language] = {"en": "en-US", "zh": "zh-CN"}

SAY_LOST = """((words) => addEventListener("DOMContentLoaded", () => {
  document.getElementById("popup")?.setAttribute("role", "alert");
  document.querySelectorAll("#popup > span").forEach((line, at) => { line.textContent = words[at] ?? ""; });
}))"""
"""NiceGUI's own words, in the language of the visitor rather than of the server."""

TOGGLE_THEME = f"""() => {{
  const isDark = !document.body.classList.contains("body--dark");
  document.cookie = "{THEME_COOKIE}=" + (isDark ? "dark" : "light") + "; path=/; max-age={YEAR_SECONDS}; samesite=lax";
  Quasar.Dark.set(isDark);
}}"""

LOG_OUT = """async () => {
  const me = await fetch("/api/session", {cache: "no-store"}).then((answer) => answer.ok ? answer.json() : null);
  if (me) await fetch("/api/session", {method: "DELETE", headers: {"X-CSRF-Token": me.csrf}});
  location.href = "/login";
}"""


def told(icon: str, what: str, remedy: str = "") -> None:
    """An empty state or a trouble, in the middle of its place: what is so, and what can be done."""
    with ui.element("div").classes("told").props('role="status"'):
        ui.icon(icon).props('aria-hidden="true"')
        ui.label(what).classes("what")
        if remedy:
            ui.label(remedy).classes("remedy")


def failed(visitor: Visitor) -> None:
    """Something of ours did not answer."""
    with ui.element("div").props('role="alert"'):
        told("cloud_off", visitor.say("failed"), visitor.say("failed_remedy"))
        ui.button(visitor.say("reload"), on_click=ui.navigate.reload).props("outline no-caps").classes("middle")


def loading(visitor: Visitor) -> ui.element:
    """Shown until the page deletes or clears it."""
    with ui.element("div").classes("told").props('role="status" aria-live="polite"') as shown:
        ui.spinner(size="2rem")
        ui.label(visitor.say("loading")).classes("remedy")
    return shown


def _quiet(text: str, title: str, on_click: str, icon: str = "") -> None:
    button = ui.button(text, icon=icon or None, color=None).props(f'flat no-caps title="{title}" aria-label="{title}"')
    button.classes("quiet").on("click", js_handler=on_click)


def _set(cookie: str, value: str) -> str:
    kept = f"{cookie}={value}; path=/; max-age={YEAR_SECONDS}; samesite=lax"
    return f'() => {{ document.cookie = "{kept}"; location.reload(); }}'
