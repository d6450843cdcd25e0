"""A caller on /phone and an agent on /desk, in two real browsers, and what the tests of the desk do with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.peers.chromium import SPEAKING_PAGE, browser
from tests.server.running import CONFIG, Running, eventually, serving

AGENT, SUPERVISOR = "ann", "sue"
SHOWN = 20_000
"""Milliseconds that a machine with much else to do may take to show something."""

GIVEN, OWN = "the one she was given", "a long one of her own"
DESK = (
    CONFIG.replace("no_input_seconds: 1.0", "no_input_seconds: 6.0")
    + "phone: {{public: true}}\n"
    + "webrtc: {{vanished_seconds: 8.0}}\n"
    + "queues: [{{name: general, wrap_up: {{kind: mandatory, seconds: 30.0}}}}]\n"
    + "agents: [{{id: ann, name: Ann, skills: {{'lang:en': 5}}, queues: [general]}}]\n"
    + "survey: {{rotation: [ces]}}\n"
)


@dataclass
class Seen:
    """What both browsers complained of."""

    problems: list[str] = field(default_factory=list)


@dataclass
class Pair:
    """Two browsers, one page each."""

    server: Running
    caller: Any
    desk: Any
    seen: Seen


@contextmanager
def desk_server(folder: Path) -> Iterator[Running]:
    with serving(folder, DESK) as running:
        for name, role in ((AGENT, "agent"), (SUPERVISOR, "supervisor")):
            wish = {"name": name, "role": role, "shown_as": name.title(), "password": GIVEN}
            running.http.post("/api/users", json=wish).raise_for_status()
        yield running


@contextmanager
def pair(server: Running, **desk_context: Any) -> Iterator[Pair]:
    """Both pages in one browser, as two people: no cookie of one is the other's."""
    seen = Seen()
    with browser() as opened:
        wide: dict[str, Any] = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}}
        caller, desk = opened.new_context(**wide).new_page(), opened.new_context(**wide, **desk_context).new_page()
        for page in (caller, desk):
            page.add_init_script(SPEAKING_PAGE)
            page.on("console", lambda message: seen.problems.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: seen.problems.append(str(error)))
        yield Pair(server, caller, desk, seen)


def log_in(page: Any, url: str, password: str = OWN, path: str = "/desk", name: str = AGENT) -> None:
    """Through the log-in page, where they were sent."""
    page.goto(url + path)
    page.wait_for_selector("body[data-ready]")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("#go")
    page.wait_for_selector("main.page, #problem:not(:empty), #fresh-field:not([hidden])", timeout=20_000)
    if page.query_selector("#problem:not(:empty)"):
        log_in_first(page, url, path, name)


def log_in_first(page: Any, url: str, path: str = "/desk", name: str = AGENT) -> None:
    """With the password they were given, which they must change before they see anything."""
    log_in(page, url, GIVEN, path, name)
    page.wait_for_selector("#fresh-field:not([hidden])")
    page.fill("#fresh", OWN)
    page.fill("#again", OWN)
    page.click("#go")


def be_ready(page: Any) -> None:
    page.wait_for_selector("body[data-desk='ready']", timeout=30_000)
    page.wait_for_selector("[data-state]")
    # Whoever opens the desk again soon enough is still what they were.
    if not page.query_selector("[data-state='available'], [data-state='reserved'], [data-state='ringing']"):
        page.click("[data-act='available']")
    page.wait_for_selector("[data-state='available'], [data-state='reserved'], [data-state='ringing']")


def call(page: Any, url: str) -> None:
    page.goto(f"{url}/phone?processing=off")
    page.wait_for_selector("body[data-ready]")
    page.click("#call")


def press_for_a_person(both: Pair) -> None:
    """Until it rings at the desk: zero, and zero again where the assistant asks what it is about."""
    call(both.caller, both.server.url)
    both.caller.wait_for_selector("#log .bot", timeout=SHOWN)
    both.caller.keyboard.press("0")
    both.caller.wait_for_selector("#log .bot >> nth=1", timeout=SHOWN)
    both.caller.keyboard.press("0")
    both.desk.wait_for_selector("[data-act='accept']", timeout=SHOWN)


def write_up_anything(page: Any) -> None:
    page.click(".outcomes button >> nth=0", timeout=SHOWN)
    page.click("[data-act='done']")
    page.wait_for_selector("[data-act='done']", state="detached", timeout=SHOWN)


def agent_of(server: Running) -> dict[str, Any]:
    found: dict[str, Any] = server.http.get(f"/api/agents/{AGENT}").json()
    return found


def in_state(server: Running, state: str, seconds: float = 20.0) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = agent_of(server)
        return found if found["state"] == state else None

    found: dict[str, Any] = eventually(look, f"agent state {state}", seconds)
    return found


def entries(server: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.http.get("/api/queues/general/entries").json()["entries"]
    return found


def ended_calls(server: Running, *but: str) -> list[dict[str, Any]]:
    """The finished ones, but those of these ids."""
    calls: list[dict[str, Any]] = server.http.get("/api/calls").raise_for_status().json()["calls"]
    return [each for each in calls if each["ended_at"] and each["call_id"] not in but]
