"""How long each page of the console takes in a browser, on a database with a month of calls.

`python -m benchmarks.console_pages --url sqlite` makes the month in a file of its own, starts the server on it and
opens each page in Chromium a number of times; `--url postgresql` does the same on a server of PostgreSQL of its own.
Any other `--url` names a database that has a history already; somebody is added to its people meanwhile.

A page is ready when nothing turns any more and what it says has stayed the same for a while (digits aside: clocks go
on); the time is that of the last change. `page` is the answer to the first request, `ready` the whole. Two names of a
page with a plus between are a choice made on it, and what follows is timed from the choice. The server's CPU is what
its program worked for one look, what it does beside included.
"""

import argparse
import secrets
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.figures import spread, table
from benchmarks.reports import a_database, generate
from tests.peers.chromium import browser
from tests.server.running import CONFIG, ROOT, Running, serving

SETTINGS = """
campaigns: {{enabled: true, folder: {root}/campaigns}}
"""
PAGES = (
    "", "/calls", "/queues", "/flows",
    "/flow?name=bank/hotline", "/satisfaction", "/satisfaction + Last 30 days", "/insight", "/insight + Last 30 days",
    "/insight?tab=reasons", "/insight?tab=topics", "/trainer", "/trainer?tab=audit", "/recovery", "/campaigns",
    "/messages", "/users", "/audit",
)  # fmt: skip
QUIET_SECONDS = 1.5
"""A page that has not changed for so long is ready."""

MOST_SECONDS = 20.0
LOOK = """() => [document.querySelectorAll('.q-spinner, .q-skeleton, [aria-busy=true]').length,
  document.querySelectorAll('#main *').length, document.body.innerText.replace(/[0-9]/g, '0')].join(' ')"""


def settled(page: Any, begun: float) -> float:
    """Seconds from `begun` to the last change of the page."""
    last, at = "", begun
    while time.monotonic() < begun + MOST_SECONDS:
        seen = page.evaluate(LOOK)
        now = time.monotonic()
        if seen != last or not seen.startswith("0 "):
            last, at = seen, now
        elif now - at > QUIET_SECONDS:
            break
        page.wait_for_timeout(15)
    return at - begun


def timed(page: Any, url: str, wanted: str) -> tuple[float, float]:
    """Seconds to the page's first answer, and until it was ready."""
    path, _, choice = wanted.partition(" + ")
    begun = time.monotonic()
    answer = page.goto(f"{url}/console{path}", wait_until="commit")
    first = time.monotonic() - begun
    assert answer is not None
    assert answer.status == 200, f"{wanted}: {answer.status}"
    page.wait_for_selector("#main", timeout=MOST_SECONDS * 1000)
    ready = settled(page, begun)
    if choice:
        page.click(".q-select >> nth=0")
        begun = time.monotonic()
        page.click(f".q-menu .q-item >> text={choice}")
        page.wait_for_selector(f".q-select >> text={choice}")
        first, ready = 0.0, settled(page, begun)
    return first, ready


def logged_in(page: Any, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login?next=/console")
    page.wait_for_selector("body[data-ready]")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("#go")
    page.wait_for_url("**/console")
    page.wait_for_selector("#main")


def somebody(server: Running) -> tuple[str, str]:
    """An administrator for the time of the benchmark: name and password, which is their own."""
    name, first, own = f"benchmark-{secrets.token_hex(3)}", secrets.token_hex(12), secrets.token_hex(12)
    wish = {"name": name, "role": "admin", "password": first}
    server.http.post("/api/users", json=wish).raise_for_status()
    with httpx.Client(base_url=server.url) as person:
        opened = person.post("/api/session", json={"name": name, "password": first}).raise_for_status()
        shown = {"X-CSRF-Token": opened.json()["csrf"], "Cookie": opened.headers["set-cookie"].partition(";")[0]}
        new = {"old": first, "new": own}
        person.post("/api/session/password", json=new, headers=shown).raise_for_status()
    return name, own


def measure(server: Running, times: int, only: str, pictures: Path | None) -> list[tuple[str, ...]]:
    name, password = somebody(server)
    call = server.http.get("/api/calls", params={"limit": 1}).raise_for_status().json()["calls"][0]["call_id"]
    rows = []
    try:
        with browser() as opened:
            page = opened.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
            logged_in(page, server.url, name, password)
            for wanted in (*PAGES, f"/call?id={call}"):
                if only not in wanted:
                    continue
                name_of_page = wanted.partition("?id")[0] or "/"
                rows.append(_row(name_of_page, partial(timed, page, server.url, wanted), times, server.program.pid))
                if pictures:
                    kept = "".join(letter if letter.isalnum() else "_" for letter in f"console{wanted[:30]}")
                    page.screenshot(path=pictures / f"{kept}.png")
    finally:
        server.http.delete(f"/api/users/{name}")
    return rows


def _row(name: str, once: Callable[[], tuple[float, float]], times: int, server: int) -> tuple[str, ...]:
    once()
    before = _cpu_seconds(server)
    found = [once() for _ in range(times)]
    worked = (_cpu_seconds(server) - before) / times
    first, ready = (spread(one) for one in zip(*found, strict=True))
    seconds = (first.p50, first.p95, ready.p50, ready.p95, worked)
    row = (name, *(f"{(one or 0) * 1000:.0f}" for one in seconds))
    print(f"{row[0]:40} {' '.join(one.rjust(7) for one in row[1:])}", flush=True)
    return row


def _cpu_seconds(program: int) -> float:
    used = psutil.Process(program).cpu_times()
    return float(used.user + used.system)


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--calls", type=int, default=200_000)
    reading.add_argument("--url", default="sqlite", help="sqlite, postgresql, or the URL of a history that is there")
    reading.add_argument("--times", type=int, default=10)
    reading.add_argument("--only", default="", help="pages whose address holds this")
    reading.add_argument("--pictures", type=Path, default=None, help="a folder for a picture of each page")
    wanted = reading.parse_args()
    with a_database(wanted.url) as url, tempfile.TemporaryDirectory(prefix="ivr-pages-") as folder:
        if wanted.url in ("sqlite", "postgresql"):
            generate(url, wanted.calls)
        if wanted.pictures:
            wanted.pictures.mkdir(parents=True, exist_ok=True)
        told = {"IVR_DATABASE_URL": url, "IVR_PUBLIC_URL": ""}
        with serving(Path(folder), CONFIG.replace("{root}", str(ROOT)) + SETTINGS, **told) as server:
            rows = measure(server, wanted.times, wanted.only, wanted.pictures)
    print()
    print(table(("page, milliseconds", "page p50", "page p95", "ready p50", "ready p95", "server's CPU"), rows))


if __name__ == "__main__":
    main()
