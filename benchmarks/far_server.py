"""The server under a load test: one of our own, started on a free port with a database of its own, or one that runs
already; its processor time and memory; and what it remembers of the calls."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
import yaml

from benchmarks.callers import Where

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = "https://benchmark.example.test"
READY_SECONDS = 180.0
SETTLE_SECONDS = 15.0
"""For the records of the last calls to be written."""


@dataclass(frozen=True, slots=True)
class Server:
    where: Where
    api_key: str
    pid: int | None
    """Of the server, where its processor time can be measured."""


@contextmanager
def started(config: Path, called: str, most_calls: int, folder: Path) -> Iterator[Server]:
    """`ivr serve` in a process of its own until the block is left; its log is `folder/server.log`."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    secret = {name: secrets.token_hex(16) for name in ("account", "token", "key")}
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "IVR_CONFIG": str(_own_config(config, folder, port, most_calls)),
        "IVR_PUBLIC_URL": PUBLIC,
        "IVR_API_KEY": secret["key"],
        "TWILIO_ACCOUNT_SID": f"AC{secret['account']}",
        "TWILIO_AUTH_TOKEN": secret["token"],
    }
    environment.pop("IVR_DATABASE_URL", None)
    command = [sys.executable, "-c", "from ivr.cli import app; app()", "serve", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _until_ready(base, process, folder / "server.log")
            where = Where(base, PUBLIC, f"AC{secret['account']}", secret["token"], called)
            yield Server(where, secret["key"], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def running(base: str, called: str, pid: int | None) -> Server:
    """A server that runs already, with the environment it was started with."""
    names = ("IVR_PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "IVR_API_KEY")
    if missing := [name for name in names if not os.environ.get(name)]:
        raise SystemExit(f"--base needs the environment of that server: {', '.join(missing)}")
    public, account, token, key = (os.environ[name] for name in names)
    return Server(Where(base, public, account, token, called), key, pid)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _own_config(config: Path, folder: Path, port: int, most_calls: int) -> Path:
    """The given config with its own port, database and recordings, and room for all callers."""
    settings: dict[str, Any] = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    beside = config.resolve().parent
    changes: dict[str, dict[str, Any]] = {
        "server": {"host": "127.0.0.1", "port": port, "max_calls": most_calls, "examples": True},
        "store": {"path": str(folder / "ivr.db")},
        "recording": {"folder": str(folder / "recordings")},
        "flows": {"folder": str(beside / settings.get("flows", {}).get("folder", "flows"))},
        "hearing": {"models": str(beside / settings.get("hearing", {}).get("models", "var/models"))},
        "speaking": {"cache": str(beside / settings.get("speaking", {}).get("cache", "var/prompts"))},
        "dial_plan": {"most_calls_at_once": most_calls},
        "logging": {"level": "warning"},
        "facts": {"bank_url": f"http://127.0.0.1:{port}/example/bank"},
    }
    for section, values in changes.items():
        settings[section] = {**(settings.get(section) or {}), **values}
    own = folder / "config.yaml"
    own.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return own


def _until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = monotonic() + READY_SECONDS
    while monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            if httpx.get(f"{base}/readyz", timeout=5.0).status_code == 200:
                return
        except httpx.TransportError:
            pass
        sleep(0.3)
    raise SystemExit(f"the server was not ready within {READY_SECONDS:.0f} s; see {log}")


@dataclass(slots=True)
class Usage:
    """Of the server's process and its children, and of the whole machine, while it was measured."""

    cores: float = 0.0
    """Processor seconds per second."""

    rss_mb: float = 0.0
    machine_busy: float = 0.0
    """Share of all cores in use by anybody, 0 to 1."""


@dataclass(slots=True)
class Meter:
    """Measures while a test runs, in a thread: the test itself waits for its processes."""

    pid: int | None
    usage: Usage = field(default_factory=Usage)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self, measure_from: float, until: float) -> None:
        self._thread = threading.Thread(target=self._measure, args=(measure_from, until), daemon=True)
        self._thread.start()

    def end(self) -> Usage:
        self._stop.set()
        if self._thread:
            self._thread.join()
        return self.usage

    def _measure(self, measure_from: float, until: float) -> None:
        if self._stop.wait(max(0.0, measure_from - monotonic())):
            return
        psutil.cpu_percent()
        began, used = monotonic(), self._used()
        while not self._stop.wait(min(1.0, max(0.0, until - monotonic()))) and monotonic() < until:
            self.usage.rss_mb = max(self.usage.rss_mb, self._rss_mb())
        self.usage.cores = (self._used() - used) / max(monotonic() - began, 0.001)
        self.usage.machine_busy = psutil.cpu_percent() / 100

    def _tree(self) -> list[psutil.Process]:
        if self.pid is None:
            return []
        try:
            server = psutil.Process(self.pid)
            return [server, *server.children(recursive=True)]
        except psutil.Error:
            return []

    def _used(self) -> float:
        total = 0.0
        for process in self._tree():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        return total

    def _rss_mb(self) -> float:
        total = 0
        for process in self._tree():
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        return total / 1e6


def records(server: Server, call_sids: Sequence[str], since: str) -> list[Mapping[str, Any]]:
    """What the server remembers of these calls, ended or not, after waiting a moment for the last to end.

    Args:
        since: ISO time with zone; calls before it are not looked at.
    """
    wanted = set(call_sids)
    headers = {"Authorization": f"Bearer {server.api_key}"}
    until = monotonic() + SETTLE_SECONDS
    with httpx.Client(base_url=server.where.base, headers=headers, timeout=30.0) as client:
        while True:
            found = [call for brief in _listed(client, since) if (call := _whole(client, brief, wanted))]
            if len(found) == len(wanted) and all(call["ended_at"] for call in found) or monotonic() > until:
                return found
            sleep(1.0)


def _listed(client: httpx.Client, since: str) -> Iterator[Mapping[str, Any]]:
    cursor = ""
    while True:
        answer = client.get("/api/calls", params={"since": since, "limit": 500, "cursor": cursor})
        answer.raise_for_status()
        page = answer.json()
        yield from page["calls"]
        cursor = page.get("next") or ""
        if not cursor:
            return


def _whole(client: httpx.Client, brief: Mapping[str, Any], wanted: set[str]) -> Mapping[str, Any] | None:
    answer = client.get(f"/api/calls/{brief['call_id']}")
    if answer.status_code != 200:
        return None
    call: dict[str, Any] = answer.json()
    return call if wanted & set(call.get("provider_ids", {}).values()) else None
