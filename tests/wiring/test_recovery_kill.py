"""Killed while it tells of an overdue case, the program goes on at its next start: told, escalated once, still held."""

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ivr.store.audit import AuditFilter
from ivr.store.calls import open_store
from ivr.store.engine import sqlite_url
from ivr.store.erasure import Wanted

ROOT = Path(__file__).parents[2]
LONGEST = 60.0
CALLER = "+8613800000001"


class Told(BaseHTTPRequestHandler):
    """Whom escalations are told: the first who asks never gets an answer."""

    def do_POST(self) -> None:  # noqa: N802 - http.server asks for it
        told: queue.Queue[dict[str, Any]] = self.server.told  # type: ignore[attr-defined]
        over: threading.Event = self.server.over  # type: ignore[attr-defined]
        is_first = self.server.is_first  # type: ignore[attr-defined]
        self.server.is_first = False  # type: ignore[attr-defined]
        told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if is_first:
            over.wait(LONGEST)
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Not on the terminal."""


@contextmanager
def listening() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.told, server.over, server.is_first = queue.Queue(), threading.Event(), True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def running(folder: Path, webhook: str, which: str) -> Iterator[subprocess.Popen[bytes]]:
    """Until the block ends, and then killed without warning."""
    command = [sys.executable, "-m", "tests.wiring.escalating_program", str(folder), webhook, which]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            os.kill(program.pid, signal.SIGKILL)
            program.wait(10)


@pytest.mark.timeout(150)
def test_an_escalation_that_a_kill_interrupts_is_told_after_the_next_start_and_the_hold_still_holds(
    tmp_path: Path,
) -> None:
    with listening() as server:
        webhook, told = f"http://127.0.0.1:{server.server_address[1]}/cases", server.told  # type: ignore[attr-defined]
        with running(tmp_path, webhook, "first"):
            first = told.get(timeout=LONGEST)
        with running(tmp_path, webhook, "again"):
            second = told.get(timeout=LONGEST)
    assert (second["case_id"], second["event"], second["escalations"]) == ("r-c1", "recovery_case_escalated", 1)
    assert first == second
    assert CALLER not in json.dumps(second)

    async def left() -> None:
        async with open_store(sqlite_url(tmp_path / "ivr.db")) as store:
            case = await store.cases.case("r-c1")
            assert (case.escalations, case.owner, case.state, case.customer) == (1, "eve", "open", CALLER)
            assert len(await store.audit.page(AuditFilter(action="recovery_case.escalate"))) == 1
            eraser = store.erasures(tmp_path, "secret")
            kept = (await eraser.erase(Wanted(CALLER, "they asked", "root")))["kept"]
            assert [(next(iter(one)), one["reason"]) for one in kept] == [
                ("call_id", "the complaint is open"), ("recovery_case", "the complaint is open"),
            ]  # fmt: skip
            assert (await store.archive.call("c1")).caller == CALLER
            await store.holds.lift("c1", "root")
            assert (await eraser.erase(Wanted(CALLER, "they asked", "root")))["erased"]["recovery_cases"] == 1
            assert (await store.audit.verify()).broken is None

    asyncio.run(left())
